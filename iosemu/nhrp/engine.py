"""NHRP on one interface: client, server and, between them, who passes requests on (RFC 2332; Cisco's phase 3)."""

from __future__ import annotations

import heapq
from ipaddress import IPv4Address, IPv4Network

from iosemu.nhrp.cache import Entry, Origin
from iosemu.nhrp.events import Received, Refused
from iosemu.nhrp.queries import Resolution
from iosemu.nhrp.registration import TURNS, Registration
from iosemu.nhrp.resolution import Pending
from iosemu.nhrp.servers import Server
from iosemu.nhrp.settings import Local, Settings
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.nhrp import ErrorCode, ExtensionType, Kind, NhrpPacket


class Engine(Registration, Resolution):
    """The NHRP of one interface.

    `configure` tells it what it is to be, `up` and `down` whether the interface carries packets; `receive`, `resolve`,
    `passed` and `tick` what happens. What it has to say goes to its surroundings at once; what became of it is in
    `events()`. All times are lab times in seconds.
    """

    def configure(self, settings: Settings, local: Local | None, now: float) -> None:
        """Take other settings, or another address; what does not depend on them stays."""
        again = local != self.local and self.running
        if again:
            self.down(now)
        self.settings, self.local = settings, local
        self._configure_static(now)
        self._configure_servers(now)
        self._choose(now)
        self._fit_multicast()
        if again:
            self.up(now)

    def _configure_static(self, now: float) -> None:
        wanted = dict(self.settings.maps)
        wanted.update({a: s.nbma for a, s in self.settings.servers.items() if s.nbma is not None})
        if self.settings.destination is not None:
            for server in self.settings.servers:
                wanted.setdefault(server, self.settings.destination)
        for entry in self.cache:
            address = entry.network.network_address
            if entry.origin is Origin.STATIC and wanted.get(address) != entry.nbma:
                self._remove(entry)
        for address, nbma in wanted.items():
            known = self.cache.host(address)
            if known is None or known.origin is not Origin.STATIC:
                self._add(Entry(IPv4Network(address), address, nbma, Origin.STATIC, now, since=now))

    def up(self, now: float) -> None:
        """The interface carries packets: register."""
        if self.running or self.local is None:
            return
        self.running = True
        for server in self.servers.values():
            self._begin(server, now)
        self._choose(now)

    def down(self, now: float) -> None:
        """The interface carries nothing any more: what was learned is forgotten."""
        if not self.running:
            return
        self.running = False
        self.clear(purge=False)
        self.public = None
        for server in self.servers.values():
            server.due = None
            self._server_down(server, now)
            server.note()

    def clear(self, address: IPv4Address | None = None, *, purge: bool = True) -> None:
        """Forget what was learned, of one address or all; with `purge` those are told who were told of it."""
        leaving = [
            entry
            for entry in self.cache
            if entry.origin is not Origin.STATIC and (address is None or address in entry.network)
        ]
        for entry in leaving if purge else ():
            if entry.local:
                self._purge(entry)
        for entry in leaving:
            self._remove(entry)
        for pending in [each for each in self.pending if address in (None, each)]:
            del self.pending[pending]
        self._refused.clear()

    # --- time --------------------------------------------------------------------------------------------

    def next_timer(self) -> float | None:
        """Lab time of the next `tick`; it may come to nothing."""
        return self._agenda[0][0] if self._agenda else None

    def tick(self, now: float) -> None:
        """Do what is due."""
        while self._agenda and self._agenda[0][0] <= now:
            what = heapq.heappop(self._agenda)[2]
            if isinstance(what, Server):
                self._server_due(what, now)
            elif what is TURNS:
                self._choose(now)
            elif isinstance(what, Pending):
                self._pending_due(what, now)
            elif isinstance(what, Entry):
                self._entry_due(what, now)

    def _entry_due(self, entry: Entry, now: float) -> None:
        if self.cache.get(entry.network) is not entry or entry.expires is None:
            return
        if entry.expires <= now:
            self._remove(entry)
            return
        refresh = entry.expires - self._ahead(entry)
        if refresh <= now and entry.resolved and entry.used(now):
            target = entry.network.network_address if entry.host else entry.network.network_address + 1
            self._want(target, now, again=True)
        self._plan(refresh if refresh > now else entry.expires, entry)

    # --- packets of others -------------------------------------------------------------------------------

    def resolve(self, next_hop: IPv4Address, destination: IPv4Address, now: float) -> IPv4Address | None:
        """Where a packet goes outside; None: nobody knows. What is not known is asked for."""
        if self.settings.destination is not None:
            return self.settings.destination
        entry = self.cache.host(next_hop)
        if entry is not None and entry.nbma is not None and not entry.local:
            entry.last_used = now
            wider = self.cache.covering(destination)
            if wider is not None:
                wider.last_used = now
            return self._detour(entry) or entry.nbma
        if not self.running:
            return None
        self._want(next_hop, now)
        return self._relay()

    def _detour(self, entry: Entry) -> IPv4Address | None:
        """The server that packets take while the straight way, which was asked for, is not open yet."""
        if not entry.resolved or entry.nbma is None or self.around.ready(self.interface, entry.nbma):
            return None
        return self._relay()

    def multicast(self) -> list[IPv4Address]:
        """Where packets to groups go."""
        if self.settings.destination is not None:
            return [self.settings.destination]
        return list(self._multicast)

    def multicast_entries(self) -> list[tuple[IPv4Address, bool]]:
        """Where packets to groups go, and whether that was learned."""
        return list(self._multicast.items())

    # --- messages ----------------------------------------------------------------------------------------

    def receive(self, data: bytes, nbma: IPv4Address, now: float) -> None:
        """Take a message that came from an address outside."""
        if not self.running or self.local is None:
            return
        try:
            packet = NhrpPacket.parse(data)
        except MalformedPacket as error:
            self._events.append(Refused(nbma, str(error)))
            return
        self.received[packet.kind] += 1
        self._events.append(Received(packet, nbma, len(data)))
        proof = packet.authentication or ""
        if packet.kind != Kind.ERROR_INDICATION and proof != self.settings.authentication:
            self._events.append(Refused(nbma, "wrong authentication string"))
            self._error(packet, ErrorCode.AUTHENTICATION_FAILURE, data, nbma)
            return
        unknown = [
            each for each in packet.extensions if each.compulsory and each.type not in set(ExtensionType)
        ]
        if unknown:
            self._error(packet, ErrorCode.UNRECOGNIZED_EXTENSION, data, nbma)
            return
        handler = {
            Kind.REGISTRATION_REQUEST: self._registration_request,
            Kind.REGISTRATION_REPLY: self._registration_reply,
            Kind.RESOLUTION_REQUEST: self._resolution_request,
            Kind.RESOLUTION_REPLY: self._resolution_reply,
            Kind.PURGE_REQUEST: self._purge_request,
            Kind.TRAFFIC_INDICATION: self._traffic_indication,
        }.get(Kind(packet.kind) if packet.kind in set(Kind) else Kind.ERROR_INDICATION)
        try:
            if handler is not None:
                handler(packet, data, nbma, now)
        except MalformedPacket as error:  # in an extension, which is read when it is needed
            self._events.append(Refused(nbma, str(error)))
            self._error(packet, ErrorCode.INVALID_EXTENSION, data, nbma)
