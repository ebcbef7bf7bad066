"""The labs of one server: each in a thread of its own, one call at a time in each."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from iosemu.challenges.challenge import Challenge
from iosemu.lab.errors import LabError
from iosemu.lab.labfile import Topology
from iosemu.lab.snapshot import Snapshot
from iosemu.testing.synchronous import SyncLab

MOST = 8
"""Labs that run at once."""
MOMENTS = 20
"""Snapshots of one lab; the oldest gives way."""
PATIENCE = 120.0
"""Wall seconds that one call may take; what it began goes on, and the lab is busy until it ends."""

T = TypeVar("T")


@dataclass
class Kept:
    """A snapshot under its number."""

    number: int
    label: str
    when: float
    snapshot: Snapshot


@dataclass
class LabEntry:
    """A lab that runs."""

    id: str
    lab: SyncLab
    topology: Topology
    challenge: Challenge | None = None
    moments: list[Kept] = field(default_factory=list)
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    work: asyncio.Task[object] | None = None
    """The call that is under way."""


class Labs:
    """Labs by their id."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._entries: dict[str, LabEntry] = {}
        self._starting = 0
        self._count = itertools.count(1)

    def all(self) -> list[LabEntry]:
        """Those that run."""
        return list(self._entries.values())

    def __getitem__(self, name: str) -> LabEntry:
        if name not in self._entries:
            known = ", ".join(self._entries) or "none; start one"
            raise LabError(f"no lab has the id {name!r}; running: {known}")
        return self._entries[name]

    async def start(self, make: Callable[[], tuple[SyncLab, Topology, Challenge | None]]) -> LabEntry:
        """Boot a lab in a thread; raises LabError when there are too many."""
        if len(self._entries) + self._starting >= MOST:
            raise LabError(f"{MOST} labs are running; stop one first")
        self._starting += 1
        try:
            lab, topology, challenge = await asyncio.to_thread(make)
        finally:
            self._starting -= 1
        entry = LabEntry(f"{topology.lab.name}-{next(self._count)}", lab, topology, challenge)
        self._entries[entry.id] = entry
        return entry

    async def stop(self, name: str) -> None:
        """Take a lab down."""
        entry = self[name]
        await self.work(entry, lambda: None)
        del self._entries[name]
        await asyncio.to_thread(entry.lab.close)

    async def close(self) -> None:
        """Take all down."""
        entries, self._entries = self._entries, {}
        for entry in entries.values():
            if entry.work is None or entry.work.done():
                await asyncio.to_thread(entry.lab.close)

    async def work(self, entry: LabEntry, what: Callable[[], T]) -> T:
        """Do something in a lab, off this thread; raises LabError while it is busy, or when it takes too long."""
        if entry.work is not None and not entry.work.done():
            done, _ = await asyncio.wait((entry.work,), timeout=self._patience)
            if not done:
                raise LabError(
                    f"lab {entry.id} is still busy with an earlier call; ask again, or stop it later"
                )
        task = asyncio.create_task(asyncio.to_thread(what))
        entry.work = task
        began = time.monotonic()
        done, _ = await asyncio.wait((task,), timeout=self._patience)
        if not done:
            waited = time.monotonic() - began
            raise LabError(
                f"lab {entry.id} has computed for {waited:.0f} s and is not done; it goes on by itself"
            )
        return task.result()
