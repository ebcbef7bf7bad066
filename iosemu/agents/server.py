"""The tools of the MCP server."""

from __future__ import annotations

import asyncio
import functools
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Literal, ParamSpec, TypeVar

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from iosemu import __version__
from iosemu.agents import models
from iosemu.agents.labs import MOMENTS, Kept, LabEntry, Labs
from iosemu.challenges import grade as judge
from iosemu.challenges.catalogue import CATALOGUE
from iosemu.challenges.challenge import DEGREES, LAB, Challenge, create
from iosemu.lab import assessment, inheritance, labfile, resources
from iosemu.lab.capture import TextWatch
from iosemu.lab.configured import running
from iosemu.lab.errors import LabError
from iosemu.lab.image import LabImage
from iosemu.lab.impairments import describe_faults, read_faults
from iosemu.lab.tracing import Tracer
from iosemu.testing.synchronous import SyncLab

LARGEST = 20_000
"""Characters of one output."""
ROWS = 200
"""Rows of one table, and frames of one look."""
LONGEST = 86_400.0
"""Lab seconds of one step."""
SLICE = 60.0
"""Lab seconds after which a step looks at the wall clock."""
STEP_WALL = 60.0
"""Wall seconds that one step may compute."""
MORE = "... (more was printed: ask for less, such as | include TEXT)"

P = ParamSpec("P")
T = TypeVar("T")

Id = Annotated[str, Field(description="The id that start_lab or start_challenge gave.", max_length=100)]
Device = Annotated[str, Field(description="Name of a device, such as R1.", max_length=100)]
Endpoint = Annotated[str, Field(description="A port with a cable, such as R1:Fa0/0.", max_length=200)]
Line = Annotated[str, Field(max_length=2000, pattern=r"^[^\r\n]*$")]
Lines = Annotated[list[Line], Field(min_length=1, max_length=200)]
ABOUT = """Cisco labs that run inside this server: routers, switches and PCs with an IOS command line and a
simulated network that carries real packets. Nothing outside is touched, every lab can be put back, and lab time
jumps, so that waiting costs nothing. Start a lab, or a challenge (a lab with faults to find), then type and look.
Times are lab time in seconds."""


