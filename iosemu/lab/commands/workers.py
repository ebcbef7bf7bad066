"""`iosemu up --workers`: a lab that several processes compute."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from iosemu.lab.commands.labs import Options, read_variables
from iosemu.lab.errors import LabError

if TYPE_CHECKING:
    from rich.table import Table

    from iosemu.lab.cut.front import CutLab
    from iosemu.lab.cut.serving import Ports


def run_cut(lab: str, options: Options, workers: int, weights: Path | None = None) -> None:
    """Start a lab in so many workers and keep it running until a signal comes; raises LabError.

    `weights`: a capture that tells over which cables much passes.
    """
    from rich.console import Console

    from iosemu.lab.cut.front import CutLab
    from iosemu.lab.exposure import is_loopback

    if options.web is not None:
        raise LabError("the page is not offered in a lab that is cut; leave out --web or --workers")
    if not is_loopback(options.listen):
        raise LabError("a lab that is cut listens on this computer alone; leave out --listen or --workers")
    err = Console(stderr=True)
    with CutLab.load(
        lab,
        workers=workers,
        seed=options.seed,
        keep=True,
        variables=read_variables(options.variables),
        outside_configs=options.outside_configs,
        weights=weights,
    ) as built:
        with err.status("Booting"):
            built.boot()
        for name, errors in built.errors.items():
            for number, line in errors:
                err.print(f"[yellow]{name}[/]: startup configuration line {number} is not understood: {line.strip()}",
                          highlight=False)  # fmt: skip
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_serve(built, options))
    with contextlib.suppress(OSError):  # the terminal may be gone
        err.print("Stopped.")


async def _serve(lab: CutLab, options: Options) -> None:
    from rich.console import Console

    from iosemu.lab.cut.serving import serve

    out = Console()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    async with serve(
        lab,
        options.time,
        base_port=options.base_port,
        legacy=options.legacy_ssh,
        strict=options.strict_ssh,
        announce=True,
    ) as ports:
        for warning in ports.warnings:
            out.print(f"[yellow]Warning[/]: {warning}", highlight=False, soft_wrap=True)
        out.print(_logins(lab, ports))
        out.print("User [bold]admin[/]/admin (or cisco/cisco, enable secret cisco). Ctrl-C stops the lab.")
        sys.stdout.flush()
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({stopped, ports.failed}, return_when=asyncio.FIRST_COMPLETED)
        if not stop.is_set():
            await asyncio.wait({stopped}, timeout=0.5)  # who ends a service may end its workers first
        if not stop.is_set():
            ports.failed.result()  # raises what ended the lab
        stopped.cancel()


def _logins(lab: CutLab, ports: Ports) -> Table:
    """How to log in to each device, and who computes it."""
    from rich.table import Table

    from iosemu.server.ssh import HOST

    table = Table(title=f"Lab {lab.name}, cut at {len(lab.partition.cut)} cables", title_justify="left")
    for heading in ("Device", "Model", "Worker", "Log in with"):
        table.add_column(heading, no_wrap=True)
    for name, port in ports.ssh.items():
        worker = f"worker-{lab.partition.of[name] + 1}"
        table.add_row(name, lab.topology.model(name).name, worker, f"ssh -p {port} admin@{HOST}")
    for what, those in (("Telnet", ports.telnet), ("console line", ports.consoles)):
        for name, port in those.items():
            table.add_row(name, what, "", f"telnet {HOST} {port}")
    for name, port in ports.snmp.items():
        table.add_row(name, "SNMP", "", f"snmpwalk -v 2c -c COMMUNITY {HOST}:{port} system")
    table.add_row("(console)", "", "", f"ssh -p {ports.console} admin@{HOST}")
    return table
