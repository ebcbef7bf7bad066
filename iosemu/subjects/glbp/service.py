"""GLBP at work: the engines of all groups between interfaces, tracked objects and the IP stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.box.interface import Interface
from iosemu.firsthop.glbp import GlbpGroup, Outgoing, Settings
from iosemu.firsthop.glbp_forwarders import ForwarderChanged
from iosemu.firsthop.hsrp import Changed, Event, OtherAddress, State
from iosemu.ip.config import IpSettings
from iosemu.ip.first_hop import NETWORK_CONTROL, FirstHop, RunningGroup, Told
from iosemu.ip.stack import IpStack, multicast_mac
from iosemu.ip.virtual import Duty
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


def _duty(number: int) -> Duty:
    """What a trace says of the group."""
    return Duty("GLBP", number, "active forwarder", f"glbp {number} ip")


@dataclass(eq=False, kw_only=True)
class Running(RunningGroup[GlbpGroupSettings, GlbpGroup]):
    """One group of an interface, and what it holds of the stack."""

    trouble: str = ""
    """Why it does not run, in the words of `show glbp`."""
    held: tuple[IPv4Address, MacAddress | None] | None = None
    """The virtual address while packets to it are taken, and what the ARP table has of it."""
    stations: set[MacAddress] = field(default_factory=set)


class Glbp(FirstHop[GlbpGroupSettings, Running]):
    """Runs the groups that are configured."""

    facility = "GLBP"

    # --- groups ----------------------------------------------------------------------------------------

    def _configured(self, interface: Interface) -> Mapping[int, GlbpGroupSettings]:
        config = interface.config.held(GlbpPort)
        return config.groups if config is not None else {}

    def _group_address(self, interface: Interface) -> IPv4Address:
        return GROUP

    def _listen(self, on: bool) -> None:
        self.device.service(IpStack).bind_udp(PORT, self._receive if on else None, vrf=None)

    def _made(self, interface: Interface, settings: GlbpGroupSettings, told: Told) -> Running:
        return Running(
            interface,
            settings,
            GlbpGroup(self._settings(interface, settings)),
            FollowedObjects(self.device, f"GLBP {interface.name} {settings.number}", told),
        )

    def _disable(self, running: Running) -> None:
        running.engine.disable(self.device.now, State.DISABLED)

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
            virtual.add_station(running.interface, station, _duty(running.settings.number))
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
