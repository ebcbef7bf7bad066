"""The `iosemu` command with all its subcommands."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from typing import Annotated

import typer

from iosemu.lab import cli
from iosemu.lab.commands import capture, console, graph, inventory, labs, new, web

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,  # Rich's help costs 0.2 s of CPU; plain help says the same
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    help="A Cisco lab in one process: IOS shells over SSH, a simulated network with real IPsec behind them.",
    epilog="Start here: `iosemu up ipsec-vpn`, then in another terminal `iosemu ssh R-A` "
    "(user admin, password admin).",
)


def _version(wanted: bool) -> None:
    if wanted:
        cli.version()
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of iosemu itself."""


@cache
def application() -> typer.Typer:
    """The command with its subcommands, those of other rooms and plug-ins by their entry points."""
    for module in (labs, web, capture, graph, console, new, inventory):
        app.add_typer(module.app)
    for point in entry_points(group="iosemu.commands"):
        app.add_typer(point.load())
    return app
