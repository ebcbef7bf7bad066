"""The resolver of a box: asks name servers over the network, one after the other, and keeps what they said."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.ip.broadcast import broadcast_udp
from iosemu.ip.stack import LIMITED_BROADCAST, IpStack
from iosemu.net.signal import Signal
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.packets.udp import UdpDatagram

if TYPE_CHECKING:
    from iosemu.net.dns import Answer
    from iosemu.net.scheduler import Timer

DNS_PORT = 53
ATTEMPT, ATTEMPTS = 1.0, 3
"""Seconds between two queries to a server, and how many it gets."""
EPHEMERAL = (49152, 65536)


@dataclass(frozen=True)
class Cached:
    """One name that a server told."""

    addresses: tuple[IPv4Address, ...]
    learned: float
    expires: float


@dataclass
class Lookup:
    """One name that is asked for; `changed` is emitted when another server is asked, and at the end."""

    name: str
    servers: list[IPv4Address]
    candidates: list[str]
    server: IPv4Address
    vrf: str = ""
    """The routing instance that it is asked for in."""
    changed: Signal = field(default_factory=Signal)
    done: bool = False
    answer: Answer | None = None
    """What came, where the name has addresses."""
    silent: bool = True
    """Nobody said anything."""
    port: int = 0
    identifier: int = 0
    place: int = 0
    """Which of the candidates is asked for."""
    attempts: int = 0
    timer: Timer | None = None

    @property
    def addresses(self) -> tuple[IPv4Address, ...]:
        """What was found."""
        return self.answer.addresses if self.answer is not None else ()


class Resolver(Service):
    """What a box says for itself: whom it asks, and which names it tries."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._cache: dict[tuple[str, str], Cached] = {}
        """By routing instance and name."""
        self._running: dict[int, Lookup] = {}

    def servers(self, vrf: str = "") -> list[IPv4Address]:
        """Whom to ask, in order; the limited broadcast asks all that hear it."""
        return []

    def candidates(self, name: str, vrf: str = "") -> list[str]:
        """The names to ask for, in order."""
        return [name]

    def stop(self) -> None:
        """Power goes."""
        for lookup in list(self._running.values()):
            self.close(lookup)

    # --- what is known ---------------------------------------------------------------------------------------

    def cached(self, vrf: str = "") -> dict[str, Cached]:
        """What is still true of what servers told in a routing instance, by name."""
        now = self.device.now
        self._cache = {key: each for key, each in self._cache.items() if each.expires > now}
        return {name: each for (where, name), each in self._cache.items() if where == vrf}

    def known(self, name: str, vrf: str = "") -> tuple[IPv4Address, ...]:
        """The addresses of a name that was asked for before."""
        cached = self.cached(vrf)
        for candidate in self.candidates(name, vrf):
            if candidate.lower() in cached:
                return cached[candidate.lower()].addresses
        return ()

    def forget(self, name: str | None = None, vrf: str = "") -> None:
        """Know a name in a routing instance no more; None: all of them."""
        wanted = name.lower() if name is not None else None
        gone = [key for key in self._cache if key[0] == vrf and wanted in (None, key[1])]
        for key in gone:
            del self._cache[key]

    # --- asking ----------------------------------------------------------------------------------------------

    def look_up(self, name: str, servers: list[IPv4Address] | None = None, vrf: str = "") -> Lookup:
        """Begin to ask in a routing instance; whoever waits for it calls `close` at the end."""
        asked = self.servers(vrf) if servers is None else servers
        first = asked[0] if asked else LIMITED_BROADCAST
        lookup = Lookup(name, asked, self.candidates(name, vrf), first, vrf)
        if not asked or not lookup.candidates:
            lookup.done = True
            return lookup
        rng, stack = self.device.rng, self.device.service(IpStack)
        lookup.port = rng.randrange(*EPHEMERAL)
        while stack.listens(lookup.port):
            lookup.port = rng.randrange(*EPHEMERAL)
        self._running[lookup.port] = lookup
        stack.bind_udp(lookup.port, self._receive, vrf=vrf)
        self._ask(lookup)
        return lookup

    def close(self, lookup: Lookup) -> None:
        """Ask no more."""
        if lookup.timer is not None:
            lookup.timer.cancel()
            lookup.timer = None
        if self._running.pop(lookup.port, None) is not None:
            self.device.service(IpStack).bind_udp(lookup.port, None, vrf=lookup.vrf)

    def _ask(self, lookup: Lookup) -> None:
        from iosemu.net import dns

        lookup.attempts += 1
        lookup.identifier = self.device.rng.randrange(0, 0x10000)
        try:
            data = dns.query(lookup.candidates[lookup.place], lookup.identifier)
        except ValueError:
            self._end(lookup)
            return
        self._send(lookup, data)
        lookup.timer = self.device.scheduler.after(ATTEMPT, lambda: self._unanswered(lookup))

    def _send(self, lookup: Lookup, data: bytes) -> None:
        stack = self.device.service(IpStack)
        vrf = stack.find_vrf(lookup.vrf)
        if vrf is None:
            return
        if lookup.server != LIMITED_BROADCAST:
            stack.send_udp(None, lookup.port, lookup.server, DNS_PORT, data, vrf=vrf)
            return
        broadcast_udp(stack, vrf, lookup.port, DNS_PORT, data)

    def _unanswered(self, lookup: Lookup) -> None:
        lookup.timer = None
        if lookup.attempts < ATTEMPTS:
            self._ask(lookup)
        else:
            self._next_server(lookup)

    def _next_server(self, lookup: Lookup) -> None:
        following = lookup.servers.index(lookup.server) + 1
        if following == len(lookup.servers):
            self._end(lookup)
            return
        lookup.server, lookup.attempts, lookup.place = lookup.servers[following], 0, 0
        self._ask(lookup)
        lookup.changed.emit()

    def _end(self, lookup: Lookup) -> None:
        lookup.done = True
        self.close(lookup)
        lookup.changed.emit()

    def _receive(self, packet: IPv4Packet, datagram: UdpDatagram, _interface: str) -> None:
        from iosemu.net import dns

        lookup = self._running.get(datagram.destination_port)
        if lookup is None or datagram.source_port != DNS_PORT:
            return
        if lookup.server not in (packet.source, LIMITED_BROADCAST):
            return
        try:
            answer = dns.answer(datagram.payload, lookup.candidates[lookup.place], lookup.identifier)
        except MalformedPacket:
            return
        if answer is None:
            return
        if lookup.timer is not None:
            lookup.timer.cancel()
            lookup.timer = None
        lookup.silent = False
        if answer.addresses:
            now = self.device.now
            name = lookup.candidates[lookup.place].lower()
            if answer.ttl:
                self._cache[lookup.vrf, name] = Cached(answer.addresses, now, now + answer.ttl)
            lookup.answer = answer
            self._end(lookup)
        elif lookup.place + 1 < len(lookup.candidates):
            lookup.place, lookup.attempts = lookup.place + 1, 0
            self._ask(lookup)
        elif answer.failed:  # another may know
            self._next_server(lookup)
        else:
            self._end(lookup)
