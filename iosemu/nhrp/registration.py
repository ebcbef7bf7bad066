"""Registration (RFC 2332 5.2.3): this side with its servers, and others with this side."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from iosemu.nhrp.cache import Entry, Origin
from iosemu.nhrp.clusters import chosen
from iosemu.nhrp.events import Refused, RegistrationRefused, ServerChanged
from iosemu.nhrp.servers import Server
from iosemu.nhrp.station import Station
from iosemu.packets.nhrp import (
    WHOLE_ADDRESS,
    ClientEntry,
    Code,
    ErrorCode,
    ExtensionType,
    Flag,
    Kind,
    NhrpPacket,
)

TURNS = object()
"""What is planned when servers may change turns."""


class Registration(Station):
    """Client and server of registrations."""

    def _configure_servers(self, now: float) -> None:
        for address in [each for each in self.servers if each not in self.settings.servers]:
            del self.servers[address]
        for address in self.settings.servers:
            nbma = self._server_nbma(address)
            server = self.servers.get(address)
            if server is None or server.nbma != nbma:
                server = self.servers[address] = Server(address, nbma, now)
                if self.running:
                    self._begin(server, now)

    def _begin(self, server: Server, now: float) -> None:
        """Register with a server from now on."""
        server.idle = server.waiting = False
        server.due = now
        self._plan(now, server)

    def _choose(self, now: float) -> None:
        """Give the servers of each cluster that has a limit their turns."""
        clusters: dict[int, list[Server]] = {}
        for address, settings in self.settings.servers.items():
            if address in self.servers:
                clusters.setdefault(settings.cluster, []).append(self.servers[address])
        changed = False
        for number, servers in clusters.items():
            turn, again = servers, None
            if number in self.settings.max_connections:
                ordered = sorted(servers, key=lambda each: self._priority(each.address))
                most = self.settings.max_connections[number]
                turn, again = chosen(ordered, most, self.settings.fallback, now)
            for server in servers:
                if server.idle == (server not in turn):
                    continue
                changed = True
                if server in turn and self.running:
                    self._begin(server, now)
                elif server in turn:
                    server.idle = False
                else:
                    self._rest(server, now)
            if again is not None:
                self._plan(again, TURNS)
        for server in self.servers.values():
            server.note()
        if changed:
            self._fit_multicast()

    def _rest(self, server: Server, now: float) -> None:
        """Others have their turn: what is registered there ends with its time."""
        server.due = None
        server.waiting = False
        self._server_down(server, now)
        server.idle = True

    def _server_nbma(self, address: IPv4Address) -> IPv4Address | None:
        entry = self.cache.host(address)
        return entry.nbma if entry is not None else self.settings.destination

    def _server_due(self, server: Server, now: float) -> None:
        if self.servers.get(server.address) is not server or server.due is None or server.due > now:
            return
        self._register(server, now)
        if server.given_up:
            self._server_down(server, now)
            self._choose(now)

    def _register(self, server: Server, now: float) -> None:
        if not server.waiting:
            server.request_id = self._next_id()
        taken = False
        if server.nbma is not None and self.local is not None:
            flags = Flag.NAT | (Flag.REGISTER_UNIQUE if self.settings.unique else Flag(0))
            there = ClientEntry(server.nbma, server.address, prefix_length=32)
            taken = self._send(
                NhrpPacket(
                    Kind.REGISTRATION_REQUEST,
                    self.local.nbma,
                    self.local.protocol,
                    server.address,
                    flags,
                    server.request_id,
                    (ClientEntry(prefix_length=WHOLE_ADDRESS, holding=self.settings.holding),),
                    self._extensions(nat=(there,)),
                ),
                server.nbma,
            )
        server.asked(now, taken)
        assert server.due is not None
        self._plan(server.due, server)

    def _server_down(self, server: Server, now: float) -> None:
        if server.responding:
            server.responding = False
            server.since = now
            self._events.append(ServerChanged(server.address, server.nbma, up=False))

    def _registration_reply(self, packet: NhrpPacket, data: bytes, nbma: IPv4Address, now: float) -> None:
        server = self.servers.get(packet.destination)
        if server is None or packet.request_id != server.request_id or not server.waiting:
            return
        code = next((each.code for each in packet.entries), Code.SUCCESS)
        if code != Code.SUCCESS:
            self._events.append(RegistrationRefused(server.address, code))
            return
        seen = packet.extension(ExtensionType.NAT_ADDRESS)
        mine = [e for e in (seen.entries if seen is not None else ()) if e.protocol == packet.source]
        self.public = mine[0].nbma if mine else None
        if server.answered(now, self.settings.refresh):
            self._events.append(ServerChanged(server.address, server.nbma, up=True))
        entry = self.cache.host(server.address)
        if entry is not None:
            entry.last_used = now
        assert server.due is not None
        self._plan(server.due, server)
        self._choose(now)

    # --- others with this side ---------------------------------------------------------------------------

    def _registration_request(self, packet: NhrpPacket, data: bytes, nbma: IPv4Address, now: float) -> None:
        assert self.local is not None
        if packet.destination != self.local.protocol:
            self._events.append(Refused(nbma, "protocol generic error (7)"))
            self._error(packet, ErrorCode.PROTOCOL_ERROR, data, nbma)
            return
        code = Code.SUCCESS
        for each in packet.entries[:1]:
            code = self._registered(packet, each, nbma, now)
        reply = replace(
            packet,
            kind=Kind.REGISTRATION_REPLY,
            entries=tuple(replace(each, code=code) for each in packet.entries),
            extensions=self._answered(packet, nbma),
            hop_count=255,
        )
        self._send(reply, nbma)

    def _registered(self, packet: NhrpPacket, client: ClientEntry, nbma: IPv4Address, now: float) -> Code:
        address = client.protocol or packet.source
        network = IPv4Network(address)
        known = self.cache.get(network)
        unique = bool(packet.flags & Flag.REGISTER_UNIQUE)
        claimed = client.nbma or packet.source_nbma
        if known is not None and known.origin is Origin.STATIC:
            return Code.SUCCESS
        same = known is not None and known.registered and known.nbma == nbma
        if known is not None and known.registered and known.unique and not same:
            return Code.ALREADY_REGISTERED
        if known is not None and same:
            known.expires, known.unique = now + client.holding, unique
            self._plan(known.expires, known)
            return Code.SUCCESS
        entry = Entry(network, address, nbma, Origin.DYNAMIC, now, now + client.holding, since=now)
        entry.claimed = claimed if claimed != nbma else None
        entry.registered, entry.unique = True, unique
        self._add(entry)
        if self.settings.multicast_dynamic:
            self._multicast.setdefault(nbma, True)
        return Code.SUCCESS
