"""A lab: devices, cables and a clock, put together from a lab file."""

from __future__ import annotations

import gc
import random
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from iosemu.box import running_config
from iosemu.box.device import Device
from iosemu.box.interface_types import Medium, type_of
from iosemu.box.lines import Line
from iosemu.box.vtys import allocate_vty
from iosemu.handling.context import LineError
from iosemu.ip.stack import IpStack
from iosemu.kinds.factory import create_device
from iosemu.lab import assessment, labfile, resources
from iosemu.lab.errors import LabError
from iosemu.lab.faults import Faults
from iosemu.lab.folder import Folder
from iosemu.lab.labfile import Topology
from iosemu.lab.labfile_model import Cable
from iosemu.lab.moments import Moments
from iosemu.lab.network_terminals import NetworkTerminals
from iosemu.lab.secure_shells import NetworkSecureShells
from iosemu.lab.services import provide
from iosemu.lab.snapshot import Snapshot
from iosemu.lab.storage import LabState
from iosemu.net.link import Link, Port
from iosemu.net.scheduler import Scheduler
from iosemu.parser.renderer import Renderer
from iosemu.server import outside
from iosemu.server.clock import LabClock
from iosemu.server.pace import Pace
from iosemu.shell.executor import Executor
from iosemu.shell.loader import load
from iosemu.shell.session import Session
from iosemu.shell.terminal_session import TerminalSession
from iosemu.subjects.crypto.service.engine import CryptoEngine

if TYPE_CHECKING:
    from iosemu.lab.answers import Answers
    from iosemu.lab.suspension import Kept

SETTLE = 60.0
"""Lab seconds after power on in which a lab finds its state: spanning tree forwards after 30 (802.1D)."""
BOOT_TIME = 10.0
"""Lab seconds between power off and power on of a device that reloads."""
SEEDED_ORIGIN = datetime(2024, 1, 1, tzinfo=UTC)
"""Lab time zero of a lab with a seed, whose captures are to be the same each time."""
STARTUP = "startup-config"
IGNORE_STARTUP = 0x40
"""The bit of the configuration register that leaves the startup configuration out (0x2142)."""

_CHANCE = random.SystemRandom()
"""The operating system's, for all labs without a seed: it has no state, but each object of it has room for one."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many steps are done, and how many there are."""


