"""What every powered box has: a model, an image, ports, a configuration, services, a log and files."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, Literal, Protocol, TypeVar

from iosemu.box import interface_tracing
from iosemu.box.config import Configuration
from iosemu.box.debugging import Debugging
from iosemu.box.facts import Fact
from iosemu.box.files import FileSystem
from iosemu.box.interface import Interface
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.interface_types import words_for
from iosemu.box.interfaces import Interfaces
from iosemu.box.lines import Lines
from iosemu.box.macs import allocate
from iosemu.box.model import Image, Model, RandomSource
from iosemu.box.processor import Processor
from iosemu.box.rsa import RsaKey
from iosemu.box.secure_shell import SecureShells
from iosemu.box.service import Service
from iosemu.box.shipped import flash_octets, image_file, image_url
from iosemu.box.subject import Kind
from iosemu.box.syslog import Syslog
from iosemu.box.system import SystemConfig
from iosemu.box.terminals import Terminals
from iosemu.box.timestamps import stamp
from iosemu.net.link import Port
from iosemu.net.scheduler import Scheduler
from iosemu.net.signal import Signal
from iosemu.packets.addresses import MacAddress
from iosemu.packets.ethernet import EtherType

STARTUP = "startup-config"
NVRAM_KILOBYTES = 64
"""Sizes of a model that tells none."""

SOFTWARE_LATENCY, HARDWARE_LATENCY = 100e-6, 10e-6
"""Seconds that a box needs for a frame: an echo over a router takes about 0.2 ms more, to and fro."""
MAXIMUM_LENGTH = 1500
"""Greater numbers in the place of an IEEE 802.3 length are EtherTypes."""

ServiceT = TypeVar("ServiceT", bound=Service)
GroupHandler = Callable[[Interface, bytes], bool]
"""Takes a frame to a group address that came in on an interface; False: it was not for this handler."""
FrameHandler = Callable[[Interface, bytes], None]


class Commander(Protocol):
    """A command line without a user."""

    @property
    def prompt(self) -> str:
        """Where it stands."""
        ...

    def steps(self, line: str) -> Generator[Any, Any, None]:
        """Run a line; yields its output and what it asks for."""
        ...


class Device:
    """A box in the lab, of the kind that its model says.

    `boot` starts it with an empty configuration, as after `write erase` and `reload`; whoever boots it
    then types the startup configuration in. `power_off` drops its links and forgets all volatile state.

    What it does is done by the services of its kind's subjects: `device.service(Nat)`.
    """

    __slots__ = (
        "_depth", "_put_off", "_reload_requested", "_running", "_services", "attention", "base_mac",
        "booted_at", "booted_image", "booted_register", "boots", "change_hooks", "command_hooks", "commander",
        "composition", "config", "config_file", "creatable", "debugging", "ethertypes", "flash", "groups", "image",
        "interface_words", "interfaces", "lane", "lines", "macs", "model", "name", "nvram",
        "origin", "permanent", "ports", "powered", "processor", "register", "reload_planned",
        "reload_reason", "rng", "rsa_keys", "scheduler", "secure_shells", "send_control",
        "switch_mac", "switch_ports", "syslog", "terminals",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        model: Model,
        image: Image,
        scheduler: Scheduler,
        rng: RandomSource,
        origin: datetime,
        composition: Kind,
    ) -> None:
        self.name = name
        self.model = model
        self.image = image
        self.scheduler = scheduler
        self.rng = rng
        self.origin = origin
        """Wall-clock time (aware, UTC) of lab time zero."""
        self.lane = -1
        """Its number in the lab: what happens in it is in that lane of the scheduler."""
        self.composition = composition
        """The subjects of a box of this kind."""
        self.switch_ports = frozenset(model.switch_ports)
        """The ports that are wired to switching hardware."""
        hardware = composition.forwards_in_hardware
        self.ports: dict[str, Port] = {
            port: Port(
                f"{name}:{port}",
                HARDWARE_LATENCY if hardware or port in self.switch_ports else SOFTWARE_LATENCY,
            )
            for port in model.ports
        }
        self.syslog = Syslog()
        self.flash = FileSystem(lambda: scheduler.now, flash_octets(model))
        shipped = image_file(model, image)
        if shipped is not None:
            self.flash.insert(*shipped)
            self.flash.shipped = dict([shipped])
        nvram = model.facts.get("nvram") or NVRAM_KILOBYTES
        self.nvram = FileSystem(lambda: scheduler.now, int(nvram) * 1024, "nvram")
        """`startup-config` and the rest; kept over restarts."""
        self.rsa_keys: dict[str, RsaKey] = {}
        """By label; kept over restarts, as NVRAM keeps them."""
        own = composition.chassis_mac
        module = bool(self.switch_ports) and not own
        macs = allocate(rng, len(model.ports) + own + module) if model.ports else []
        self.macs = dict(zip(model.ports, macs[own : own + len(model.ports)], strict=True))
        """The addresses of the ports."""
        self.base_mac = macs[0] if macs else MacAddress(bytes(6))
        """The address of the box: one of its own, or that of its first port."""
        self.switch_mac = macs[-1] if module else self.base_mac
        """The address of the switching hardware: a module has one of its own, a Catalyst is nothing else."""
        self.lines = Lines()
        """Who is logged in on which terminal line."""
        self.attention = Signal()
        """Power went off or came on, or a reload is wanted."""
        self._reload_requested = False
        self.reload_planned: float | None = None
        """Lab time of a restart that was ordered with `reload in` or `at`."""
        self.reload_reason = ""
        self.powered = False
        self.booted_at = 0.0
        self.commander: Callable[[str], Commander] | None = None
        """Opens a command line for what runs by itself, told by a name; whoever has a shell sets it."""
        self.command_hooks: list[Callable[[str], Generator[Any, Any, bool]]] = []
        """Who is told of each command before it runs; the answer says whether it may."""
        self.change_hooks: list[Callable[[str, str, str], None]] = []
        """Who is told of each command of the configuration that was carried out: user, line and command."""
        self.terminals: Terminals | None = None
        """Who gives a shell to those who come over the lab's own network; None: nobody does."""
        self.secure_shells: SecureShells | None = None
        """Who speaks SSH over the lab's own network; None: nobody does."""
        self.register = int(str(model.facts.get("register", "0xF")), 16)
        """The configuration register, as the next start will read it; bit 6: without the startup configuration."""
        self.booted_register = self.register
        self.booted_image = image_url(model, image)
        """The file that it runs."""
        self.config_file = ""
        """Where the startup configuration is, as a URL; empty: in NVRAM. Kept over restarts."""
        self.boots = 0
        """How often the box was started; a session opened under another number is dead."""
        self._prepare()

    @property
    def reload_requested(self) -> bool:
        """`reload` was confirmed; whoever runs the lab powers the box off and boots it."""
        return self._reload_requested

    @reload_requested.setter
    def reload_requested(self, wanted: bool) -> None:
        self._reload_requested = wanted
        if wanted:
            self.attention.emit()

    @property
    def kind(self) -> str:
        """router, switch, l3switch, pc, server or sniffer."""
        return self.model.kind

    @property
    def is_switch(self) -> bool:
        """Whether it has switch ports and no others: a Catalyst."""
        return bool(self.switch_ports) and len(self.switch_ports) == len(self.ports)

    @property
    def now(self) -> float:
        """Lab time in seconds."""
        return self.scheduler.now

    @property
    def hostname(self) -> str:
        """The name in the prompt: the configured one, else the kind's, else that in the lab."""
        system = self.config.find(SystemConfig)
        return (system.hostname if system is not None else "") or self.composition.hostname or self.name

    # --- power ---------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        """An empty configuration, and services that are not started."""
        self.config = Configuration(self.composition.parts)
        """Typed configuration; made anew by `boot`."""
        self.processor = Processor()
        """What passes the processor by, and how busy it was."""
        self.processor.start(self.now)
        self.interfaces = Interfaces()
        self.debugging = Debugging(self.composition.debug_flags)
        """Which debug flags are on."""
        self.groups: dict[bytes, list[GroupHandler]] = {}
        """Who takes frames to a group address of the link layer, by its six octets."""
        self.send_control: Callable[[Interface, bytes], object] = self._send_out
        """Sends a frame of a link layer protocol out of a port (a switch puts it into the native VLAN)."""
        self.ethertypes: dict[int, FrameHandler] = {}
        """Who takes the frames of an EtherType."""
        self._services: dict[type[Service], Service] = {}
        self._running: list[Service] = []
        self._depth = 0
        self._put_off: dict[Callable[[], None], None] = {}
        for each in self.composition.services:
            service = each(self)
            self._running.append(service)
            for base in each.__mro__:
                if base is not Service and issubclass(base, Service):
                    self._services[base] = service
        self.creatable = {kind: limits for each in self._running for kind, limits in each.creatable().items()}
        """The types of interfaces that can be made by naming them, with their lowest and highest number."""
        self.permanent = frozenset(name for each in self._running for name in each.permanent)
        """Interfaces that the box has always, beside its ports."""
        self.interface_words = words_for(self.creatable, any(each.subinterfaces for each in self._running))
        """What the parser has to know of interface types here."""

    def services(self) -> tuple[Service, ...]:
        """What runs on it, in the order of starting."""
        return tuple(self._running)

    def boot(self) -> None:
        """Start with an empty configuration and the ports' links coming up."""
        self.powered = True
        self.boots += 1
        self.booted_at = self.now
        self.booted_register = self.register
        self.command_hooks, self.change_hooks = [], []
        self.syslog = Syslog()
        self.lines = Lines()
        self.reload_requested = False
        self.reload_planned = None
        self._prepare()
        for service in self._running:
            service.start()
        self.attention.emit()

    def power_off(self) -> None:
        """Stop at once: links drop, memory is lost, flash and nvram stay."""
        self.powered = False
        self.debugging.set_all(False)
        for port in self.ports.values():
            port.enabled = False
        for interface in self.interfaces.values():
            interface.stop()
        for service in self._running:
            service.stop()
        self.attention.emit()

    def log(
        self,
        facility: str,
        severity: int,
        mnemonic: str,
        text: str,
        *,
        continues: bool = False,
        about: Fact | None = None,
    ) -> None:
        """Issue a system message now; with `continues` a further line of the one before."""
        kind: Literal["log", "debug"] = "log" if mnemonic else "debug"
        stamped = None if continues else partial(stamp, self, kind)
        self.syslog.log(
            self.now, facility, severity, mnemonic, text, continues=continues, about=about, stamp=stamped
        )

    def tell(self, about: Fact) -> None:
        """Something happened of which no message is issued."""
        self.syslog.tell(about)

    def candidates(self, _kind: str) -> Sequence[tuple[str, str]]:
        """Values of a type of the grammar that the box knows, with help, for `?` and Tab."""
        return ()

    @property
    def startup_place(self) -> tuple[str, FileSystem, str]:
        """Where the startup configuration is: scheme, file system and path."""
        scheme, _, path = self.config_file.partition(":")
        path = path.strip("/")
        if not path:
            return "nvram", self.nvram, STARTUP
        return (scheme, self.nvram, path) if scheme == "nvram" else (scheme, self.flash, path)

    @property
    def startup(self) -> bytes | None:
        """The startup configuration; that in NVRAM if the file that was named is not there."""
        _, files, path = self.startup_place
        return files[path] if path in files else self.nvram.get(STARTUP)

    @property
    def register_text(self) -> str:
        """The configuration register, and what it will be after the next start."""
        now, then = f"0x{self.booted_register:X}", f"0x{self.register:X}"
        return now if now == then else f"{now} (will be {then} at next reload)"

    # --- services ------------------------------------------------------------------------------------

    def service(self, wanted: type[ServiceT]) -> ServiceT:
        """The service of this class, or of one derived from it.

        Raises LookupError where a box of this kind has none.
        """
        try:
            return self._services[wanted]  # type: ignore[return-value]  # the key is its class
        except KeyError:
            raise LookupError(f"a {self.kind} has no {wanted.__name__}") from None

    def find(self, wanted: type[ServiceT]) -> ServiceT | None:
        """The service of this class, None where a box of this kind has none."""
        return self._services.get(wanted)  # type: ignore[return-value]

    def bind_group(self, address: bytes, handler: GroupHandler) -> None:
        """Offer frames to a group address of the link layer to `handler`, after those that were bound before."""
        self.groups.setdefault(bytes(address), []).append(handler)

    def bind_ethertype(self, ethertype: int, handler: FrameHandler) -> None:
        """Give frames of an EtherType to `handler`, in place of a former one."""
        self.ethertypes[ethertype] = handler

    def deliver(self, interface: Interface, frame: bytes) -> None:
        """Hand an untagged frame that came in on an interface to whom its EtherType belongs.

        Ignored: what is for another station, and what comes while the line protocol is down.
        """
        if not interface.protocol_up or not (frame[0] & 1 or interface.accepts(frame[:6])):
            if self.scheduler.context is not None:
                interface_tracing.not_taken(interface, self.scheduler.context, frame[:6])
            return
        ethertype = frame[12] << 8 | frame[13]
        handler = self.ethertypes.get(ethertype)
        if handler is not None:
            handler(interface, frame)
        elif ethertype > MAXIMUM_LENGTH and ethertype not in (EtherType.LOOP, EtherType.LLDP):
            interface.counters.in_unknown_protocol += 1

    def _send_out(self, interface: Interface, frame: bytes) -> None:
        interface.send(frame)

    def group_frame(self, interface: Interface, frame: bytes) -> bool:
        """Whether somebody took a frame that may be to a group address."""
        handlers = self.groups.get(frame[:6])
        return handlers is not None and any(handler(interface, frame) for handler in handlers)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """What happens inside is one change: what was put off by `soon` is done once, at its end."""
        self._depth += 1
        try:
            yield
            if self._depth == 1:
                while self._put_off:
                    refresh = next(iter(self._put_off))
                    del self._put_off[refresh]
                    refresh()
        finally:
            self._depth -= 1

    def soon(self, refresh: Callable[[], None]) -> None:
        """Call `refresh` once at the end of what happens now: a command, a configuration that is loaded."""
        with self.batch():
            self._put_off[refresh] = None

    def configured(self, subject: str, target: Any = None) -> None:
        """A configuration command of a subject was taken: tell its services, and those that follow it.

        `target` is what the command's mode edits; under `interface X` the services are told of X.
        """
        interface = self.interfaces.get(target.name) if isinstance(target, InterfaceConfig) else None
        with self.batch():
            for each in self.composition.concerned(subject):
                service = self._services[each]
                if interface is not None:
                    service.interface_configured(interface)
                else:
                    service.changed()

    # --- interfaces ----------------------------------------------------------------------------------

    def make_interface(self, name: str) -> InterfaceConfig:
        """The configuration of an interface, made when it is a virtual one that is new.

        Raises ValueError when the box has no such interface.
        """
        found = self.config.interfaces.get(name)
        if found is not None:
            return found
        config = InterfaceConfig(name)
        for service in self._running:
            interface = service.make_interface(config)
            if interface is not None:
                self.add_interface(interface)
                return config
        raise ValueError(f"{self.name} has no {name}")

    def add_interface(self, interface: Interface) -> None:
        """Take up an interface and start it."""
        self.config.interfaces[interface.name] = interface.config
        self.interfaces[interface.name] = interface
        with self.batch():
            for service in self._running:
                service.interface_added(interface)
        interface.listeners.append(self._protocol_changed)
        interface.start()

    def delete_interface(self, name: str) -> bool:
        """Remove a virtual interface or subinterface; False when that is not possible."""
        interface = self.interfaces.get(name)
        if interface is None or name in self.ports or name in self.permanent:
            return False
        del self.interfaces[name]
        if interface.config.cloned:
            interface.has_carrier = lambda: False  # it goes with its peer; nobody has shut it
        else:
            interface.config.shutdown = True
        interface.refresh()
        with self.batch():
            for service in self._running:
                service.interface_removed(interface)
        del self.config.interfaces[name]
        return True

    def interface_configured(self, name: str) -> None:
        """Everything about an interface may have been configured anew: tell all services."""
        interface = self.interfaces[name]
        with self.batch():
            for service in self._running:
                service.interface_configured(interface)

    def addresses_changed(self, interface: Interface) -> None:
        """Tell all services that an interface has other addresses."""
        with self.batch():
            for service in self._running:
                service.addresses_changed(interface)

    def routes_changed(self) -> None:
        """Tell all services that the routing table changed."""
        with self.batch():
            for service in self._running:
                service.routes_changed()

    def _protocol_changed(self, interface: Interface) -> None:
        if not self.powered:
            return  # each service stops as a whole: what it knew of this interface goes with it
        with self.batch():
            for service in self._running:
                service.protocol_changed(interface)
