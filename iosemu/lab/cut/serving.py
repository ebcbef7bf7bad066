"""`iosemu up --workers`: a cut lab with its SSH ports and its console."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass

from iosemu.lab import registry
from iosemu.lab.cut.console import CutEndpoint
from iosemu.lab.cut.driver import Driver
from iosemu.lab.cut.front import CutLab
from iosemu.lab.cut.rounds import PartClock
from iosemu.lab.registry import BASE_PORT, Running
from iosemu.lab.ssh_service import Door, listening, server_keys
from iosemu.server.connection import connection_options
from iosemu.server.limits import Admission
from iosemu.server.pace import Pace
from iosemu.server.ssh import HOST, REFUSAL_DELAY, listen


@dataclass
class Ports:
    """Where a cut lab is reached; ports by device."""

    console: int
    ssh: dict[str, int]
    telnet: dict[str, int]
    consoles: dict[str, int]
    snmp: dict[str, int]
    warnings: list[str]
    driver: Driver
    failed: asyncio.Task[None]
    """Ends, with an error, when a worker does."""


@contextlib.asynccontextmanager
async def serve(
    lab: CutLab,
    pace: Pace,
    *,
    base_port: int = BASE_PORT,
    legacy: bool = False,
    strict: bool = False,
    host: str = HOST,
    announce: bool = False,
) -> AsyncIterator[Ports]:
    """Answer SSH for a cut lab that was booted, and keep its time going, until the context ends.

    Each worker answers for its own devices, this process for the console. Raises LabError as
    `iosemu.lab.ssh_service.serve` does.
    """
    warnings: list[str] = []
    options = connection_options(server_keys(warnings), legacy=legacy)
    clock = PartClock(lab.scheduler, Pace.MANUAL)
    driver = Driver(lab, clock, pace)
    found = lab.ask_all("serve", {"base_port": base_port, "legacy": legacy, "strict": strict, "host": host})
    by_kind: list[dict[str, int]] = [{}, {}, {}, {}]
    for *kinds, told in found:
        for known, more in zip(by_kind, kinds, strict=True):
            known.update(more)
        warnings += [each for each in told if each not in warnings]
    ports = {name: by_kind[0][name] for name in lab.partition.of}
    key = secrets.token_hex(16)
    endpoint = CutEndpoint(lab, driver, key, ports)
    door = Door(HOST, base_port, REFUSAL_DELAY, Admission(random.SystemRandom().random))
    with listening(endpoint.name, door):
        listener = await listen(
            endpoint, clock, options, door.port, refusal_delay=door.refusal_delay, host=door.host,
            admission=door.admission,
        )  # fmt: skip
    note = None
    tasks = [asyncio.create_task(clock.run()), asyncio.create_task(driver.run())]
    try:
        if announce:
            models = {name: lab.topology.model(name).name for name in lab.partition.of}
            try:
                note = registry.announce(Running(lab.name, os.getpid(), listener.port, key, ports, models))
            except OSError as error:
                warnings.append(
                    f"{error.filename or registry.state_directory()}: {error.strerror}; other commands will not find "
                    "this lab: log in with ssh"
                )
        _ssh, telnet, consoles, snmp = by_kind
        yield Ports(listener.port, ports, telnet, consoles, snmp, warnings, driver, tasks[1])
    finally:
        if note is not None:
            note.unlink(missing_ok=True)
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
