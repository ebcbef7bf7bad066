"""`iosemu inventory`: the devices of a lab as an automation tool wants them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)


class Format(StrEnum):
    """Tools that inventories are written for."""

    NETMIKO = "netmiko"
    NORNIR = "nornir"
    ANSIBLE = "ansible"
    SSH_CONFIG = "ssh-config"
    PYATS = "pyats"


@app.command(
    epilog="Examples: `iosemu inventory --format ansible > hosts.yaml` · "
    "`iosemu inventory ipsec-vpn --format ssh-config -o ~/.ssh/config.d/lab`"
)
def inventory(
    lab: Annotated[
        str | None,
        typer.Argument(metavar="LAB", help="A lab or lab file; one that is running may be left out."),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="For which tool.")] = Format.NETMIKO,
    base_port: Annotated[
        int | None, typer.Option(min=1, max=65000, help="The ports as `iosemu up` will open them with this.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where to write (default: here).")
    ] = None,
) -> None:
    """List the devices of a lab for an automation tool: where they are and how to log in."""
    import sys

    from iosemu.lab.inventory import FORMATS, entries

    text = FORMATS[form.value](entries(lab, base_port))
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8")
