"""NTP at work: UDP port 123, and the box's clock as the engine wants it."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.box.system import SystemConfig
from iosemu.ip.config import primary_address
from iosemu.ip.stack import IpStack
from iosemu.net.ntp.association import PeerConfig
from iosemu.net.ntp.engine import Moved, NtpEngine, NtpSettings, Right, Told
from iosemu.net.scheduler import Timer
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.packets.ntp import NTP_PORT, Mode, timestamp
from iosemu.packets.udp import UdpDatagram
from iosemu.subjects.acl.service import AccessLists
from iosemu.subjects.ntp.config import EVENTS, PACKETS, NtpConfig, NtpPort

NOBODY = IPv4Address(0)
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
        settings = NtpSettings(peers, config.master, config.authenticate, keys, frozenset(config.trusted))
        if settings != self.engine.settings:
            self.engine.configure(settings, self.device.now)
        if config.enabled != self._bound:
            self._bound = config.enabled
            handler = self._receive if self._bound else None
            self.device.service(IpStack).bind_udp(NTP_PORT, handler, vrf=None)
        if self._timer is None or self.engine.next_timer() != self._timer.when:
            self._settle()

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
        self.engine.receive(datagram.payload, packet.source, right, now, port, vrf)
        self._settle()

    def _settle(self) -> None:
        """Carry out what the engine left."""
        engine, stack = self.engine, self.device.service(IpStack)
        for event in engine.events():
            if isinstance(event, Moved):
                self._move(event)
            else:
                self._tell(event)
        for to, port, name, data, vrf in engine.datagrams():
            source = primary_address(self.device.config.interfaces.get(name))
            if self.device.debugging.wants(PACKETS):
                self._debug(
                    f"NTP message sent to {to}, from interface '{name or 'NULL'}' ({source or NOBODY})."
                )
            table = stack.find_vrf(vrf)
            if table is not None:
                stack.send_udp(source, NTP_PORT, to, port, data, vrf=table)
        self._show_state()
        if self._timer is not None:
            self._timer.cancel()
        due = engine.next_timer()
        self._timer = (
            self.device.scheduler.at(max(due, self.device.now), self._tick) if due is not None else None
        )

    def _tick(self) -> None:
        self._timer = None
        self.engine.tick(self.device.now)
        self._settle()

    def interface_removed(self, interface: Interface) -> None:
        """Nothing is kept of it."""

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
