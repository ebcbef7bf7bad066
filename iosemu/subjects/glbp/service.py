"""GLBP at work: the engines of all groups between interfaces, tracked objects and the IP stack."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.box.system import SystemConfig
from iosemu.firsthop.glbp import GlbpGroup, Outgoing, Settings
from iosemu.firsthop.glbp_forwarders import ForwarderChanged
from iosemu.firsthop.hsrp import Changed, Event, OtherAddress, State
from iosemu.ip.config import IpSettings
from iosemu.ip.stack import IpStack, multicast_mac
from iosemu.net.scheduler import Timer
from iosemu.packets.addresses import MacAddress
from iosemu.packets.arp import ArpPacket
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.glbp import GROUP, PORT, TTL, parse
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.udp import UdpDatagram
from iosemu.subjects.glbp import debug
from iosemu.subjects.glbp.config import HELLO, HOLD, GlbpGroupSettings, GlbpPort
from iosemu.subjects.glbp.proof import believed, proved
from iosemu.subjects.routing.following import FollowedObjects
from iosemu.subjects.routing.tracking import tracked

NETWORK_CONTROL = 0xC0
COMPLAIN = 30.0
"""Seconds between two messages about the same thing."""


@dataclass(eq=False)
class Running:
    """One group of an interface, and what it holds of the stack."""

    interface: Interface
    settings: GlbpGroupSettings
    engine: GlbpGroup
    followed: FollowedObjects
    trouble: str = ""
    """Why it does not run, in the words of `show glbp`."""
    held: tuple[IPv4Address, MacAddress | None] | None = None
    """The virtual address while packets to it are taken, and what the ARP table has of it."""
    stations: set[MacAddress] = field(default_factory=set)
    timer: Timer | None = None
    complained: dict[str, float] = field(default_factory=dict)


class Glbp(Service):
    """Runs the groups that are configured."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.groups: dict[tuple[str, int], Running] = {}
        """By interface and number."""
        self._joined: set[str] = set()

    # --- what is told ----------------------------------------------------------------------------------

    def stop(self) -> None:
        """Power goes."""
        for running in self.groups.values():
            if running.timer is not None:
                running.timer.cancel()

    def changed(self) -> None:
        """Keys were typed, or passwords are hidden from now on."""
        if not self.device.config.of(SystemConfig).password_encryption:
            return
        for running in self.groups.values():
            if running.settings.key is not None:
                running.settings.key = running.settings.key.masked(self.device.rng)

    def interface_configured(self, interface: Interface) -> None:
        """A line of GLBP was typed under an interface."""
        self._look(interface)
        self.changed()

    def interface_removed(self, interface: Interface) -> None:
        """An interface is gone, and its groups with it."""
        for running in self._of(interface.name):
            self._end(running)
        self._join(interface.name, False)

    def protocol_changed(self, interface: Interface) -> None:
        """The line protocol of an interface came up or went down."""
        self._look(interface)

    def addresses_changed(self, interface: Interface) -> None:
        """The addresses of an interface are others than before."""
        self._look(interface)

    # --- groups ----------------------------------------------------------------------------------------

    def _of(self, interface: str) -> list[Running]:
        return [each for (name, _number), each in self.groups.items() if name == interface]

    def _look(self, interface: Interface) -> None:
        """Compare the groups that an interface should have with those that it has."""
        config = interface.config.held(GlbpPort)
        wanted = config.groups if config is not None else {}
        for running in self._of(interface.name):
            if wanted.get(running.settings.number) is not running.settings:
                self._end(running)
        self._join(interface.name, bool(wanted))
        for number, settings in wanted.items():
            if (interface.name, number) not in self.groups:
                self._begin(interface, settings)
        for running in self._of(interface.name):
            self._refresh(running)

    def _join(self, interface: str, wanted: bool) -> None:
        if wanted == (interface in self._joined):
            return
        stack = self.device.service(IpStack)
        if wanted:
            self._joined.add(interface)
            stack.join(GROUP, interface)
            stack.virtual.add_group(interface)
        else:
            self._joined.discard(interface)
            stack.leave(GROUP, interface)
            stack.virtual.remove_group(interface)
        stack.bind_udp(PORT, self._receive if self._joined else None)

    def _begin(self, interface: Interface, settings: GlbpGroupSettings) -> None:
        def told(_number: int, _up: bool) -> None:
            self._refresh(running)

        running = Running(
            interface,
            settings,
            GlbpGroup(self._settings(interface, settings)),
            FollowedObjects(self.device, f"GLBP {interface.name} {settings.number}", told),
        )
        self.groups[interface.name, settings.number] = running

    def _end(self, running: Running) -> None:
        running.engine.disable(self.device.now, State.DISABLED)
        self._settle(running)
        running.followed.set(())
        del self.groups[running.interface.name, running.settings.number]

    def _refresh(self, running: Running) -> None:
        """Take over what was typed and what became of interfaces and objects."""
        engine, settings, now = running.engine, running.settings, self.device.now
        running.followed.set(settings.objects)
        if not settings.enabled and engine.state.runs:
            engine.disable(now, State.DISABLED)
        engine.configure(self._settings(running.interface, settings), now)
        running.trouble = self._trouble(running)
        address = running.interface.config.of(IpSettings).address
        if not settings.enabled:
            if engine.state is not State.DISABLED:
                engine.disable(now, State.DISABLED)
        elif running.trouble or address is None:
            if engine.state is not State.INIT:
                engine.disable(now, State.INIT, running.trouble)
        else:
            if engine.state.runs and engine.election.own != address.ip:
                engine.disable(now)
            if engine.state is State.DISABLED:
                engine.disable(now, State.INIT, "")
            if engine.state is State.INIT:
                engine.enable(address.ip, now)
        self._settle(running)

    def _trouble(self, running: Running) -> str:
        """Why a group cannot run; empty: it can."""
        interface, ip = running.interface, running.interface.config.of(IpSettings)
        if not interface.protocol_up:
            return "interface down"
        if ip.address is None:
            return "interface not IP enabled"
        address = running.settings.address
        if address is not None and not any(address in each.network for each in ip.addresses):
            return "virtual IP in wrong subnet"
        if address is not None and any(address == each.ip for each in ip.addresses):
            return "virtual IP is interface IP"
        return ""

    def weight(self, settings: GlbpGroupSettings) -> int:
        """The configured weight without what tracked objects take from it."""
        down = (taken for number, taken in settings.objects.items() if tracked(self.device, number) is False)
        return max(settings.weight - sum(down), 0)

    def _settings(self, interface: Interface, settings: GlbpGroupSettings) -> Settings:
        timers = settings.timers
        return Settings(
            settings.number,
            settings.address,
            settings.priority,
            settings.preempt,
            float(settings.delay),
            (timers.hello if timers is not None else HELLO) / 1000,
            (timers.hold if timers is not None else HOLD) / 1000,
            timers is not None,
            float(settings.redirect),
            float(settings.timeout),
            self.weight(settings),
            settings.lower or 1,
            settings.upper if settings.upper is not None else settings.weight,
            settings.balancing,
            settings.forwarder_preempt,
            float(settings.forwarder_delay),
            interface.mac,
        )

    # --- messages --------------------------------------------------------------------------------------

    def _receive(self, packet: IPv4Packet, datagram: UdpDatagram, interface: str) -> None:
        if interface not in self._joined or packet.ttl != TTL:
            return
        try:
            message = parse(datagram.payload)
        except MalformedPacket:
            return
        running = self.groups.get((interface, message.group))
        if running is None or not running.engine.state.runs:
            return
        debug.message(self.device, interface, message, packet.source, "in ")
        if not believed(self.device, running.settings, message):
            self._complain(
                running, "BADAUTH", f"Bad authentication received from {packet.source}, group {message.group}"
            )
            return
        running.engine.receive(packet.source, message, self.device.now)
        self._settle(running)

    def _complain(self, running: Running, mnemonic: str, text: str) -> None:
        last = running.complained.get(mnemonic)
        if last is None or self.device.now - last >= COMPLAIN:
            running.complained[mnemonic] = self.device.now
            self.device.log("GLBP", 4, mnemonic, text)

    # --- what engines leave ----------------------------------------------------------------------------

    def _settle(self, running: Running) -> None:
        """Carry out what an engine left, and be there when it is due."""
        for event in running.engine.events():
            self._note(running, event)
        for message in running.engine.messages():
            self._send(running, message)
        self._hold(running)
        self._arm(running)

    def _hold(self, running: Running) -> None:
        """Take packets to what this router is active for; the gateway alone answers who asks for the address."""
        engine, virtual = running.engine, self.device.service(IpStack).virtual
        active = {each.station for each in engine.forwarders.active()}
        for station in active - running.stations:
            virtual.add_station(running.interface, station)
        for station in running.stations - active:
            virtual.remove_station(running.interface, station)
        running.stations = active
        mine, address = engine.forwarders.mine, engine.address
        gateway = engine.state is State.ACTIVE
        wanted = None
        if address is not None and (active or gateway):
            wanted = (address, mine.station if gateway and mine is not None else None)
        if wanted == running.held:
            return
        if running.held is not None:
            virtual.release(running.interface, running.held[0])
        running.held = wanted
        if wanted is not None:
            virtual.hold(running.interface, wanted[0], lambda asked: self._answer(running, asked), wanted[1])

    def _answer(self, running: Running, asked: ArpPacket) -> MacAddress | None:
        return running.engine.answer(asked.sender_mac, self.device.now)

    def _note(self, running: Running, event: Event | ForwarderChanged) -> None:
        name, number = running.interface.name, running.settings.number
        if isinstance(event, ForwarderChanged):
            text = f"Fwd {event.number} state {event.before.value} -> {event.after.value}"
            self.device.log("GLBP", 6, "FWDSTATECHANGE", f"{name} Grp {number} {text}")
        elif isinstance(event, OtherAddress):
            text = (
                f"{name} Grp {number} active routers virtual IP address {event.theirs} is different to the "
                f"locally configured address {event.ours}"
            )
            self._complain(running, "DIFFVIP1", text)
        elif isinstance(event, Changed):
            debug.changed(self.device, name, number, event)
            if event.before is not event.after and State.ACTIVE in (event.before, event.after):
                text = f"{name} Grp {number} state {event.before.value} -> {event.after.value}"
                self.device.log("GLBP", 6, "STATECHANGE", text)

    def _send(self, running: Running, outgoing: Outgoing) -> None:
        source = running.engine.election.own
        message = proved(self.device, running.settings, outgoing.message)
        if source is None or message is None:
            return
        debug.message(self.device, running.interface.name, message, source, "out")
        to = outgoing.address or GROUP
        data = UdpDatagram(PORT, PORT, message.to_bytes()).to_bytes(source, to)
        packet = IPv4Packet(source, to, Protocol.UDP, data, TTL, tos=NETWORK_CONTROL)
        stack = self.device.service(IpStack)
        stack.counters.udp_sent += 1
        stack.virtual.send(running.interface, packet, outgoing.to or multicast_mac(GROUP), outgoing.station)

    def _arm(self, running: Running) -> None:
        due = running.engine.next_timer()
        if running.timer is not None:
            if due is not None and running.timer.when == due and not running.timer.cancelled:
                return
            running.timer.cancel()
            running.timer = None
        if due is not None:
            running.timer = self.device.scheduler.at(max(due, self.device.now), lambda: self._tick(running))

    def _tick(self, running: Running) -> None:
        running.timer = None
        if self.device.powered:
            running.engine.tick(self.device.now)
            self._settle(running)
