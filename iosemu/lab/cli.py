"""The `iosemu` command."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
from functools import cache
from importlib.metadata import entry_points
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from iosemu import __version__
from iosemu.box.system import SystemConfig
from iosemu.lab import capturing, client, labfile, making, remote, resources
from iosemu.lab.lab import Lab
from iosemu.lab.labfile import BASE_PORT
from iosemu.lab.marked import LabError
from iosemu.lab.serving import Serving, serve
from iosemu.lab.state import LabState, running
from iosemu.server.clock import Pace
from iosemu.server.ssh import HOST
from iosemu.subjects.access.config import AaaConfig

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="A Cisco lab in one process: IOS shells over SSH, a simulated network with real IPsec behind them.",
    epilog="Start here: [bold]iosemu up ipsec-vpn[/], then in another terminal [bold]iosemu ssh R-A[/] "
    "(user admin, password admin).",
)
out = Console()
err = Console(stderr=True)

LabArgument = Annotated[str, typer.Argument(metavar="LAB", help="A lab that comes along, or a lab file.")]
LabOption = Annotated[str | None, typer.Option("--lab", help="Which running lab, if there are several.")]


def _version(wanted: bool) -> None:
    if wanted:
        out.print(f"iosemu {__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of iosemu itself."""


@app.command(
    epilog="Examples: [bold]iosemu up ipsec-vpn[/] · [bold]iosemu up ipsec-vpn-exercise --time fast[/] · "
    "[bold]iosemu up my/lab.yaml --base-port 3200[/]"
)
def up(
    lab: LabArgument,
    time: Annotated[Pace, typer.Option(help="How lab time passes.")] = Pace.REAL,
    base_port: Annotated[
        int, typer.Option(min=0, max=65000, help="Port of the console; the devices' ports move with it.")
    ] = BASE_PORT,
    legacy_ssh: Annotated[
        bool, typer.Option("--legacy-ssh", help="Also offer the SSH algorithms of IOS 12.4.")
    ] = False,
    seed: Annotated[
        str | None, typer.Option(help="Make every run alike: addresses, keys and captures follow from it.")
    ] = None,
    variables: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Set a variable of the lab file; may be repeated."),
    ] = None,
) -> None:
    """Start a lab and keep it running until Ctrl-C."""
    built = Lab.load(lab, seed=seed, time=time, keep=True, variables=making.variables(variables or []))
    if built.clock.pace is not time:
        err.print("A cable leads out of the lab: lab time follows the wall clock.")
    columns = (SpinnerColumn(), TextColumn("Booting {task.description}"), BarColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("", total=None)

        def report(what: str, done: int, total: int) -> None:
            progress.update(task, description=what, completed=done, total=total)

        built.boot(report)
    for name, errors in built.errors.items():
        for error in errors:
            err.print(f"[yellow]{name}[/]: startup configuration line {error.number} is not understood: "
                      f"{error.line.strip()}", highlight=False)  # fmt: skip
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_up(built, base_port, legacy_ssh))


def without_users(lab: Lab) -> list[str]:
    """The devices to which nobody can log in: they know no user and ask nobody else."""
    return [
        name
        for name, device in lab.devices.items()
        if not device.config.of(SystemConfig).users and not device.config.of(AaaConfig).new_model
    ]


async def _up(lab: Lab, base_port: int, legacy: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with serve(lab, base_port=base_port, legacy=legacy, announce=True) as serving:
        out.print(_table(lab, serving))
        out.print("User [bold]admin[/]/admin (or cisco/cisco, enable secret cisco). Ctrl-C stops the lab.")
        closed = without_users(lab)
        if closed:
            out.print(f"Nobody can log in to {', '.join(closed)}: no user in the configuration; "
                      "`username NAME privilege 15 password PASSWORD` makes one.", highlight=False)  # fmt: skip
        sys.stdout.flush()
        await stop.wait()
    err.print("Stopped.")


def _table(lab: Lab, serving: Serving) -> Table:
    table = Table(title=f"Lab {lab.name}", title_justify="left")
    for heading in ("Device", "Model", "Address", "Log in with"):
        table.add_column(heading, no_wrap=True)
    for name, port in serving.ports.items():
        model = lab.devices[name].model.name
        table.add_row(name, model, f"{HOST}:{port}", f"ssh -p {port} admin@{HOST}")
    console = serving.console
    table.add_row("(console)", "", f"{HOST}:{console}", f"ssh -p {console} admin@{HOST}")
    return table


@app.command("ls", epilog="Example: [bold]iosemu ls[/]")
def list_labs() -> None:
    """List the labs that come along and those that run."""
    live = {lab.name: lab for lab in running()}
    table = Table()
    for heading in ("Lab", "About", "Running"):
        table.add_column(heading)
    for name, path in resources.labs().items():
        about = labfile.read(path).lab.title
        lab = live.pop(name, None)
        table.add_row(name, about, f"pid {lab.pid}, console port {lab.console}" if lab else "")
    for name, lab in live.items():
        table.add_row(name, "", f"pid {lab.pid}, console port {lab.console}")
    out.print(table)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    epilog='Examples: [bold]iosemu ssh R-A[/] · [bold]iosemu ssh R-A "show version"[/] · '
    "[bold]iosemu ssh SW-1 --user cisco[/]",
)
def ssh(
    device: Annotated[str, typer.Argument(help="A device of a running lab.")],
    command: Annotated[list[str] | None, typer.Argument(help="A command to run instead of a shell.")] = None,
    user: Annotated[str, typer.Option(help="Whom to log in as.")] = "admin",
    lab: LabOption = None,
) -> None:
    """Log in to a device with the system's ssh."""
    _, port = client.find_device(device, lab)
    program = shutil.which("ssh")
    if program is None:
        raise LabError("there is no ssh program on this machine; install OpenSSH's client")
    line = [program, "-p", str(port), "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={os.devnull}",
            "-o", "LogLevel=ERROR", f"{user}@{HOST}", *(command or [])]  # fmt: skip
    os.execv(program, line)  # noqa: S606 - the point is to become ssh


@app.command(epilog="Example: [bold]iosemu reset ipsec-vpn[/]")
def reset(lab: LabArgument) -> None:
    """Forget what the devices of a lab saved; they start with the lab's configurations again."""
    name = labfile.read(labfile.find(lab)).lab.name
    if any(live.name == name for live in running()):
        raise LabError(f"lab {name} is running; stop it first")
    out.print(f"Lab {name} is as new." if LabState(name).forget() else f"Lab {name} had saved nothing.")


@cache
def _add_commands() -> None:
    """Add the lines of the console, and what other rooms and plug-ins bring by their entry points."""
    app.add_typer(capturing.app)
    app.add_typer(remote.app)
    app.add_typer(making.app)
    for point in entry_points(group="iosemu.commands"):
        app.add_typer(point.load())


def main(arguments: list[str] | None = None) -> None:
    """Run the command (default: what the shell gave); a fault is one clear message and exit code 1.

    Raises SystemExit at the end, as programs do.
    """
    try:
        _add_commands()
        app(arguments, prog_name="iosemu")
    except (LabError, OSError, ValueError) as error:
        text = str(error)
        if isinstance(error, OSError) and error.filename is not None:
            text = f"{error.filename}: {error.strerror}"
        for line in text.splitlines():
            err.print(f"[red]iosemu:[/] {line}" if "[" not in line else f"iosemu: {line}", highlight=False,
                      markup="[" not in line, soft_wrap=True)  # fmt: skip
        sys.exit(1)


if __name__ == "__main__":
    main()
