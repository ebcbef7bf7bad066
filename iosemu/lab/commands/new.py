"""`iosemu new`: a lab of one's own, begun from another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)


@app.command(
    epilog="Examples: `iosemu new my-vpn --from ipsec-vpn` · "
    "`iosemu new branch --from my/lab.yaml --dir labs`"
)
def new(
    name: Annotated[str, typer.Argument(help="Name of the new lab, and of its folder.")],
    origin: Annotated[
        str, typer.Option("--from", metavar="LAB", help="A lab that comes along, or a lab file.")
    ],
    parent: Annotated[Path, typer.Option("--dir", help="Where to make the folder.")] = Path(),
) -> None:
    """Begin a lab of your own from another one: its lab file and configurations, to be changed."""
    from iosemu.lab import scaffold

    path = scaffold.create(name, origin, parent)
    typer.echo(f"{path} is yours to change; start it with: iosemu up {path.parent}")
