"""Subcommands of `iosemu` that write files: a lab of one's own, inventories for tools."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from iosemu.lab import creating, labfile, resources
from iosemu.lab.inventory import FORMATS, Entry
from iosemu.lab.labfile import BASE_PORT
from iosemu.lab.marked import LabError
from iosemu.lab.state import running

app = typer.Typer(no_args_is_help=True)


class Format(StrEnum):
    """Tools that inventories are written for."""

    NETMIKO = "netmiko"
    NORNIR = "nornir"
    ANSIBLE = "ansible"
    SSH_CONFIG = "ssh-config"
    PYATS = "pyats"


@app.command(
    epilog="Examples: [bold]iosemu new my-vpn --from ipsec-vpn[/] · "
    "[bold]iosemu new branch --from my/lab.yaml --dir labs[/]"
)
def new(
    name: Annotated[str, typer.Argument(help="Name of the new lab, and of its folder.")],
    origin: Annotated[
        str, typer.Option("--from", metavar="LAB", help="A lab that comes along, or a lab file.")
    ],
    parent: Annotated[Path, typer.Option("--dir", help="Where to make the folder.")] = Path(),
) -> None:
    """Begin a lab of your own from another one: its lab file and configurations, to be changed."""
    path = creating.create(name, origin, parent)
    typer.echo(f"{path} is yours to change; start it with: iosemu up {path.parent}")


@app.command(
    epilog="Examples: [bold]iosemu inventory --format ansible > hosts.yaml[/] · "
    "[bold]iosemu inventory ipsec-vpn --format ssh-config -o ~/.ssh/config.d/lab[/]"
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
    text = FORMATS[form.value](entries(lab, base_port))
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8")


def variables(pairs: Iterable[str]) -> dict[str, Any]:
    """Variables from texts such as `sites=3`, read as YAML; raises LabError for a text without `=`."""
    found: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.isidentifier():
            raise LabError(f"--set {pair}: write NAME=VALUE, such as --set sites=3")
        try:
            found[name] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise LabError(f"--set {pair}: the value is no YAML") from error
    return found


def entries(lab: str | None, base_port: int | None = None) -> list[Entry]:
    """The devices of a lab at the ports where it runs, or would run.

    Raises LabError when no lab is meant, or there is none of that name.
    """
    live = running()
    found = [each for each in live if lab is None or each.name == lab]
    if base_port is None and len(found) == 1:
        return [
            Entry(name, port, resources.model(found[0].models[name]).kind, found[0].models[name])
            for name, port in found[0].devices.items()
        ]
    if lab is None:
        known = ", ".join(each.name for each in live) or "none"
        raise LabError(f"say which lab, such as: iosemu inventory ipsec-vpn; running: {known}")
    topology = labfile.read(labfile.find(lab))
    return [
        Entry(
            name,
            topology.ports[name] - BASE_PORT + (base_port or BASE_PORT),
            resources.model(node.model).kind,
            node.model,
        )
        for name, node in topology.lab.nodes.items()
    ]
