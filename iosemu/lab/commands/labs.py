"""`iosemu up`, `ls`, `ssh` and `reset`: starting labs and finding them again."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from iosemu.lab import cli
from iosemu.lab.errors import LabError
from iosemu.lab.registry import BASE_PORT
from iosemu.server.pace import Pace

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from iosemu.lab.lab import Lab
    from iosemu.lab.ssh_service import Serving

app = typer.Typer(no_args_is_help=True)
HANDOUT = "ipsec-vpn"
"""The lab that is started unless another is named."""
WebPort = Annotated[
    int | None,
    typer.Option("--web-port", min=0, max=65535, help="TCP port of the page (2280, or a free one)."),
]
WebListen = Annotated[
    str,
    typer.Option(
        "--web-listen",
        metavar="ADDRESS",
        help="Let browsers of other machines in: the page is served on this address, unencrypted.",
    ),
]
LabArgument = Annotated[str, typer.Argument(metavar="LAB", help="A lab that comes along, or a lab file.")]


@app.command(
    epilog="Examples: `iosemu up` · `iosemu up ipsec-vpn` · `iosemu up ipsec-vpn-exercise --time fast` · "
    "`iosemu up my/lab.yaml --base-port 3200`"
)
def up(
    lab: LabArgument = HANDOUT,
    time: Annotated[Pace, typer.Option(help="How lab time passes.")] = Pace.REAL,
    base_port: Annotated[
        int, typer.Option(min=0, max=65000, help="Port of the console; the devices' ports move with it.")
    ] = BASE_PORT,
    legacy_ssh: Annotated[
        bool, typer.Option("--legacy-ssh", help="Also offer the SSH algorithms of IOS 12.4.")
    ] = False,
    strict_ssh: Annotated[
        bool,
        typer.Option(
            "--strict-ssh", help="Offer the SSH algorithms of each device's release, and no others."
        ),
    ] = False,
    allow_outside_configs: Annotated[
        bool,
        typer.Option(
            "--allow-outside-configs", help="Let the lab file name configurations outside its folder."
        ),
    ] = False,
    listen: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="Let other machines in: the devices with accounts listen on this address. Refused while an "
            "account has a password that comes with iosemu.",
        ),
    ] = "127.0.0.1",
    seed: Annotated[
        str | None, typer.Option(help="Make every run alike: addresses, keys and captures follow from it.")
    ] = None,
    variables: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Set a variable of the lab file; may be repeated."),
    ] = None,
    web: Annotated[bool, typer.Option("--web", help="Also show the lab in a browser.")] = False,
    web_port: WebPort = None,
    web_listen: WebListen = "127.0.0.1",
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Cut the lab at cables and compute it in so many processes.")
    ] = 1,
    weights: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.pcapng",
            help="With --workers: a capture of an earlier run; cables over which much passed are not cut.",
        ),
    ] = None,
) -> None:
    """Start a lab and keep it running until Ctrl-C."""
    options = Options(
        time=time, base_port=base_port, legacy_ssh=legacy_ssh, strict_ssh=strict_ssh, listen=listen, seed=seed,
        outside_configs=allow_outside_configs, variables=variables or [],
        web=WebOptions(web_listen, web_port) if web else None,
    )  # fmt: skip
    if workers > 1:
        from iosemu.lab.commands.workers import run_cut

        run_cut(lab, options, workers, weights)
    elif weights is not None:
        raise LabError("--weights says where to cut a lab; it needs --workers")
    else:
        run(lab, options)


@dataclass(frozen=True)
class WebOptions:
    """Where the page of a lab is served."""

    host: str
    port: int | None
    """None: the usual one where it is free."""
    browse: bool = False
    """Open it in the user's browser."""


@dataclass(frozen=True)
class Options:
    """How a lab is started."""

    time: Pace = Pace.REAL
    base_port: int = BASE_PORT
    legacy_ssh: bool = False
    strict_ssh: bool = False
    outside_configs: bool = False
    listen: str = "127.0.0.1"
    seed: str | None = None
    variables: Sequence[str] = ()
    web: WebOptions | None = None