@contextmanager
def _building() -> Iterator[None]:
    """Look for no garbage while much is made that stays: it takes half the time of building a large lab."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            if not gc.get_freeze_count():  # what is put aside elsewhere stays there
                # All that was made is old at once: the next look at what is young would go through the whole lab.
                gc.freeze()
                gc.unfreeze()
            gc.enable()


class Listening(Protocol):
    """A capture that is open."""

    def close(self) -> None:
        """Stop it; closing twice does no harm."""
        ...


class Lab:
    """Devices by name, their cables, and the clock that moves them; `boot` switches everything on."""

    def __init__(
        self,
        topology: Topology,
        *,
        seed: int | str | None = None,
        time: Pace | str = Pace.MANUAL,
        state: LabState | None = None,
    ) -> None:
        self.topology = topology
        self.name = topology.lab.name
        self.seed = seed
        self.state = state
        self.origin = datetime.now(UTC) if seed is None else SEEDED_ORIGIN
        self.scheduler = Scheduler()
        pace = Pace(time)
        if topology.outside and pace is Pace.FAST:
            pace = Pace.REAL  # who is outside lives by the wall clock
        self.clock = self._make_clock(pace)
        self.clock.bound = bool(topology.outside)
        self.grammar = resources.grammar()
        self.answers: Answers | None = None
        """The lab's own answers, if its file names some."""
        if (folder := topology.answers_path) is not None:
            from iosemu.lab.answers import of_folder

            self.answers = of_folder(folder)
            self.grammar = self.answers.grammar
        self.devices: dict[str, Device] = {}
        self._folders: dict[str, Folder] = {}
        """Files of servers."""
        self.errors: dict[str, list[LineError]] = {}
        """What was not understood of each device's configuration when it last started."""
        self.faults = Faults(self.devices, lambda: self.scheduler.now)
        """Exceptions of iosemu itself that were caught while lab time passed."""
        self.scheduler.fault = self.faults.caught
        self.clock.fault = self.faults.caught
        self.captures: weakref.WeakSet[Listening] = weakref.WeakSet()
        """Open captures; a lab that is put back closes them."""
        self.listener: Callable[[str, bytes], None] | None = None
        """Is told what every session sends to its user: device and octets."""
        self.page_link: Callable[[], str] | None = None
        """Gives a fresh link to the lab's page, while it has one."""
        self.api_token: Callable[[], tuple[str, str]] | None = None
        """Gives the address of the lab's API and a token for it, while it has a page."""
        self._typed: set[str] = set()
        """Devices whose startup configuration is still the text of the lab's author."""
        self._resumed: dict[str, Kept] = {}
        """What devices held when the lab was put aside, until each has started."""
        self._stirred: dict[Device, None] = {}
        """Devices that have something for the lab to do."""
        self._sessions: weakref.WeakSet[Session] = weakref.WeakSet()
        for lane, name in enumerate(topology.lab.nodes):
            if self.holds(name):
                self._add_device(name, lane)
        self.links: list[Link] = []
        for number in range(len(topology.cables)):
            self._add_cable(number)
        self.outsides = [outside.create(end) for _port, end, _cable in topology.outside]
        """The far ends of the cables that lead out of the lab; `serve` opens them."""
        for ((name, port), _end, cable), far in zip(topology.outside, self.outsides, strict=True):
            impairment = None if cable.perfect else cable.impairment()
            rng, back = self._random(f"{name}:{port}"), self._random(f"{name}:{port} in")
            here = self.devices[name].ports[port]
            far.port.lane = here.lane
            self.links.append(Link(self.scheduler, here, far.port, cable.delay, impairment, rng, back))
        self.examiner: Callable[[Lab, str], Iterable[str]] | None = (
            assessment.report if topology.lab.checks else None
        )
        """Tells which checks of the lab hold; None when it has none."""
        self.moments = Moments(self)
        self.clock.watch(self)

    @classmethod
    def load(
        cls,
        name_or_path: str | Path,
        *,
        seed: int | str | None = None,
        time: Pace | str = Pace.MANUAL,
        keep: bool = False,
        state_root: Path | None = None,
        variables: Mapping[str, Any] | None = None,
        outside_configs: bool = False,
    ) -> Lab:
        """Read a lab file and build the lab, powered off.

        With `keep` what devices save outlives the process; `variables` take the place of the file's;
        with `outside_configs` its configurations may be outside its folder.
        Raises LabError with file, line and path.
        """
        with _building():
            topology = labfile.read(
                labfile.find(str(name_or_path)), variables, outside_configs=outside_configs
            )
            state = LabState(topology.lab.name, state_root) if keep else None
            return cls(topology, seed=seed, time=time, state=state)

    def holds(self, name: str) -> bool:
        """Whether a node of the lab's file is computed here: all are, but in a part of a lab that was cut."""
        return True

    def _make_clock(self, pace: Pace) -> LabClock:
        return LabClock(self.scheduler, pace)

    def _add_device(self, name: str, lane: int) -> None:
        topology = self.topology
        model, image = topology.model(name), resources.image(topology.image(name))
        device = create_device(name, model, image, self.scheduler, self._random(name), self.origin)
        device.lane = lane
        for port in device.ports.values():
            port.lane = lane
        self.devices[name] = device

    def _add_cable(self, number: int) -> None:
        (a, a_port), (b, b_port), cable = self.topology.cables[number]
        self.links.append(
            Link(
                self.scheduler,
                self.devices[a].ports[a_port],
                self.devices[b].ports[b_port],
                cable.delay,
                None if cable.perfect else cable.impairment(),
                self._random(f"{a}:{a_port}"),
                self._random(f"{b}:{b_port}"),
                self._clocking(cable, (a, a_port), (b, b_port)),
            )
        )

    def close(self) -> None:
        """Let other processes own what the devices saved; nothing is kept from here on."""
        self.cut_connections()
        if self.state is not None:
            for device in self.devices.values():
                self.state.detach(device)
            self.state.close()

    def __getitem__(self, name: str) -> Device:
        return self.devices[name]

    def _clocking(self, cable: Cable, *ends: tuple[str, str]) -> Port | None:
        """The end of a serial cable that gives the clock."""
        if type_of(ends[0][1]).medium is not Medium.SERIAL:
            return None
        name, port = self.topology.clocking(cable, ends)
        return self.devices[name].ports[port]

    def _random(self, name: str) -> random.Random:
        if self.seed is None:
            return _CHANCE
        return random.Random(f"{self.seed}/{name}")  # noqa: S311 - a seed asks for repeatable numbers

    def boot(self, progress: Progress | None = None, settle: float = SETTLE) -> None:
        """Power everything on and compute `settle` lab seconds, until the network has found its state."""
        total = len(self.devices) + 1
        with _building():
            for number, name in enumerate(self.booting()):
                if progress is not None:
                    progress(name, number, total)
            if progress is not None:
                progress("the network", total - 1, total)
            self.scheduler.run_until(self.scheduler.now + settle)
        if progress is not None:
            progress("", total, total)

    def booting(self, resumed: Mapping[str, Kept] | None = None) -> Iterator[str]:
        """Power everything on, one device a step, for callers who do other things in between; gives whose turn it is.

        A device that is in `resumed` is configured as it was when the lab was put aside (`suspension.kept`).
        """
        self._resumed = dict(resumed or {})
        if self.state is not None:
            self.state.open()
        for device in self.devices.values():
            yield device.name
            self._insert_files(device)
            kept = self._resumed.get(device.name)
            if kept is None or kept.powered:
                self.start(device.name)
            else:
                del self._resumed[device.name]  # whoever powers it on later has it start as boxes do

    def _insert_files(self, device: Device) -> None:
        """Give a device what it saved in an earlier run, else the lab's startup configuration."""
        if self.state is not None:
            self.state.restore(device)
        kept = self._resumed.get(device.name)
        if STARTUP not in device.nvram and kept is not None and kept.startup is not None:
            device.nvram.insert(STARTUP, kept.startup.encode())
        elif STARTUP not in device.nvram and kept is None:
            device.nvram.insert(STARTUP, self.topology.config_text(device.name).encode())
            self._typed.add(device.name)

    def start(self, name: str) -> list[LineError]:
        """Power one device on and type its startup configuration; returns what it did not understand."""
        device = self.devices[name]
        self.scheduler.lane = device.lane
        if self.state is not None:
            self.state.detach(
                device
            )  # what a startup configuration makes in flash is made again at each start
        device.commander = lambda origin: self._commander(device, origin)
        device.terminals = NetworkTerminals(self, name)
        if device.secure_shells is not None:
            device.secure_shells.forget()
        device.secure_shells = NetworkSecureShells(self, name)
        device.boot()
        services = self.topology.lab.nodes[name].services
        if services is not None:
            provide(device, services, self._folder(name))
        ignored = bool(device.booted_register & IGNORE_STARTUP)
        text = "" if ignored else (device.startup or b"").decode("utf-8", "replace")
        if (kept := self._resumed.pop(name, None)) is not None:
            text = kept.running
        self.errors[name] = load(device, self.grammar, text)
        if name in self._typed:
            self._typed.discard(name)
            if device.composition.config_mode and text.strip():
                # what a box has in NVRAM it wrote itself
                device.nvram.insert(STARTUP, running_config.text_of(device, Renderer(self.grammar)))
        if self.state is not None:
            self.state.attach(device)
        return self.errors[name]

    def _folder(self, name: str) -> Folder:
        """The files of a server; what was written to it outlives its restarts."""
        if name not in self._folders:
            services = self.topology.lab.nodes[name].services
            writable = services is not None and services.writable
            self._folders[name] = Folder(self.topology.services_path(name), writable=writable)
        return self._folders[name]

    def _commander(self, device: Device, origin: str) -> Executor:
        """A command line for what runs by itself on a device."""
        made = Executor(device, self.grammar, privilege=15, origin=origin, line_name="vty0")
        made.automated = True
        return made

    def stop(self, name: str) -> None:
        """Take the power from one device; its sessions end."""
        device = self.devices[name]
        if device.powered:
            self.scheduler.lane = device.lane
            device.power_off()
            if device.secure_shells is not None:
                device.secure_shells.forget()
        self.clock.poke()

    def cut_connections(self) -> None:
        """End what the boxes do over SSH among themselves, without a word: the lab is put back, or ends."""
        for device in self.devices.values():
            if device.secure_shells is not None:
                device.secure_shells.forget()

    def session(
        self,
        name: str,
        *,
        username: str = "admin",
        privilege: int = 15,
        origin: str = "127.0.0.1",
        columns: int = 80,
        rows: int = 24,
        pty: bool = True,
        hidden: bool = False,
        line: Line | None = None,
    ) -> Session | None:
        """A session on one of a device's vtys (`line`: one that is taken already), not yet started; None when no vty
        is free.

        A `hidden` one is on a line of its own that the device does not know of: it is always free.
        """
        device = self.devices[name]
        if line is None:
            line = Line("vty", 0, 0) if hidden else allocate_vty(device, username, origin)
        if line is None:
            return None
        session = Session(
            device,
            self.grammar,
            username=username,
            privilege=privilege,
            origin=origin,
            line=line,
            columns=columns,
            rows=rows,
            pty=pty,
        )
        session.shell.exempt = hidden
        self._sessions.add(session)
        session.heard = partial(self._said, name)
        return session

    def _said(self, name: str, data: bytes) -> None:
        if self.listener is not None:
            self.listener(name, data)

    def terminal_session(self, name: str, line: Line, origin: str) -> TerminalSession:
        """A session on a line that is taken already; it asks who is there. Not yet started."""
        session = TerminalSession(self.devices[name], self.grammar, privilege=1, origin=origin, line=line)
        self._sessions.add(session)
        return session

    def adopt(self, session: Session) -> None:
        """A session that was opened elsewhere: putting back a snapshot hangs it up, too."""
        self._sessions.add(session)

    def announce_outside(self) -> None:
        """The cables that lead out are plugged in: the boxes there say who they are (gratuitous ARP), as at boot.

        They did so when they booted, but nobody was there to hear it.
        """
        for (name, port), _end, _cable in self.topology.outside:
            device = self.devices[name]
            stack = device.find(IpStack)
            for interface in device.interfaces.values() if stack is not None else ():
                there = interface.name.partition(".")[0] == port or interface.kind == "Vlan"
                if there and interface.protocol_up and stack is not None:
                    stack.vrf_of(interface.name).arp.announce(interface)
        self.clock.poke()

    def snapshot(self) -> Snapshot:
        """What every device, cable and timer holds now, for `restore`; takes milliseconds.

        Raises LabError while a capture is open: its place in the lab would come back without it.
        """
        if self.captures:
            raise LabError("a capture is open: close it before taking a snapshot")
        return Snapshot(self.devices, self.links, self.scheduler, self.errors)

    def restore(self, snapshot: Snapshot) -> None:
        """Put a snapshot of this lab back, its lab time too; sessions are hung up and captures closed."""
        for session in list(self._sessions):
            session.abandon()
        self._sessions.clear()
        for capture in list(self.captures):
            capture.close()
        self.cut_connections()
        snapshot.restore()
        for device in self.devices.values():
            if self.state is not None:
                self.state.reconcile(device)
            for line in device.lines.all():
                line.free()
            self._heard(device)
        self.clock.pace = self.clock.pace  # lab time jumped: follow the wall clock from here

    def advance(self, seconds: float) -> None:
        """Compute `seconds` of lab time now (where no clock task runs; else `await lab.clock.advance`)."""
        self.clock.advance_now(seconds)

    def run_until(self, reached: Callable[[], bool], timeout: float) -> bool:
        """Compute lab time until `reached()` or for `timeout` lab seconds; tells whether it was reached."""
        return self.clock.advance_now(timeout, reached)

    def link(self, endpoint: str) -> Link:
        """The cable in a port such as `R-A:Fa0/0`.

        Raises LabError when there is no such port or no cable in it.
        """
        name, port = self.topology.endpoint(endpoint)
        link = self.devices[name].ports[port].link
        if link is None:
            raise LabError(f"{name}:{port} has no cable")
        return link

    def exported_keys(self) -> dict[str, list[dict[str, Any]]]:
        """The IKE and ESP keys that the routers have used, for Wireshark."""
        ike: dict[str, dict[str, Any]] = {}
        ikev2: dict[str, dict[str, Any]] = {}
        esp: dict[tuple[str, str, str], dict[str, Any]] = {}
        for device in self.devices.values():
            crypto = device.find(CryptoEngine)
            if crypto is None:
                continue
            keys = crypto.exported_keys()
            for entry in keys["ike"]:
                known = ike.setdefault(entry["cookie"], {})
                known.update({key: value for key, value in entry.items() if value or key not in known})
            for entry in keys["ikev2"]:
                ikev2.setdefault(entry["spi_i"], entry)
            for entry in keys["esp"]:
                # the ends of an SA through a NAT know its packets by different addresses
                esp.setdefault((entry["src"], entry["dst"], entry["spi"]), entry)
        return {"ike": list(ike.values()), "ikev2": list(ikev2.values()), "esp": list(esp.values())}

    # The clock rouses a lab as it rouses sessions: a device that was told to reload is to be restarted.
    waiting = False
    restless = False
    wake: float | None = None

    def attend(self, rouse: Callable[[], None]) -> None:
        """Have the clock called when a device wants a restart."""
        self._rouse = rouse
        for device in self.devices.values():
            device.attention.connect(partial(self._heard, device))

    def _heard(self, device: Device) -> None:
        self._stirred[device] = None
        self._rouse()

    def tick(self) -> None:
        """Restart the devices that were told to reload."""
        stirred, self._stirred = self._stirred, {}
        for device in stirred:
            if device.reload_requested:
                try:
                    self._reload(device)
                except Exception as error:  # noqa: BLE001 - the others are restarted all the same
                    self.faults.caught(device, error)

    def _reload(self, device: Device) -> None:
        device.reload_requested = False
        self.stop(device.name)
        boots = device.boots

        def power_on() -> None:
            if not device.powered and device.boots == boots:
                self.start(device.name)

        self.scheduler.after(BOOT_TIME, power_on)
