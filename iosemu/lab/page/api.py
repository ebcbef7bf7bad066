"""A lab for the API: what programs may ask, done by the lab's console, its page and its sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from iosemu import __version__
from iosemu.box.device import Device
from iosemu.handling.effects import CommandError
from iosemu.ip.config import IpSettings
from iosemu.lab.capture import Capture
from iosemu.lab.console import ConsoleShell
from iosemu.lab.errors import LabError
from iosemu.lab.page.page import LabPage
from iosemu.lab.page.state import end_of
from iosemu.lab.typist import Typist
from iosemu.net.link import Link
from iosemu.server.endpoint import Client
from iosemu.web.api import models
from iosemu.web.api.backend import NotFound
from iosemu.web.page import Refused, View

TYPISTS = 64
"""Requests that may type at the same time."""


class PageApi:
    """The API's view of a lab, beside its page; it imports no web framework."""

    def __init__(self, page: LabPage) -> None:
        self._page = page
        self._lab = page.lab
        self._typing = 0

    # --- the lab -------------------------------------------------------------------------------------

    def lab(self) -> models.LabFacts:
        """The lab."""
        lab, file = self._lab, self._lab.topology.lab
        return models.LabFacts(
            name=lab.name, title=file.title, nodes=len(lab.devices), links=len(lab.links), checks=len(file.checks),
            now=lab.scheduler.now, api=models.VERSION, iosemu=__version__,
        )  # fmt: skip

    async def checks(self) -> models.Checks:
        """Which checks hold."""
        found = await self._act("checks")
        checks = [models.Check.model_validate(mark) for mark in found["marks"]]
        return models.Checks(
            checks=checks,
            reached=sum(each.points for each in checks if each.holds),
            total=sum(each.points for each in checks),
            stage=None if found["stage"] is None else found["stage"]["title"],
        )

    def save(self) -> models.Saved:
        """Save every configuration."""
        return models.Saved(messages=self._page.console.save())

    def keys(self) -> models.Keys:
        """Keys of IKE and ESP."""
        return models.Keys.model_validate(self._lab.exported_keys())

    async def console(self, wish: models.ConsoleLine) -> models.ConsoleAnswer:
        """Type a line at the lab's console."""
        if wish.line.split()[:1] == ["capture"]:
            raise Refused("captures have a route of their own: GET /captures")
        shell = ConsoleShell(self._lab, self._page.ports, Client("api", 15, "127.0.0.1", pty=False))
        typist = self._typist(shell)
        try:
            said = await typist.run(wish.line, self._lab.scheduler.now + wish.timeout)
            return models.ConsoleAnswer(
                output=said.output,
                refused=bool(shell.status),
                finished=said.finished,
                truncated=said.truncated,
            )
        finally:
            self._release(typist)

    async def trace(self, wish: models.TraceWish) -> models.Traced:
        """Send one packet and follow it; raises NotFound, and Refused for one that cannot be sent."""
        source = self._device(wish.source).name
        values = {
            "source": source,
            "destination": wish.destination,
            "protocol": wish.protocol,
            "port": wish.port or 0,
        }
        return models.Traced.model_validate(await self._act("trace", values))

    # --- nodes ---------------------------------------------------------------------------------------

    def nodes(self) -> list[models.Node]:
        """Every device."""
        return [self._facts(device) for device in self._lab.devices.values()]

    def node(self, name: str) -> models.Node:
        """One device; raises NotFound."""
        return self._facts(self._device(name))

    def _device(self, name: str) -> Device:
        device = self._lab.devices.get(name)
        if device is None:
            raise NotFound(f"there is no node {name!r}; there are: {', '.join(self._lab.devices)}")
        return device

    def _facts(self, device: Device) -> models.Node:
        return models.Node(
            name=device.name, kind=device.kind, model=device.model.name, image=device.image.name,
            hostname=device.hostname, powered=device.powered, ssh=self._page.ports.get(device.name, 0),
            faults=self._lab.faults.of(device.name),
            ports=[
                models.Port(
                    name=each.name, address=str(each.config.of(IpSettings).address or ""), admin_up=each.admin_up,
                    line_up=each.line_up, protocol_up=each.protocol_up,
                )
                for each in device.interfaces.values()
            ],
        )  # fmt: skip

    def power(self, name: str, state: str) -> models.Node:
        """Switch a device; raises NotFound."""
        device = self._device(name)
        self._page.console.power(state, name)
        return self._facts(device)

    def configuration(self, name: str) -> models.Configuration:
        """A device's configurations; raises NotFound, and Refused for one that is off."""
        found = self._page.actions.configurations(self._device(name).name)
        return models.Configuration(node=name, running=found[0], startup=found[1])

    async def type(self, name: str, wish: models.Lines) -> list[models.Typed]:
        """Type lines at a device in one hidden session; raises NotFound, and Refused for a device that is off."""
        device = self._device(name)
        if not device.powered:
            raise Refused(f"{name} is off")
        session = self._lab.session(name, hidden=True, pty=False)
        assert session is not None
        typist = self._typist(session)
        until = self._lab.scheduler.now + wish.timeout
        answers: list[models.Typed] = []
        try:
            await typist.greet(until)
            for line in wish.lines:
                if typist.closed:
                    break
                said = await typist.type(line, until)
                answers.append(
                    models.Typed(line=line, output=said.output, prompt=said.prompt, finished=said.finished,
                                 truncated=said.truncated)
                )  # fmt: skip
                if not said.finished:
                    break
        finally:
            self._release(typist)
        return answers

    def _typist(self, shell: Any) -> Typist:
        if self._typing >= TYPISTS:
            raise Refused(f"{TYPISTS} programs are typing already")
        self._typing += 1
        typist = Typist(self._lab.clock, shell)
        typist.begin()
        return typist

    def _release(self, typist: Typist) -> None:
        self._typing -= 1
        typist.close()

    # --- cables --------------------------------------------------------------------------------------

    def links(self) -> list[models.Link]:
        """Every cable."""
        return [self._cable(number, link) for number, link in enumerate(self._lab.links)]

    def link(self, number: int) -> models.Link:
        """One cable; raises NotFound."""
        return self._cable(number, self._link(number))

    def _link(self, number: int) -> Link:
        if number >= len(self._lab.links):
            raise NotFound(f"there is no cable {number}; they are numbered 0 to {len(self._lab.links) - 1}")
        return self._lab.links[number]

    @staticmethod
    def _cable(number: int, link: Link) -> models.Link:
        ends = [end_of(end) for end in link.ends]
        return models.Link(
            number=number, ends=[models.End(node=node, port=port) for node, port in ends], plugged=link.plugged,
            carrier=link.carrier, faults=models.Impairments.model_validate(asdict(link.faults)),
            lost=link.counters.lost,
        )  # fmt: skip

    def change_link(self, number: int, wish: models.LinkChange) -> models.Link:
        """Cut, mend or spoil a cable; raises NotFound, and Refused for faults that contradict each other."""
        link = self._link(number)
        before = link.faults
        if wish.clear:
            link.clear()
        if wish.faults is not None:
            given = {
                name: getattr(wish.faults, name) for name in wish.faults.model_fields_set
                if getattr(wish.faults, name) is not None or name in ("rate", "mtu")
            }  # fmt: skip
            try:
                link.impair(**given)
            except ValueError as error:
                link.impair(**asdict(before))
                raise Refused(str(error)) from error
        if wish.plugged is not None:
            link.plugged = wish.plugged
        self._lab.clock.poke()
        return self._cable(number, link)

    # --- time ----------------------------------------------------------------------------------------

    def clock(self) -> models.Clock:
        """Lab time."""
        clock = self._lab.clock
        return models.Clock(
            now=self._lab.scheduler.now, pace=clock.pace.value, bound=clock.bound, overloads=clock.overloads
        )

    def set_pace(self, pace: str) -> models.Clock:
        """Choose how lab time passes; raises Refused where it cannot."""
        try:
            self._page.console.time(pace)
        except (CommandError, ValueError) as error:
            raise Refused(str(error)) from error
        return self.clock()

    async def advance(self, seconds: float) -> models.Clock:
        """Let lab time pass."""
        await self._lab.clock.advance(seconds)
        return self.clock()

    async def moments(self) -> list[models.Moment]:
        """The snapshots."""
        return [models.Moment.model_validate(each) for each in await self._act("moments")]

    async def snapshot(self, label: str) -> models.Moment:
        """Take one; raises Refused while a capture is open."""
        return models.Moment.model_validate((await self._act("snapshot", {"label": label}))[-1])

    async def restore(self, number: int) -> models.Clock:
        """Put the lab back; raises NotFound."""
        if number not in [each.number for each in await self.moments()]:
            raise NotFound(f"there is no snapshot {number}")
        await self._act("restore", {"number": number})
        return self.clock()

    async def _act(self, what: str, values: Mapping[str, Any] | None = None) -> Any:
        return await self._page.actions.do(what, values or {})

    # --- captures and news ---------------------------------------------------------------------------

    def capture(self, target: str, expression: str) -> Capture:
        """Begin to capture; raises Refused for a wrong target or filter."""
        try:
            return Capture(self._lab, target, expression)
        except LabError as error:
            raise Refused(str(error)) from error

    def open(self) -> View:
        """Begin to tell what changes."""
        return self._page.open()