def run(lab: str, options: Options) -> None:
    """Start a lab and keep it running until a signal comes; raises LabError."""
    import asyncio
    import gc

    from rich.console import Console
    from rich.markup import escape

    from iosemu.lab.lab import Lab
    from iosemu.server.clock import OVERLOAD

    err = Console(stderr=True)
    if options.web is not None:
        require_web()
    built = Lab.load(
        lab,
        seed=options.seed,
        time=options.time,
        keep=True,
        variables=read_variables(options.variables),
        outside_configs=options.outside_configs,
    )
    built.faults.heard.append(lambda fault: err.print(f"[red]Fault[/]: {escape(str(fault))}; the lab goes on.",
                                                      highlight=False, soft_wrap=True))  # fmt: skip
    built.clock.overloaded = lambda: err.print(f"[yellow]Overload[/]: {OVERLOAD}", soft_wrap=True)
    if built.clock.pace is not options.time:
        err.print("A cable leads out of the lab: lab time follows the wall clock.")
    _boot(built, err)
    for warning in built.state.warnings if built.state is not None else ():
        err.print(f"[yellow]Warning[/]: {warning}", highlight=False, soft_wrap=True)
    for name, errors in built.errors.items():
        for error in errors:
            err.print(f"[yellow]{name}[/]: startup configuration line {error.number} is not understood: "
                      f"{error.line.strip()}", highlight=False)  # fmt: skip
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_serve(built, options))
    finally:
        built.close()
    with contextlib.suppress(OSError):  # the terminal may be gone
        err.print("Stopped.")
    gc.freeze()  # what is left goes with the process: to look through it for garbage would only delay its end


def read_variables(pairs: Iterable[str]) -> dict[str, Any]:
    """Variables from texts such as `sites=3`, read as YAML; raises LabError for a text without `=`."""
    import yaml

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


def without_users(lab: Lab) -> list[str]:
    """The devices to which nobody can log in: they know no user and ask nobody else."""
    from iosemu.box.system import SystemConfig
    from iosemu.subjects.access.config import AaaConfig

    return [
        name
        for name, device in lab.devices.items()
        if not device.config.of(SystemConfig).users and not device.config.of(AaaConfig).new_model
    ]


def _boot(lab: Lab, err: Console) -> None:
    """Boot a lab, with a bar that shows how far it is."""
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("Booting {task.description}"), BarColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("", total=None)

        def report(what: str, done: int, total: int) -> None:
            progress.update(task, description=what, completed=done, total=total)

        lab.boot(report)


def require_web() -> None:
    """Raises LabError where what the page needs is not installed."""
    from importlib.util import find_spec

    if any(find_spec(name) is None for name in ("starlette", "uvicorn", "websockets")):
        raise LabError("the page needs a few more packages: pip install 'iosemu[web]'")


@contextlib.asynccontextmanager
async def _page(lab: Lab, serving: Serving, options: WebOptions | None) -> AsyncIterator[str | None]:
    """Serve the lab's page, if it is wanted, until the context ends; gives a link to it.

    Raises LabError when the port is taken.
    """
    if options is None:
        yield None
        return
    from iosemu.lab.page import PageApi, page_of
    from iosemu.web.listener import PORT, serve_page

    async with page_of(lab, serving.ports) as page, contextlib.AsyncExitStack() as stack:
        api = PageApi(page)
        wanted = PORT if options.port is None else options.port
        try:
            served = await stack.enter_async_context(
                serve_page(page, host=options.host, port=wanted, api=api)
            )
        except OSError as error:
            if options.port is not None or options.host != "127.0.0.1":
                text = error.strerror or str(error)
                raise LabError(f"cannot listen on {options.host}:{wanted} for the page: {text}") from error
            served = await stack.enter_async_context(serve_page(page, host=options.host, port=0, api=api))
        lab.page_link, lab.api_token = served.link, served.token
        try:
            yield served.link()
        finally:
            lab.page_link = lab.api_token = None


