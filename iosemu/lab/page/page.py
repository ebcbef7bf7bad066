"""A lab for the web server: one reader of its state for all pages, and the pages that look."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from functools import partial
from typing import Any

from iosemu.lab.capture import epoch_of
from iosemu.lab.console import ConsoleEndpoint, LabConsole
from iosemu.lab.lab import Lab
from iosemu.lab.layout import HEIGHT, WIDTH, place
from iosemu.lab.page.actions import Actions
from iosemu.lab.page.archive import archive
from iosemu.lab.page.ladder import Ladders
from iosemu.lab.page.packets import Packets
from iosemu.lab.page.state import Facts, StateReader, changes, end_of
from iosemu.lab.page.tape import BATCH, Tape
from iosemu.lab.page.traffic import Traffic
from iosemu.lab.page.view import LabView
from iosemu.lab.ssh_service import DeviceEndpoint
from iosemu.server.clock import LabClock
from iosemu.server.endpoint import Endpoint
from iosemu.subjects.sniffer.service import Sniffer
from iosemu.web.page import Message, Refused

VERSION = 1
"""Of the messages between page and server."""
LAB = "(lab)"
"""The lab's own console among the terminals."""
INTERVAL = 0.25
"""Wall seconds between two looks at the lab while a page is open."""
SHARE = 0.005
"""Of a core that looking may take: a large lab is looked at less often."""
DECODING = 0.02
"""Wall seconds between two lots of frames that are taken apart, where there are many."""
DRIFT = 0.25
"""Seconds by which a page's clock may be wrong before it is told."""


