"""HSRP at work: the engines of all groups between interfaces, tracked objects and the IP stack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.facts import HsrpState
from iosemu.box.interface import Interface
from iosemu.box.interface_types import short_name
from iosemu.firsthop.hsrp import (
    NOTED,
    Changed,
    Event,
    HsrpGroup,
    Learned,
    OtherAddress,
    Settings,
    State,
)
from iosemu.ip.config import IpSettings
from iosemu.ip.first_hop import NETWORK_CONTROL, FirstHop, RunningGroup, Told
from iosemu.ip.stack import IpStack, multicast_mac
from iosemu.ip.virtual import Duty, Holding, Redundancy
from iosemu.net.scheduler import Timer
from iosemu.packets.addresses import MacAddress
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.hsrp import GROUPS, PORT, TTL, HsrpAdvertisement, HsrpMessage, parse
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.udp import UdpDatagram
from iosemu.subjects.hsrp import debug
from iosemu.subjects.hsrp.config import (
    DELAY_MINIMUM,
    DELAY_RELOAD,
    HELLO,
    HOLD,
    HsrpGroupSettings,
    HsrpPort,
)
from iosemu.subjects.hsrp.proof import believed, keys_of, proved, text_of
from iosemu.subjects.hsrp.redirects import heard_of, redirected
from iosemu.subjects.routing.following import FollowedObjects
from iosemu.subjects.routing.tracking import tracked


def _duty(number: int) -> Duty:
    """What a trace says of the group."""
    return Duty("HSRP", number, "active router", f"standby {number} ip")


@dataclass(eq=False, kw_only=True)
class Running(RunningGroup[HsrpGroupSettings, HsrpGroup]):
    """One group of an interface, and what it holds of the stack."""

    holding: Holding
    trouble: str = ""
    """Why it does not run, in the words of `show standby`."""
    redundancy: str = ""
    """The name under which others are bound to it."""

    @property
    def name(self) -> str:
        """The configured name, or `hsrp-Fa0/0-1`."""
        return self.settings.name or f"hsrp-{short_name(self.interface.name)}-{self.settings.number}"


@dataclass(eq=False)
class Port:
    """One interface with groups."""

    ready_at: float
    """Lab time from which its groups may run (`standby delay`)."""
    told: tuple[int, int] | None = None
    """The groups that are active, and those that are not, as advertised."""
    timer: Timer | None = None
    advertising: Timer | None = None
    passive: dict[IPv4Address, float] = field(default_factory=dict)
    """Lab time until which a router is known to be active in no group."""
    hits: Counter[IPv4Address] = field(default_factory=Counter)
    """How many redirects each router was the cause of."""

    def stop(self) -> None:
        """Nothing is waited for any more."""
        for timer in (self.timer, self.advertising):
            if timer is not None:
                timer.cancel()


class Hsrp(FirstHop[HsrpGroupSettings, Running]):
    """Runs the groups that are configured."""

    facility = "HSRP"

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.ports: dict[str, Port] = {}

    # --- what is told ----------------------------------------------------------------------------------

    def stop(self) -> None:
        """Power goes."""
        super().stop()
        for port in self.ports.values():
            port.stop()

    def protocol_changed(self, interface: Interface) -> None:
        """The line protocol of an interface came up or went down."""
        port = self.ports.get(interface.name)
        if port is not None:
            if port.timer is not None:
                port.timer.cancel()
            if interface.protocol_up:
                port.ready_at = self.device.now + self._delay(interface)
                port.timer = self.device.scheduler.at(port.ready_at, lambda: self._ready(interface))
                debug.line(self.device, f"{short_name(interface.name)} Interface up")
            self._look(interface)
        for running in self.groups.values():
            if interface.name in running.settings.interfaces:
                self._refresh(running)

    def addresses_changed(self, interface: Interface) -> None:
        """The addresses of an interface are others than before."""
        if interface.name in self.ports:
            self._look(interface)

    def _delay(self, interface: Interface) -> float:
        """Seconds between the line protocol and the first word; the first time after power on it is another."""
        port = interface.config.of(HsrpPort)
        minimum = DELAY_MINIMUM if port.delay_minimum is None else port.delay_minimum
        reload = DELAY_RELOAD if port.delay_reload is None else port.delay_reload
        return float(reload if self.device.now - self.device.booted_at < DELAY_RELOAD else minimum)

    def _ready(self, interface: Interface) -> None:
        if interface.name in self.ports and interface.protocol_up and self.device.powered:
            debug.line(self.device, f"{short_name(interface.name)} Interface min delay expired")
            self._look(interface)

    # --- groups ----------------------------------------------------------------------------------------

    def _configured(self, interface: Interface) -> Mapping[int, HsrpGroupSettings]:
        config = interface.config.held(HsrpPort)
        return config.groups if config is not None else {}

    def _group_address(self, interface: Interface) -> IPv4Address:
        return GROUPS[interface.config.of(HsrpPort).version]

    def _listen(self, on: bool) -> None:
        self.device.service(IpStack).bind_udp(PORT, self._receive if on else None, vrf=None)

    def _join(self, interface: Interface, wanted: bool) -> None:
        if wanted:
            self.ports.setdefault(interface.name, Port(self.device.now))
            self._redirecting(interface)
        elif interface.name in self.ports:
            self.ports.pop(interface.name).stop()
            self._redirecting(interface)
        super()._join(interface, wanted)

    def _made(self, interface: Interface, settings: HsrpGroupSettings, told: Told) -> Running:
        return Running(
            interface,
            settings,
            HsrpGroup(self._settings(interface, settings), first_delay=float(settings.delay_reload)),
            FollowedObjects(self.device, f"HSRP {interface.name} {settings.number}", told),
            holding=Holding(self.device.service(IpStack).virtual, interface, _duty(settings.number)),
        )

    def _disable(self, running: Running) -> None:
        running.engine.disable(self.device.now, State.DISABLED)

    def _end(self, running: Running) -> None:
        super()._end(running)
        self._name(running, None)
        self._advertise(running.interface)

    def _refresh(self, running: Running) -> None:
        """Take over what was typed and what became of interfaces and objects."""
        engine, settings, now = running.engine, running.settings, self.device.now
        running.followed.set(settings.objects)
        wanted = self._settings(running.interface, settings)
        engine.configure(wanted, now)
        running.trouble = self._trouble(running)
        if settings.follow and settings.enabled and not running.trouble:
            self._mirror(running)
            self._settle(running)
            return
        if engine.mirrors:
            engine.mirrors = False
            engine.disable(now, State.INIT, "no longer following")
        if not settings.enabled:
            if engine.state is not State.DISABLED:
                engine.disable(now, State.DISABLED)
        elif running.trouble:
            if engine.state is not State.INIT:
                engine.disable(now, State.INIT, running.trouble)
        else:
            if engine.state is State.DISABLED:
                engine.disable(now, State.INIT, "")
            if engine.state is State.INIT:
                if self.ports[running.interface.name].ready_at <= now:
                    engine.enable(self._own(running), now)
            elif engine.own != self._own(running):
                engine.disable(now)
                engine.enable(self._own(running), now)
        self._settle(running)

    def _mirror(self, running: Running) -> None:
        """Have a group do as the one that it follows."""
        leader = self.named(running.settings.follow)
        running.engine.mirror(
            leader.engine if leader is not None else None,
            self._own(running),
            self.device.now,
            float(running.interface.config.of(HsrpPort).refresh),
        )

    def named(self, name: str) -> Running | None:
        """The group of a name that others may follow; None: there is none, or it follows another one itself."""
        return next(
            (
                each
                for each in self.groups.values()
                if each.settings.name == name and not each.settings.follow
            ),
            None,
        )

    def followers(self, running: Running) -> list[Running]:
        """The groups that do as this one."""
        name = running.settings.name
        if not name or running.settings.follow:
            return []
        return [each for each in self.groups.values() if each.settings.follow == name]

    def _tick(self, running: Running) -> None:
        """A group that follows another one has no timers but that of its station."""
        if not running.settings.follow:
            super()._tick(running)
            return
        running.timer = None
        if self.device.powered:
            self._refresh(running)

    def _own(self, running: Running) -> IPv4Address:
        address = running.interface.config.of(IpSettings).address
        assert address is not None
        return address.ip

    def _trouble(self, running: Running) -> str:
        """Why a group cannot run; empty: it can."""
        interface, settings = running.interface, running.settings
        ip = interface.config.of(IpSettings)
        if not interface.protocol_up:
            return "interface down"
        if ip.address is None:
            return "no primary IP address"
        known = running.engine.learned if settings.address is None else settings.address
        for address in ([known] if known is not None else []) + settings.secondaries:
            if not any(address in each.network for each in ip.addresses):
                return "virtual IP in wrong subnet"
            if any(address == each.ip for each in ip.addresses):
                return "virtual IP is interface IP"
        down = (number for number, taken in settings.objects.items() if taken is None)
        if any(tracked(self.device, number) is False for number in down):
            return "tracking shutdown"
        return ""

    def priority(self, interface: Interface, settings: HsrpGroupSettings) -> int:
        """The configured priority without what tracked things take from it."""
        taken = sum(
            decrement
            for number, decrement in settings.objects.items()
            if decrement is not None and tracked(self.device, number) is False
        )
        for name, decrement in settings.interfaces.items():
            found = self.device.interfaces.get(name)
            taken += 0 if found is not None and found.protocol_up else decrement
        return max(settings.priority - taken, 0)

    def _settings(self, interface: Interface, settings: HsrpGroupSettings) -> Settings:
        timers = settings.timers
        return Settings(
            interface.config.of(HsrpPort).version,
            settings.number,
            settings.address,
            self.priority(interface, settings),
            settings.preempt,
            float(settings.delay_minimum),
            (timers.hello if timers is not None else HELLO) / 1000,
            (timers.hold if timers is not None else HOLD) / 1000,
            timers is not None,
            text_of(settings),
            interface.mac,
        )

    def station(self, running: Running) -> MacAddress:
        """The virtual router's station address."""
        port, number = running.interface.config.of(HsrpPort), running.settings.number
        if running.settings.mac is not None:
            return running.settings.mac
        if port.use_bia:
            return running.interface.mac
        first = bytes.fromhex("00000c07ac00" if port.version == 1 else "00000c9ff000")
        return MacAddress.from_int(int.from_bytes(first, "big") + number)

    # --- messages --------------------------------------------------------------------------------------

    def _receive(self, packet: IPv4Packet, datagram: UdpDatagram, interface: str) -> None:
        config = self.device.interfaces[interface].config.held(HsrpPort)
        if config is None or packet.destination != GROUPS[config.version]:
            return
        try:
            message = parse(datagram.payload)
        except MalformedPacket:
            return
        if message.version != config.version:
            return
        if isinstance(message, HsrpAdvertisement):
            debug.advertisement(self.device, interface, message, "in")
            heard_of(self, interface, packet.source, message)
            return
        running = self.groups.get((interface, message.group))
        if running is None or not running.engine.state.runs or running.settings.follow:
            return
        debug.message(self.device, interface, message, packet.source, "in ")
        if not believed(message, keys_of(self.device, running.settings), text_of(running.settings)):
            self._bad_authentication(running, message, packet.source)
            return
        running.engine.receive(packet.source, message, self.device.now)
        self._settle(running)

    def _bad_authentication(self, running: Running, message: HsrpMessage, source: IPv4Address) -> None:
        hashed = (
            message.md5 is not None or running.settings.key is not None or bool(running.settings.key_chain)
        )
        if hashed:
            self._complain(running, "BADAUTH2", f"Bad authentication from {source}")
        else:
            state = message.state.name.capitalize()
            text = f"Bad authentication from {source}, group {message.group}, remote state {state}"
            self._complain(running, "BADAUTH", text)

    # --- what engines leave ----------------------------------------------------------------------------

    def _settle(self, running: Running) -> None:
        """Carry out what an engine left, and be there when it is due."""
        engine = running.engine
        events = engine.events()
        for event in events:
            self._note(running, event)
        station = self.station(running)
        for message in engine.messages():
            self._send(running, message)
        if engine.state is State.ACTIVE:
            running.holding.take(self._wanted(running), station)
        else:
            running.holding.give_up()
        if events:
            self._advertise(running.interface)
        address = engine.address
        self._name(
            running,
            Redundancy(running.interface.name, address, station, engine.state is State.ACTIVE)
            if address is not None and (running.interface.name, running.settings.number) in self.groups
            else None,
        )
        self._arm(running)
        for each in self.followers(running):
            self._refresh(each)

    def _wanted(self, running: Running) -> list[IPv4Address]:
        address = running.engine.address
        return ([address] if address is not None else []) + running.settings.secondaries

    def _name(self, running: Running, group: Redundancy | None) -> None:
        virtual = self.device.service(IpStack).virtual
        if running.redundancy and running.redundancy != running.name:
            virtual.set_redundancy(running.redundancy, None)
            running.redundancy = ""
        if group is not None:
            running.redundancy = running.name
            virtual.set_redundancy(running.name, group)
        elif running.redundancy:
            virtual.set_redundancy(running.redundancy, None)
            running.redundancy = ""

    def _note(self, running: Running, event: Event) -> None:
        name, number = running.interface.name, running.settings.number
        if isinstance(event, OtherAddress):
            text = (
                f"{name} Grp {number} active routers virtual IP address {event.theirs} is different to the "
                f"locally configured address {event.ours}"
            )
            self._complain(running, "DIFFVIP1", text)
        elif isinstance(event, Learned):
            debug.group(self.device, name, number, f"Learned virtual IP {event.address}")
        elif isinstance(event, Changed):
            debug.changed(self.device, name, number, running.name, event)
            if event.before is not event.after and (event.before in NOTED or event.after in NOTED):
                text = f"{name} Grp {number} state {event.before.value} -> {event.after.value}"
                about = HsrpState(name, number, event.after.value)
                self.device.log("HSRP", 5, "STATECHANGE", text, about=about)
                debug.redundancy(self.device, name, number, running.name, event)

    def _send(self, running: Running, message: HsrpMessage) -> None:
        source = running.engine.own
        payload = (
            proved(message, keys_of(self.device, running.settings), source) if source is not None else None
        )
        if source is None or payload is None:
            return
        debug.message(self.device, running.interface.name, message, source, "out")
        active = running.engine.state is State.ACTIVE
        mac = self.station(running) if active else running.interface.mac
        self._datagram(running.interface, source, message.version, payload, mac)

    def _datagram(
        self, interface: Interface, source: IPv4Address, version: int, payload: bytes, mac: MacAddress
    ) -> None:
        group = GROUPS[version]
        data = UdpDatagram(PORT, PORT, payload).to_bytes(source, group)
        packet = IPv4Packet(source, group, Protocol.UDP, data, TTL, tos=NETWORK_CONTROL)
        stack = self.device.service(IpStack)
        stack.counters.udp_sent += 1
        stack.virtual.send(interface, packet, multicast_mac(group), mac)

    def _redirecting(self, interface: Interface) -> None:
        """Have hosts sent to virtual routers instead of real ones, while there are groups."""
        virtual = self.device.service(IpStack).virtual
        if interface.name in self.ports:
            virtual.redirecting[interface.name] = partial(redirected, self, interface)
        else:
            virtual.redirecting.pop(interface.name, None)

    def _advertise(self, interface: Interface, *, again: bool = False) -> None:
        """Say how many groups of an interface are active; others leave its address out of redirects."""
        port = self.ports.get(interface.name)
        address, config = interface.config.of(IpSettings).address, interface.config.held(HsrpPort)
        if port is None or address is None or config is None or not config.redirects:
            return
        running = [each for each in self.of(interface.name) if each.engine.state.runs]
        active = sum(each.engine.state is State.ACTIVE for each in running)
        counts = (active, len(running) - active)
        if not running or (counts == port.told and not again):
            port.told = counts if running else None
            return
        port.told = counts
        message = HsrpAdvertisement(config.version, *counts)
        debug.advertisement(self.device, interface.name, message, "out")
        self._datagram(interface, address.ip, config.version, message.to_bytes(), interface.mac)
        if port.advertising is not None:
            port.advertising.cancel()
        port.advertising = self.device.scheduler.after(
            float(config.redirect_times[0]), lambda: self._advertise(interface, again=True)
        )
