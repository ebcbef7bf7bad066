"""NTP at work: UDP port 123, and the box's clock as the engine wants it."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.box.system import SystemConfig
from iosemu.ip.config import primary_address
from iosemu.ip.stack import IpStack
from iosemu.net.ntp.association import PeerConfig
from iosemu.net.ntp.broadcast import BroadcastConfig, Listening
from iosemu.net.ntp.engine import NtpEngine
from iosemu.net.ntp.state import Datagram, Moved, NtpSettings, Right, Told
from iosemu.net.scheduler import Timer
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.ntp import NTP_PORT, VERSION, Mode, timestamp
from iosemu.packets.udp import UdpDatagram
from iosemu.subjects.acl.service import AccessLists
from iosemu.subjects.ntp.config import EVENTS, MULTICAST_TTL, PACKETS, NtpConfig, NtpPort

NOBODY = IPv4Address(0)
LIMITED_BROADCAST = IPv4Address("255.255.255.255")
SHARE, INTERVAL = 0.25, 4.0
"""How a small offset is worked off: this part of what is left, each so many seconds."""
NEGLIGIBLE = 2e-6
"""Seconds that are put right at once."""
_MESSAGES = {
    "PEERSYNC": (5, "NTP synced to peer {}"),
    "UNSYNC": (4, "NTP sync is lost"),
    "PEERREACH": (6, "Peer {} is reachable"),
    "PEERUNREACH": (4, "Peer {} is unreachable"),
}


class Ntp(Service):
    """Feeds the engine, and moves the clock."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.engine = NtpEngine(self.clock, device.rng.random)
        self.engine.is_own = self._is_own
        self._timer: Timer | None = None
        self._slewing: Timer | None = None
        self._left = 0.0
        """Seconds by which the clock is still to be moved."""
        self._bound = False
        self._joined: set[tuple[str, IPv4Address]] = set()
        """Interfaces, and the groups that are heard there."""
        self._offset = 0.0
        """The clock's offset as NTP left it; another one was typed by somebody."""

    def clock(self) -> int:
        """The timestamp that the box's clock shows now (UTC)."""
        device = self.device
        return timestamp(device.origin, device.now + device.config.of(SystemConfig).clock_offset)

    def start(self) -> None:
        """Hear of VRFs that are no more."""
        self.device.service(IpStack).vrf_listeners.append(self._vrf_gone)

    def _vrf_gone(self, name: str) -> None:
        self.device.config.of(NtpConfig).forget_vrf(name)
        self.changed()

    def stop(self) -> None:
        """Power goes."""
        for timer in (self._timer, self._slewing):
            if timer is not None:
                timer.cancel()

    def changed(self) -> None:
        """Take over what was typed; `clock set` makes what was measured worthless."""
        config, system = self.device.config.of(NtpConfig), self.device.config.of(SystemConfig)
        if system.clock_offset != self._offset:
            self._offset, self._left = system.clock_offset, 0.0
            self.engine.clock_was_set(self.device.now)
        keys = {number: secret.encode() for number, secret in config.keys.items()}
        peers = tuple(
            PeerConfig(
                line.address,
                Mode.CLIENT if line.word == "server" else Mode.ACTIVE,
                line.version or 4,
                line.key,
                line.prefer,
                line.burst,
                line.iburst,
                line.minpoll or 6,
                max(line.maxpoll or 10, line.minpoll or 6),
                line.source or config.source,
                line.vrf,
            )
            for line in config.peers.values()
        )
        settings = NtpSettings(
            peers,
            config.master,
            config.authenticate,
            keys,
            frozenset(config.trusted),
            self._broadcasts(),
            self._listening(),
            config.most,
        )
        if settings != self.engine.settings:
            self.engine.configure(settings, self.device.now)
        if self.running != self._bound:
            self._bound = self.running
            handler = self._receive if self._bound else None
            self.device.service(IpStack).bind_udp(NTP_PORT, handler, vrf=None)
        if self._timer is None or self.engine.next_timer() != self._timer.when:
            self._settle()

    @property
    def running(self) -> bool:
        """There is something to do: a server, a peer, a clock of our own, or an interface that tells or listens."""
        return self.device.config.of(NtpConfig).enabled or any(True for _name, _port in self._ports())

    def _ports(self) -> Iterator[tuple[str, NtpPort]]:
        for name, config in self.device.config.interfaces.items():
            port = config.held(NtpPort)
            if port is not None and port.active:
                yield name, port

    def _broadcasts(self) -> tuple[BroadcastConfig, ...]:
        """What goes out where; multicast lives as long as it is told to, a broadcast ends on its link."""
        found = []
        for name, port in self._ports():
            if port.broadcast is not None:
                each = port.broadcast
                where = each.address or LIMITED_BROADCAST
                found.append(BroadcastConfig(name, where, each.version or VERSION, each.key))
            found += [
                BroadcastConfig(name, group, each.version or VERSION, each.key, each.ttl or MULTICAST_TTL)
                for group, each in port.multicasts.items()
            ]
        return tuple(found)

    def _listening(self) -> Listening:
        """What is listened to where; the groups of routers are joined."""
        stack, ports = self.device.service(IpStack), dict(self._ports())
        wanted = {(name, group) for name, port in ports.items() for group in port.groups}
        for name, group in self._joined - wanted:
            stack.leave(group, name)
        for name, group in wanted - self._joined:
            stack.join(group, name)
        self._joined = wanted
        clients = frozenset(name for name, port in ports.items() if port.client)
        return Listening(clients, frozenset(wanted), self.device.config.of(NtpConfig).delay / 1e6)

    def _is_own(self, reference: bytes) -> bool:
        own = IPv4Address(reference)
        return any(vrf.is_local(own) for vrf in self.device.service(IpStack).vrfs.values())

    # --- packets ---------------------------------------------------------------------------------------------

    def _right(self, source: IPv4Address) -> Right:
        """By `ntp access-group`: the first list, from the most to the least, that permits the source."""
        access, lists = self.device.config.of(NtpConfig).access, self.device.service(AccessLists)
        if not access:
            return Right.PEER
        for word, right in (("peer", Right.PEER), ("serve", Right.SERVE), ("serve-only", Right.SERVE)):
            if word in access and lists.permits_address(access[word], source):
                return right
        return Right.NONE

    def _receive(self, packet: IPv4Packet, datagram: UdpDatagram, name: str) -> None:
        interface = self.device.interfaces.get(name)
        if interface is not None and interface.config.of(NtpPort).disabled:
            return
        if self.device.debugging.wants(PACKETS):
            self._debug(
                f"NTP message received from {packet.source} on interface '{name}' ({packet.destination})."
            )
        right = self._right(packet.source)
        vrf = self.device.service(IpStack).vrf_of(name).name
        now, port = self.device.now, datagram.source_port
        self.engine.receive(datagram.payload, packet.source, right, now, port, vrf, name, packet.destination)
        self._settle()

    def _settle(self) -> None:
        """Carry out what the engine left."""
        engine, stack = self.engine, self.device.service(IpStack)
        for event in engine.events():
            if isinstance(event, Moved):
                self._move(event)
            else:
                self._tell(event)
        for datagram in engine.datagrams():
            to, name = datagram.to, datagram.source
            source = primary_address(self.device.config.interfaces.get(name))
            if self.device.debugging.wants(PACKETS):
                self._debug(
                    f"NTP message sent to {to}, from interface '{name or 'NULL'}' ({source or NOBODY})."
                )
            table = stack.find_vrf(datagram.vrf)
            if datagram.way:
                self._to_all(datagram, source)
            elif table is not None:
                stack.send_udp(source, NTP_PORT, to, datagram.port, datagram.data, vrf=table)
        self._show_state()
        if self._timer is not None:
            self._timer.cancel()
        due = engine.next_timer()
        self._timer = (
            self.device.scheduler.at(max(due, self.device.now), self._tick) if due is not None else None
        )

    def _to_all(self, datagram: Datagram, source: IPv4Address | None) -> None:
        """Onto one link, if its interface is up and has an address."""
        interface = self.device.interfaces.get(datagram.way)
        if source is None or interface is None or not interface.protocol_up:
            return
        stack, to = self.device.service(IpStack), datagram.to
        payload = UdpDatagram(NTP_PORT, datagram.port, datagram.data).to_bytes(source, to)
        packet = IPv4Packet(source, to, Protocol.UDP, payload, datagram.ttl or 1, stack.next_identification())
        stack.send(packet, interface=datagram.way)

    def interface_configured(self, interface: Interface) -> None:
        """`ntp …` under an interface."""
        self.changed()

    def _tick(self) -> None:
        self._timer = None
        self.engine.tick(self.device.now)
        self._settle()

    def interface_removed(self, interface: Interface) -> None:
        """Nothing is told or heard there any more."""
        self._joined = {each for each in self._joined if each[0] != interface.name}
        self.changed()

    # --- the clock -------------------------------------------------------------------------------------------

    def _move(self, event: Moved) -> None:
        if event.step:
            self._left = 0.0
            self._adjust(event.seconds)
            if self.device.debugging.wants(EVENTS):
                self._debug(f"NTP Core(NOTICE): time reset {event.seconds:+.6f} s")
            return
        self._left = event.seconds
        if self._slewing is None:
            self._slew()

    def _slew(self) -> None:
        """Work off a part of the offset."""
        self._slewing = None
        part = self._left if abs(self._left) <= NEGLIGIBLE else self._left * SHARE
        self._left -= part
        self._adjust(part)
        self.engine.slewed(part)
        if self._left:
            self._slewing = self.device.scheduler.after(INTERVAL, self._slew)

    def _adjust(self, seconds: float) -> None:
        system = self.device.config.of(SystemConfig)
        system.clock_offset += seconds
        self._offset = system.clock_offset

    def _show_state(self) -> None:
        """The mark before the clock: `*` never set by an authority, `.` no more."""
        system = self.device.config.of(SystemConfig)
        synchronized = self.engine.system.peer is not None
        if synchronized:
            system.clock_set, system.clock_source, system.clock_lost = True, "NTP", False
        elif system.clock_source == "NTP":
            system.clock_lost = True

    def _tell(self, event: Told) -> None:
        severity, text = _MESSAGES[event.what]
        if self.device.config.of(NtpConfig).logging:
            self.device.log("NTP", severity, event.what, text.format(event.address))
        if self.device.debugging.wants(EVENTS):
            self._debug(f"NTP Core (INFO): {event.address or NOBODY} {event.what}")

    def _debug(self, text: str) -> None:
        self.device.log("NTP", 7, "", text)