async def _serve(lab: Lab, options: Options) -> None:
    """Answer SSH, and browsers if so wanted, until a signal comes."""
    import asyncio
    import signal
    import sys

    from rich.console import Console

    from iosemu.lab.ssh_service import serve
    from iosemu.server.garbage import GarbageCollection
    from iosemu.server.limits import raise_descriptor_limit

    out = Console()
    raise_descriptor_limit()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    async with contextlib.AsyncExitStack() as until_stopped:
        until_stopped.enter_context(GarbageCollection(lab.clock.turns))
        serving = await until_stopped.enter_async_context(
            serve(
                lab,
                base_port=options.base_port,
                legacy=options.legacy_ssh,
                strict=options.strict_ssh,
                announce=True,
                host=options.listen,
            )
        )
        link = await until_stopped.enter_async_context(_page(lab, serving, options.web))
        for warning in serving.warnings:
            out.print(f"[yellow]Warning[/]: {warning}", highlight=False, soft_wrap=True)
        out.print(_logins(lab, serving))
        out.print("User [bold]admin[/]/admin (or cisco/cisco, enable secret cisco). Ctrl-C stops the lab.")
        closed = without_users(lab)
        if closed:
            out.print(f"Nobody can log in to {', '.join(closed)}: no user in the configuration; "
                      "`username NAME privilege 15 password PASSWORD` makes one.", highlight=False)  # fmt: skip
        if link is not None:
            out.print(f"In a browser: {link}", highlight=False, soft_wrap=True)
            out.print("The link is good once; `iosemu web` prints another.")
        sys.stdout.flush()
        if link is not None and options.web is not None and options.web.browse:
            import webbrowser

            await asyncio.to_thread(webbrowser.open, link)
        await stop.wait()


def _logins(lab: Lab, serving: Serving) -> Table:
    """How to log in to each device."""
    from rich.table import Table

    from iosemu.server.ssh import HOST

    table = Table(title=f"Lab {lab.name}", title_justify="left")
    for heading in ("Device", "Model", "Address", "Log in with"):
        table.add_column(heading, no_wrap=True)
    for name, port in serving.ports.items():
        model = lab.devices[name].model.name
        table.add_row(name, model, f"{HOST}:{port}", f"ssh -p {port} admin@{HOST}")
    for what, ports in (("Telnet", serving.telnet), ("console line", serving.consoles)):
        for name, port in ports.items():
            table.add_row(name, what, f"{HOST}:{port}", f"telnet {HOST} {port}")
    for name, port in serving.snmp.items():
        table.add_row(name, "SNMP", f"{HOST}:{port}", f"snmpwalk -v 2c -c COMMUNITY {HOST}:{port} system")
    console = serving.console
    table.add_row("(console)", "", f"{HOST}:{console}", f"ssh -p {console} admin@{HOST}")
    return table


@app.command("ls", epilog="Example: `iosemu ls`")
def list_labs() -> None:
    """List the labs that come along and those that run."""
    cli.list_labs()


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    epilog='Examples: `iosemu ssh R-A` · `iosemu ssh R-A "show version"` · `iosemu ssh SW-1 --user cisco`',
)
def ssh(
    device: Annotated[str, typer.Argument(help="A device of a running lab.")],
    command: Annotated[list[str] | None, typer.Argument(help="A command to run instead of a shell.")] = None,
    user: Annotated[str, typer.Option(help="Whom to log in as.")] = "admin",
    lab: Annotated[str | None, typer.Option("--lab", help="Which running lab, if there are several.")] = None,
) -> None:
    """Log in to a device with the system's ssh."""
    import os
    import shutil

    from iosemu.lab import registry

    running, port = registry.find_device(device, lab)
    program = shutil.which("ssh")
    if program is None:
        raise LabError("there is no ssh program on this machine; install OpenSSH's client")
    line = [program, "-p", str(port), "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={os.devnull}",
            "-o", "LogLevel=ERROR", f"{user}@{running.host}", *(command or [])]  # fmt: skip
    os.execv(program, line)  # noqa: S606 - the point is to become ssh


@app.command(epilog="Example: `iosemu reset ipsec-vpn`")
def reset(lab: LabArgument) -> None:
    """Forget what the devices of a lab saved; they start with the lab's configurations again."""
    from iosemu.lab import labfile, registry
    from iosemu.lab.storage import LabState

    name = labfile.read(labfile.find(lab), outside_configs=True).lab.name
    if any(live.name == name for live in registry.running()):
        raise LabError(f"lab {name} is running; stop it first")
    typer.echo(f"Lab {name} is as new." if LabState(name).forget() else f"Lab {name} had saved nothing.")