class LabPage:
    """What the pages of one lab share; it looks at the lab only while there are some."""

    def __init__(self, lab: Lab, ports: Mapping[str, int]) -> None:
        self.lab = lab
        self.ports = dict(ports)
        self.traffic = Traffic(lab)
        self.tape = Tape(lab)
        self.ladders = Ladders(lab, self.tape)
        self.actions = Actions(lab, ports, self._out_of_the_way)
        self._views: dict[LabView, None] = {}
        self._reader = StateReader(lab)
        self._known: dict[str, Facts] = {}
        self._places: dict[str, tuple[float, float]] = {}
        self._told_time = (0.0, 0.0)
        self._work: asyncio.Task[None] | None = None

    async def prepare(self) -> None:
        """Work out where the devices stand, which takes a moment where there are many."""
        kinds = {name: device.kind for name, device in self.lab.devices.items()}
        cables = []
        for link in self.lab.links:
            (a, _), (b, _) = (end_of(end) for end in link.ends)
            cables.append((a, b))
            for each in (a, b):
                kinds.setdefault(each, "")
        self._places = await asyncio.to_thread(place, kinds, cables)
        self.tape.attach()

    @property
    def console(self) -> LabConsole:
        """The lab's console, as the buttons of the page press it."""
        return self.actions.console

    # --- what the web server asks --------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The lab's name."""
        return self.lab.name

    @property
    def clock(self) -> LabClock:
        """The lab's clock."""
        return self.lab.clock

    @property
    def pages(self) -> int:
        """How many are open."""
        return len(self._views)

    def endpoint(self, name: str) -> Endpoint | None:
        """A device, or the lab's console."""
        if name == LAB:
            return ConsoleEndpoint(self.lab, "", self.ports)
        return DeviceEndpoint(self.lab, name) if name in self.lab.devices else None

    def terminal(self, name: str) -> str:
        """A sniffer's packets have their own place in the page: its terminal is a plain one."""
        device = self.lab.devices.get(name)
        return "dumb" if device is not None and device.find(Sniffer) is not None else "xterm-256color"

    def hello(self) -> Message:
        """Devices, cables, places, checks."""
        lab = self.lab
        outside = [name for name in self._places if name not in lab.devices]
        return {
            "type": "hello",
            "version": VERSION,
            "lab": {"name": lab.name, "title": lab.topology.lab.title, "bound": lab.clock.bound},
            "frame": [WIDTH, HEIGHT],
            "devices": [
                {"name": name, "kind": device.kind, "model": device.model.name, "title": device.model.title,
                 "port": self.ports.get(name, 0), "place": self._places[name]}
                for name, device in lab.devices.items()
            ] + [{"name": name, "kind": "outside", "model": "", "title": "", "port": 0,
                  "place": self._places[name]} for name in outside],
            "links": [[list(end_of(end)) for end in link.ends] for link in lab.links],
            "checks": bool(lab.topology.lab.checks),
            "now": lab.scheduler.now,
        }  # fmt: skip

    def open(self) -> LabView:
        """A page was opened."""
        view = LabView(self)
        self._views[view] = None
        if self._work is None or self._work.done():
            self._known = {}
            self.traffic.attach()
            self._work = asyncio.create_task(self._look())
        view.told(self._known, [], None)
        return view

    def close(self, view: LabView) -> None:
        """A page is gone."""
        self._views.pop(view, None)

    async def download(self, what: str, values: Mapping[str, str]) -> tuple[str, str, bytes]:
        """`capture`: the frames of a packet list as pcapng with the keys, as a Wireshark profile, in a zip archive."""
        if what != "capture":
            raise Refused(f"% there is no {what[:40]!r}")
        hidden = [each for each in values.get("hidden", "").split(",") if each]
        wish: dict[str, Any] = {"filter": values.get("filter", ""), "where": values.get("where", "")}
        if values.get("when"):
            try:
                wish["when"] = float(values["when"])
            except ValueError as error:
                raise Refused("% when: lab seconds are wanted") from error
        packets = Packets(self.tape, {**wish, "hidden": hidden})
        await self.decode_all()
        while packets.look(BATCH):
            await asyncio.sleep(0)
        comment = f"lab {self.lab.name} {packets.list.expression}".rstrip()
        made = partial(archive, list(packets.list.rows), self.lab.exported_keys(), epoch_of(self.lab),
                       self.lab.scheduler.now, comment)  # fmt: skip
        return f"{self.lab.name}.zip", "application/zip", await asyncio.to_thread(made)

    async def decode_all(self) -> None:
        """Take apart all that passed so far, others in between."""
        self.tape.decoded.restarted()
        while self.tape.poll():
            await asyncio.sleep(0)

    # --- looking at the lab --------------------------------------------------------------------------

    async def _look(self) -> None:
        """Read the lab again and again while somebody looks, and tell what changed."""
        try:
            while self._views:
                began = time.monotonic()
                try:
                    self._tell()
                except Exception as error:  # noqa: BLE001 - the lab goes on, and the page with it
                    self.lab.faults.caught(None, error)
                spent = time.monotonic() - began
                await self._decode(time.monotonic() + max(INTERVAL, spent / SHARE))
        finally:
            self.traffic.detach()

    async def _decode(self, until: float) -> None:
        """Until then, take apart what passed, for the pages whose packet list is open."""
        while any(view.listens for view in self._views):
            before = self.tape.decoded.seen
            self.tape.decoded.restarted()
            more = self.tape.poll()
            if self.tape.decoded.seen != before:
                for view in list(self._views):
                    view.recorded()
            left = until - time.monotonic()
            if left <= 0:
                return
            if not more:
                break
            await asyncio.sleep(DECODING)
        await asyncio.sleep(max(0.0, until - time.monotonic()))

    def _tell(self) -> None:
        now = self._reader.read()
        changed = changes(self._known, now)
        self._known = now
        flows = self.traffic.take()
        clock = self._clock_if_wrong()
        if changed or flows or clock is not None:
            for view in list(self._views):
                view.told(changed, flows, clock)

    def _clock_if_wrong(self) -> float | None:
        """Lab time, when a page that counts on from what it was told has another one by now."""
        lab_time, wall = self.lab.scheduler.now, time.monotonic()
        told_lab, told_wall = self._told_time
        runs = self.lab.clock.pace.value != "manual"
        expected = told_lab + (wall - told_wall if runs else 0.0)
        if abs(lab_time - expected) < DRIFT:
            return None
        self._told_time = (lab_time, wall)
        return lab_time

    @contextlib.contextmanager
    def _out_of_the_way(self) -> Iterator[None]:
        """The page's taps are no part of the lab: no snapshot is to know them, and none to take them away."""
        self.traffic.detach()
        self.tape.detach()
        try:
            yield
        finally:
            self.tape.attach()
            if self._work is not None and not self._work.done():  # also for a page that opens before it ends
                self.traffic.attach()

    async def stop(self) -> None:
        """The lab ends."""
        self._views.clear()
        self.tape.detach()
        if self._work is not None:
            self._work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._work


@contextlib.asynccontextmanager
async def page_of(lab: Lab, ports: Mapping[str, int]) -> AsyncIterator[LabPage]:
    """The page of a lab, until the context ends."""
    page = LabPage(lab, ports)
    await page.prepare()
    try:
        yield page
    finally:
        await page.stop()