def told(tool: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """What cannot be done is told in a sentence."""

    @functools.wraps(tool)
    async def wrapper(*arguments: P.args, **named: P.kwargs) -> T:
        try:
            return await tool(*arguments, **named)
        except (LabError, ValueError, KeyError, TimeoutError, OSError) as error:
            raise ToolError(str(error).removeprefix("% ")[:LARGEST]) from error

    return wrapper


def bounded(text: str) -> tuple[str, bool]:
    """A text of a bearable length, and whether it was cut."""
    if len(text) <= LARGEST:
        return text, False
    return f"{text[:LARGEST].rpartition(chr(10))[0]}\n{MORE}", True


class Tools:
    """The tools, and the labs that they work on."""

    def __init__(self, labs: Labs | None = None) -> None:
        self.labs = labs or Labs()

    # --- labs ----------------------------------------------------------------------------------------

    @told
    async def list_labs(self) -> list[models.LabName]:
        """Labs that come along and can be started."""
        return [
            models.LabName(name=name, title=str(inheritance.extended(path).data.get("title", "")))
            for name, path in resources.labs().items()
        ]

    @told
    async def list_running(self) -> list[models.LabFacts]:
        """Labs that run in this server."""
        return [await self._facts(entry) for entry in self.labs.all()]

    @told
    async def start_lab(
        self,
        lab: Annotated[
            str, Field(description="A lab of list_labs, or the path of a lab file.", max_length=500)
        ],
        seed: Annotated[str | None, Field(description="Make every run alike.", max_length=100)] = None,
    ) -> models.LabFacts:
        """Start a lab."""

        def make() -> tuple[SyncLab, labfile.Topology, None]:
            topology = labfile.read(labfile.find(lab))
            return SyncLab(topology, seed=seed), topology, None

        return await self._facts(await self.labs.start(make))

    @told
    async def stop_lab(self, lab: Id) -> str:
        """Take a lab down; what is in it is gone."""
        await self.labs.stop(lab)
        return f"{lab} is stopped"

    @told
    async def show_lab(self, lab: Id) -> models.LabFacts:
        """Devices, cables and lab time."""
        return await self._facts(self.labs[lab])

    async def _facts(self, entry: LabEntry) -> models.LabFacts:
        return await self._call(entry, lambda: facts_of(entry))

    async def _call(self, entry: LabEntry, what: Callable[[], T]) -> T:
        """Something short, in the lab's own thread."""
        return await self.labs.work(entry, lambda: entry.lab.background.call(what))

    # --- typing and looking --------------------------------------------------------------------------

    @told
    async def type_lines(self, lab: Id, device: Device, lines: Lines) -> list[models.Typed]:
        """Type lines at a device's prompt, one after the other, at privilege 15 in a session that stays open.

        Configuration: `configure terminal`, the lines, `end`; or use configure.
        """
        entry = self.labs[lab]

        def work() -> list[models.Typed]:
            answers = []
            for line in lines:
                text, cut = bounded(entry.lab[device].cli(line))
                answers.append(models.Typed(line=line, output=text, truncated=cut))
                if sum(len(each.output) for each in answers) > 2 * LARGEST:
                    break
            return answers

        return await self.labs.work(entry, work)

    @told
    async def configure(self, lab: Id, device: Device, lines: Lines) -> str:
        """Type configuration lines from `configure terminal` to `end`; stops at the first that is refused."""
        entry = self.labs[lab]
        printed = await self.labs.work(entry, lambda: entry.lab[device].configure(lines))
        return bounded(printed)[0] or "done"

    @told
    async def running_config(self, lab: Id, device: Device) -> str:
        """A device's running configuration."""
        entry = self.labs[lab]
        core = entry.lab.lab.core

        def work() -> str:
            if device not in core.devices:
                raise LabError(f"there is no device {device!r}; there are: {', '.join(core.devices)}")
            return "\n".join(running(core, core.devices[device]))

        return bounded(await self._call(entry, work))[0]

    @told
    async def device_state(self, lab: Id, device: Device) -> models.State:
        """Interfaces, routes, ARP, MAC table, IKE and IPsec SAs and the log of a device, as data."""
        entry = self.labs[lab]
        return await self.labs.work(entry, lambda: state_of(entry, device))

    @told
    async def ping(
        self, lab: Id, device: Device,
        destination: Annotated[str, Field(description="An IPv4 address.", max_length=40)],
        count: Annotated[int, Field(ge=1, le=100)] = 5,
    ) -> models.Pinged:  # fmt: skip
        """Ping from a device."""
        entry = self.labs[lab]
        found = await self.labs.work(entry, lambda: entry.lab[device].ping(destination, count))
        return models.Pinged(
            destination=str(found.destination), sent=found.sent, received=found.received,
            milliseconds=[round(each * 1000, 3) for each in found.rtts], errors=list(found.errors),
        )  # fmt: skip

    @told
    async def trace_packet(
        self, lab: Id, source: Device,
        destination: Annotated[str, Field(description="An address or a device.", max_length=100)],
        protocol: Literal["icmp", "udp", "tcp"] = "icmp",
        port: Annotated[int | None, Field(ge=1, le=65535, description="For udp and tcp.")] = None,
    ) -> models.Traced:  # fmt: skip
        """Send one packet and tell every decision on its way and its answer's: routes, lists, NAT, crypto, drops."""
        entry = self.labs[lab]
        core = entry.lab.lab.core

        def work() -> models.Traced:
            tracer = entry.lab.background.call(lambda: Tracer(core, source, destination, protocol, port))
            try:
                entry.lab.background.run(entry.lab.lab.bench.run_until(lambda: tracer.finished, SLICE))
            finally:
                entry.lab.background.call(tracer.stop)
            if tracer.result is None:
                raise LabError("the packet was lost sight of")
            found = tracer.result.data()
            steps = found["steps"]
            return models.Traced.model_validate(
                {**found, "steps": steps[:ROWS], "truncated": len(steps) > ROWS}
            )

        return await self.labs.work(entry, work)

    @told
    async def capture(
        self, lab: Id,
        target: Annotated[str, Field(description="all, a device, or a port such as R1:Fa0/0.", max_length=200)] = "all",
        expression: Annotated[str, Field(description="Such as: icmp and host 192.168.1.1", max_length=500)] = "",
        seconds: Annotated[float, Field(gt=0, le=3600, description="Lab seconds.")] = 10.0,
    ) -> models.Seen:  # fmt: skip
        """Let lab time pass and tell what frames passed, one line for each."""
        entry = self.labs[lab]

        def work() -> models.Seen:
            watch = entry.lab.background.call(lambda: TextWatch(entry.lab.lab.core, target, expression))
            try:
                step(entry, seconds)
                lines = entry.lab.background.call(watch.lines)
            finally:
                entry.lab.background.call(watch.close)
            return models.Seen(frames=lines[:ROWS], truncated=len(lines) > ROWS)

        return await self.labs.work(entry, work)

    # --- faults and time -----------------------------------------------------------------------------

    @told
    async def change_link(
        self, lab: Id, endpoint: Endpoint,
        plugged: Annotated[bool | None, Field(description="False cuts the cable, true mends it.")] = None,
        faults: Annotated[
            dict[Literal["delay", "jitter", "loss", "duplicate", "reorder", "corrupt", "rate", "mtu"], str] | None,
            Field(description="Such as {delay: 20ms, loss: 1%, rate: 64k, mtu: '1400'}; {} makes it perfect."),
        ] = None,
    ) -> models.Cable:  # fmt: skip
        """Cut, mend or spoil a cable."""
        entry = self.labs[lab]

        def work() -> models.Cable:
            core = entry.lab.lab.core
            link = core.link(endpoint)
            if faults:
                link.impair(**read_faults({str(name): value for name, value in faults.items()}))
            elif faults is not None:
                link.clear()
            if plugged is not None:
                link.plugged = plugged
            core.clock.poke()
            return next(each for each in facts_of(entry).cables if link.ends[0].name in each.ends)

        return await self._call(entry, work)

    @told
    async def power(self, lab: Id, device: Device, on: bool) -> str:
        """Switch a device on or off."""
        entry = self.labs[lab]

        def work() -> None:
            box = entry.lab[device]
            (box.power_on if on else box.power_off)()

        await self.labs.work(entry, work)
        return f"{device} is {'on' if on else 'off'}"

    @told
    async def advance(self, lab: Id, seconds: Annotated[float, Field(gt=0, le=LONGEST)]) -> models.Now:
        """Let lab time pass, as quickly as it can be computed."""
        entry = self.labs[lab]
        complete = await self.labs.work(entry, lambda: step(entry, seconds))
        return models.Now(now=entry.lab.now, complete=complete)

    @told
    async def snapshot(self, lab: Id, label: Annotated[str, Field(max_length=80)] = "") -> models.Moment:
        """Keep the lab as it is now."""
        entry = self.labs[lab]
        taken = await self.labs.work(entry, entry.lab.snapshot)
        kept = Kept(next(entry.numbers), label, entry.lab.now, taken)
        entry.moments.append(kept)
        del entry.moments[:-MOMENTS]
        return models.Moment(number=kept.number, label=label, when=kept.when)

    @told
    async def restore(
        self, lab: Id, number: Annotated[int, Field(ge=0, description="0: the moment after it booted.")] = 0
    ) -> models.Now:
        """Put the lab back to a snapshot, lab time too."""
        entry = self.labs[lab]
        found = next((each for each in entry.moments if each.number == number), None)
        if number and found is None:
            raise LabError(
                f"no snapshot {number}; there are: {', '.join(str(each.number) for each in entry.moments)}"
            )
        await self.labs.work(entry, lambda: entry.lab.restore(found.snapshot if found else None))
        return models.Now(now=entry.lab.now)

    # --- checks and challenges -----------------------------------------------------------------------

    @told
    async def check(self, lab: Id) -> list[models.CheckMark]:
        """Which checks of the lab's file hold."""
        entry = self.labs[lab]
        marks = await self._call(entry, lambda: assessment.marks(entry.lab.lab.core))
        return [
            models.CheckMark(
                number=mark.number, title=mark.check.title.en, points=mark.check.points, holds=mark.holds
            )
            for mark in marks
        ]

    @told
    async def list_faults(self) -> list[models.FaultName]:
        """The catalogue of faults that a challenge may have: the causes that grade knows."""
        return [models.FaultName(name=each.name, title=each.title[0]) for each in CATALOGUE.values()]

    @told
    async def start_challenge(
        self,
        seed: Annotated[
            str | None, Field(description="The same seed, the same faults.", max_length=100)
        ] = None,
        lab: Annotated[str, Field(description="A lab in which all is well.", max_length=500)] = LAB,
        faults: Annotated[int, Field(ge=1, le=5)] = 1,
        kinds: Annotated[list[str] | None, Field(description="Only of these kinds, of list_faults.")] = None,
    ) -> models.ChallengeFacts:
        """Start a lab in which something was spoilt: find it, repair it, then grade."""
        chosen = seed if seed is not None else str(secrets.randbelow(1_000_000))

        def make() -> tuple[SyncLab, labfile.Topology, Challenge]:
            challenge, topology, image = asyncio.run(
                create(lab, seed=chosen, faults=faults, only=kinds or [])
            )
            return SyncLab(topology, image=image, seed=chosen), topology, challenge

        entry = await self.labs.start(make)
        assert entry.challenge is not None
        return models.ChallengeFacts(
            lab=await self._facts(entry), seed=chosen, faults=faults, symptoms=entry.challenge.symptoms
        )

    @told
    async def hint(self, lab: Id, degree: Annotated[int, Field(ge=1, le=DEGREES)] = 1) -> list[str]:
        """A hint for a challenge: 1 what fails, 2 what to look at, 3 where, 4 what repairs it."""
        challenge = self.labs[lab].challenge
        if challenge is None:
            raise LabError(f"{lab} is no challenge")
        return challenge.hint(degree)

    @told
    async def grade(
        self, lab: Id, answers: Annotated[list[models.Answer] | None, Field(max_length=5)] = None
    ) -> models.Grade:
        """Judge the repair of a challenge by what the lab does, and what you say was wrong by what was done."""
        entry = self.labs[lab]
        challenge = entry.challenge
        if challenge is None:
            raise LabError(f"{lab} is no challenge")

        def work() -> judge.Verdict:
            image = entry.lab.background.call(lambda: LabImage.of(entry.lab.lab.core))
            said = [judge.Answer(each.device, each.cause) for each in answers or []]
            return asyncio.run(judge.grade(challenge, image, said, entry.topology))

        found = await self.labs.work(entry, work)
        return models.Grade(passed=found.passed, score=found.score, lacking=found.lacking, broken=found.broken,
                            named=found.named)  # fmt: skip


def facts_of(entry: LabEntry) -> models.LabFacts:
    """A lab in short; to be called in its thread."""
    core = entry.lab.lab.core
    return models.LabFacts(
        id=entry.id, name=core.name, title=core.topology.lab.title, now=core.scheduler.now,
        devices=[
            models.Box(name=name, kind=device.kind, model=device.model.name, powered=device.powered)
            for name, device in core.devices.items()
        ],
        cables=[
            models.Cable(ends=[end.name for end in link.ends], plugged=link.plugged, carrier=link.carrier,
                         faults=describe_faults(link))
            for link in core.links
        ],
        checks=len(core.topology.lab.checks),
    )  # fmt: skip


def state_of(entry: LabEntry, device: str) -> models.State:
    """A device's state with tables of a bearable length."""
    view = entry.lab[device].state
    tables: dict[str, Sequence[object]] = {
        "interfaces": list(view.interfaces.values()), "routes": view.routes, "arp": view.arp,
        "mac_table": view.mac_table, "isakmp_sas": view.isakmp_sas, "ikev2_sas": view.ikev2_sas,
        "ipsec_sas": view.ipsec_sas, "log": view.log[-ROWS:],
    }  # fmt: skip
    return models.State.model_validate(
        {
            "name": view.name, "hostname": view.hostname, "kind": view.kind, "model": view.model,
            "powered": view.powered, "now": view.now, "uptime": view.uptime,
            "truncated": [name for name, rows in tables.items() if len(rows) > ROWS],
            **{name: list(rows)[:ROWS] for name, rows in tables.items()},
        }
    )  # fmt: skip


def step(entry: LabEntry, seconds: float) -> bool:
    """Let lab time pass in slices; False when the wall clock ended it early."""
    until, wall = entry.lab.now + seconds, time.monotonic() + STEP_WALL
    while (left := until - entry.lab.now) > 1e-9:
        entry.lab.advance(min(left, SLICE))
        if time.monotonic() > wall:
            return entry.lab.now >= until
    return True


def create_server(tools: Tools | None = None) -> MCPServer:
    """The server with its tools."""
    own = tools or Tools()
    server = MCPServer("iosemu", instructions=ABOUT, version=__version__, log_level="WARNING")
    for tool in (
        own.list_labs, own.list_running, own.start_lab, own.stop_lab, own.show_lab, own.type_lines, own.configure,
        own.running_config, own.device_state, own.ping, own.trace_packet, own.capture, own.change_link, own.power,
        own.advance, own.snapshot, own.restore, own.check, own.list_faults, own.start_challenge, own.hint, own.grade,
    ):  # fmt: skip
        server.add_tool(tool)
    return server


async def serve() -> None:
    """Answer on standard input and output until they end."""
    tools = Tools()
    try:
        await create_server(tools).run_stdio_async()
    finally:
        await tools.labs.close()
