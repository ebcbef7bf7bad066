"""`iosemu graph`: a lab's topology as SVG, Mermaid or text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)


@app.command(epilog="Examples: `iosemu graph ipsec-vpn -w vpn.svg` · `iosemu graph my/lab.yaml --mermaid`")
def graph(
    lab: Annotated[str, typer.Argument(metavar="LAB", help="A lab that comes along, or a lab file.")],
    write: Annotated[
        Path | None,
        typer.Option(
            "-w", "--write", metavar="FILE", help="Where to: .svg, .mmd or .md (default: standard output)."
        ),
    ] = None,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Mermaid text instead of SVG.")] = False,
    text: Annotated[bool, typer.Option("--text", help="Box characters instead of SVG.")] = False,
) -> None:
    """Draw a lab's topology with addresses and port names, as SVG or Mermaid."""
    import sys

    from iosemu.lab.drawing import Drawing
    from iosemu.lab.lab import Lab

    built = Lab.load(lab, seed=0)
    built.boot(settle=1)
    drawing = Drawing(built)
    suffix = write.suffix.lower() if write is not None else ""
    if text:
        lines = drawing.text()
    elif mermaid or suffix in (".mmd", ".md"):
        lines = drawing.mermaid()
        if suffix == ".md":
            lines = ["```mermaid", *lines, "```"]
    else:
        lines = drawing.svg()
    content = "\n".join(lines) + "\n"
    if write is None:
        sys.stdout.write(content)
    else:
        write.write_text(content, encoding="utf-8")
