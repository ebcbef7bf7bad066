"""The `iosemu` command; what a subcommand needs is imported when it runs, so that each starts at once."""

from __future__ import annotations

import sys
from functools import cache
from importlib.metadata import entry_points
from typing import Annotated

import typer

from iosemu import __version__
from iosemu.lab.commands import capture, console, graph, inventory, labs, new
from iosemu.lab.errors import LabError

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="A Cisco lab in one process: IOS shells over SSH, a simulated network with real IPsec behind them.",
    epilog="Start here: [bold]iosemu up ipsec-vpn[/], then in another terminal [bold]iosemu ssh R-A[/] "
    "(user admin, password admin).",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"iosemu {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of iosemu itself."""


@cache
def commands() -> typer.Typer:
    """The command with all its subcommands, those of other rooms and plug-ins by their entry points."""
    for module in (labs, capture, graph, console, new, inventory):
        app.add_typer(module.app)
    for point in entry_points(group="iosemu.commands"):
        app.add_typer(point.load())
    return app


def main(arguments: list[str] | None = None) -> None:
    """Run the command (default: what the shell gave); a fault is one clear message and exit code 1.

    Raises SystemExit at the end, as programs do.
    """
    try:
        commands()(arguments, prog_name="iosemu")
    except (LabError, OSError, ValueError) as error:
        text = str(error)
        if isinstance(error, OSError) and error.filename is not None:
            text = f"{error.filename}: {error.strerror}"
        _complain(text)
        sys.exit(1)


def _complain(text: str) -> None:
    """The lines of a fault on standard error, in colour where nothing in them looks like markup."""
    from rich.console import Console

    err = Console(stderr=True)
    for line in text.splitlines():
        plain = "[" in line
        err.print(f"iosemu: {line}" if plain else f"[red]iosemu:[/] {line}", highlight=False, markup=not plain,
                  soft_wrap=True)  # fmt: skip


if __name__ == "__main__":
    main()
