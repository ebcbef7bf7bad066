"""NHRP on one interface: client, server and, between them, who passes requests on (RFC 2332; Cisco's phase 3)."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from itertools import count

from iosemu.nhrp.cache import Cache, Entry, Origin
from iosemu.nhrp.events import (
    Added,
    Event,
    Received,
    Refused,
    RegistrationRefused,
    Removed,
    Sent,
    ServerChanged,
)
from iosemu.nhrp.resolution import FIRST_RETRY, REFUSED, Pending
from iosemu.nhrp.servers import Server
from iosemu.nhrp.settings import Local, Settings, Surroundings, Way
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.nhrp import (
    WHOLE_ADDRESS,
    ClientEntry,
    Code,
    ErrorCode,
    Extension,
    ExtensionType,
    Flag,
    Kind,
    NhrpPacket,
)

REFRESH = 120.0
"""Seconds before its end at which a binding that is in use is asked for again."""
MOST_INDICATIONS = 4096
"""Pairs of hosts that are remembered as told of."""
QUOTED = 28
"""Octets of a packet that an indication quotes: its header and 64 bits."""
_TRANSIT = (ExtensionType.RESPONDER, ExtensionType.FORWARD_TRANSIT, ExtensionType.REVERSE_TRANSIT)


class Engine:
    """The NHRP of one interface.

    `configure` tells it what it is to be, `up` and `down` whether the interface carries packets; `receive`, `resolve`,
    `passed` and `tick` what happens. What it has to say goes to its surroundings at once; what became of it is in
    `events()`. All times are lab times in seconds.
    """

    def __init__(self, interface: str, around: Surroundings) -> None:
        self.interface = interface
        self.around = around
        self.settings = Settings()
        self.local: Local | None = None
        self.cache = Cache()
        self.servers: dict[IPv4Address, Server] = {}
        self.pending: dict[IPv4Address, Pending] = {}
        self.sent: Counter[int] = Counter()
        self.received: Counter[int] = Counter()
        self.suppressed = 0
        """Indications that were not sent because the same was told before."""
        self.public: IPv4Address | None = None
        """Where servers see this side, when that is not where it is."""
        self.running = False
        self._request_id = 0
        self._refused: dict[IPv4Address, float] = {}
        self._told: dict[tuple[IPv4Address, IPv4Address], float] = {}
        self._multicast: dict[IPv4Address, bool] = {}
        """Where multicast goes, and whether that was learned."""
        self._agenda: list[tuple[float, int, object]] = []
        self._numbers = count()
        self._events: list[Event] = []

    # --- what it is ----------------------------------------------------------------------------------

    def configure(self, settings: Settings, local: Local | None, now: float) -> None:
        """Take other settings, or another address; what does not depend on them stays."""
        again = local != self.local and self.running
        if again:
            self.down(now)
        self.settings, self.local = settings, local
        self._configure_static(now)
        self._configure_servers(now)
        for nbma in [each for each, learned in self._multicast.items() if not learned]:
            del self._multicast[nbma]
        if not settings.multicast_dynamic:
            self._multicast.clear()
        wanted = [*settings.multicast]
        wanted += [
            each.nbma for each in settings.servers.values() if each.nbma is not None and each.multicast
        ]
        self._multicast = {**dict.fromkeys(wanted, False), **self._multicast}
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

    def _configure_servers(self, now: float) -> None:
        for address in [each for each in self.servers if each not in self.settings.servers]:
            del self.servers[address]
        for address in self.settings.servers:
            nbma = self._server_nbma(address)
            server = self.servers.get(address)
            if server is None or server.nbma != nbma:
                server = self.servers[address] = Server(address, nbma, now)
                if self.running:
                    self._plan(now, server)
                    server.due = now

    def _server_nbma(self, address: IPv4Address) -> IPv4Address | None:
        entry = self.cache.host(address)
        return entry.nbma if entry is not None else self.settings.destination

    def up(self, now: float) -> None:
        """The interface carries packets: register."""
        if self.running or self.local is None:
            return
        self.running = True
        for server in self.servers.values():
            server.due = now
            server.waiting = False
            self._plan(now, server)

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

    def events(self) -> list[Event]:
        """What happened since this was last asked."""
        events, self._events = self._events, []
        return events

    # --- time ----------------------------------------------------------------------------------------

    def next_timer(self) -> float | None:
        """Lab time of the next `tick`; it may come to nothing."""
        return self._agenda[0][0] if self._agenda else None

    def tick(self, now: float) -> None:
        """Do what is due."""
        while self._agenda and self._agenda[0][0] <= now:
            what = heapq.heappop(self._agenda)[2]
            if isinstance(what, Server):
                self._server_due(what, now)
            elif isinstance(what, Pending):
                self._pending_due(what, now)
            elif isinstance(what, Entry):
                self._entry_due(what, now)

    def _plan(self, moment: float, what: object) -> None:
        heapq.heappush(self._agenda, (moment, next(self._numbers), what))

    def _server_due(self, server: Server, now: float) -> None:
        if self.servers.get(server.address) is not server or server.due is None or server.due > now:
            return
        self._register(server, now)
        if server.given_up:
            self._server_down(server, now)

    def _pending_due(self, pending: Pending, now: float) -> None:
        if self.pending.get(pending.destination) is not pending or pending.due > now:
            return
        if pending.repeated(now):
            self._ask(pending)
            self._plan(pending.due, pending)
        else:
            self._give_up(pending.destination, now)

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

    def _ahead(self, entry: Entry) -> float:
        life = (entry.expires or 0.0) - entry.created
        return min(REFRESH, life / 3)

    # --- packets of others ---------------------------------------------------------------------------

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
            return entry.nbma
        if not self.running:
            return None
        self._want(next_hop, now)
        return self._relay()

    def _relay(self) -> IPv4Address | None:
        """Where packets go whose next hop is not known yet: to a server."""
        for server in self.servers.values():
            if server.responding:
                return server.nbma
        return None

    def multicast(self) -> list[IPv4Address]:
        """Where packets to groups go."""
        if self.settings.destination is not None:
            return [self.settings.destination]
        return list(self._multicast)

    def multicast_entries(self) -> list[tuple[IPv4Address, bool]]:
        """Where packets to groups go, and whether that was learned."""
        return list(self._multicast.items())

    def passed(
        self, source: IPv4Address, destination: IPv4Address, quoted: bytes, nbma: IPv4Address, now: float
    ) -> None:
        """A packet that came from `nbma` left by the interface again: its sender may know a shorter way."""
        if not (self.settings.redirect and self.running and self.local is not None):
            return
        key = (source, destination)
        told = self._told.get(key)
        if told is not None and now - told < self.settings.redirect_interval:
            self.suppressed += 1
            return
        if len(self._told) >= MOST_INDICATIONS:
            self._told = {
                each: when
                for each, when in self._told.items()
                if now - when < self.settings.redirect_interval
            }
        if len(self._told) < MOST_INDICATIONS:
            self._told[key] = now
        self._send(
            NhrpPacket(
                Kind.TRAFFIC_INDICATION,
                self.local.nbma,
                self.local.protocol,
                source,
                extensions=self._extensions(responder=False),
                contents=quoted[:QUOTED],
            ),
            nbma,
        )

    def told(self, now: float) -> list[tuple[IPv4Address, IPv4Address, float]]:
        """Sources and destinations that were told of a shorter way, and how long nothing is said to them again."""
        interval = self.settings.redirect_interval
        return [
            (*pair, interval - (now - when)) for pair, when in self._told.items() if now - when < interval
        ]

    # --- messages out --------------------------------------------------------------------------------

    def _extensions(
        self, *, responder: bool = True, nat: tuple[ClientEntry, ...] = ()
    ) -> tuple[Extension, ...]:
        kinds = _TRANSIT if responder else _TRANSIT[1:]
        found = [Extension(kind) for kind in kinds]
        if self.settings.authentication:
            found.append(Extension.authentication(self.settings.authentication))
        found.append(Extension.of(ExtensionType.NAT_ADDRESS, nat, compulsory=False))
        return tuple(found)

    def _myself(self) -> ClientEntry:
        """This side, as it stands in the extensions of who answers or passes on."""
        assert self.local is not None
        return ClientEntry(self.local.nbma, self.local.protocol, holding=self.settings.holding)

    def _send(self, packet: NhrpPacket, nbma: IPv4Address) -> bool:
        data = packet.to_bytes()
        self.sent[packet.kind] += 1
        taken = self.around.transmit(self.interface, nbma, data)
        self._events.append(Sent(packet, nbma, len(data), taken))
        return taken

    def _next_id(self) -> int:
        self._request_id += 1
        return self._request_id

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

    def _want(self, destination: IPv4Address, now: float, *, again: bool = False) -> None:
        """Ask where a destination is, unless that is being asked or was refused just now."""
        if destination in self.pending or self._refused.get(destination, 0.0) > now or self.local is None:
            return
        if self._towards(destination) is None:
            return
        pending = self.pending[destination] = Pending(destination, self._next_id(), now + FIRST_RETRY)
        if not again and self.cache.host(destination) is None:
            network = IPv4Network(destination)
            self._add(Entry(network, destination, None, Origin.INCOMPLETE, now, since=now))
        self._ask(pending)
        self._plan(pending.due, pending)

    def _towards(self, destination: IPv4Address) -> IPv4Address | None:
        """Where requests for a destination go: to the next hop of its route, or to a server."""
        way = self.around.way(self.interface, destination)
        if way is not None and way.inside and way.next_hop is not None:
            entry = self.cache.host(way.next_hop)
            if entry is not None and entry.nbma is not None and not entry.local:
                return entry.nbma
        return self._relay()

    def _ask(self, pending: Pending) -> None:
        nbma = self._towards(pending.destination)
        if nbma is None or self.local is None:
            return
        nat = (ClientEntry(self.public, self.local.protocol, prefix_length=32),) if self.public else ()
        flags = Flag.ROUTER | Flag.AUTHORITATIVE | Flag.SOURCE_STABLE | Flag.NAT
        self._send(
            NhrpPacket(
                Kind.RESOLUTION_REQUEST,
                self.local.nbma,
                self.local.protocol,
                pending.destination,
                flags,
                pending.request_id,
                (ClientEntry(holding=self.settings.holding),),
                self._extensions(nat=nat),
            ),
            nbma,
        )

    def _give_up(self, destination: IPv4Address, now: float) -> None:
        self.pending.pop(destination, None)
        if len(self._refused) >= MOST_INDICATIONS:
            self._refused = {each: until for each, until in self._refused.items() if until > now}
        self._refused[destination] = now + REFUSED
        self._forget_incomplete(destination)

    def _forget_incomplete(self, destination: IPv4Address) -> None:
        entry = self.cache.host(destination)
        if entry is not None and entry.origin is Origin.INCOMPLETE:
            self._remove(entry)

    def _error(self, packet: NhrpPacket, code: ErrorCode, data: bytes, nbma: IPv4Address) -> None:
        """Tell who sent something that it cannot be taken; never about an error (RFC 2332 5.2.7)."""
        if packet.kind in (Kind.ERROR_INDICATION, Kind.TRAFFIC_INDICATION) or self.local is None:
            return
        error = NhrpPacket(
            Kind.ERROR_INDICATION,
            self.local.nbma,
            self.local.protocol,
            packet.source,
            extensions=self._extensions(responder=False),
            error_code=code,
            contents=data,
        )
        self._send(error, nbma)

    def _purge(self, entry: Entry) -> None:
        """Tell who was told of an entry that it holds no longer."""
        there = self.cache.host(entry.requester) if entry.requester is not None else None
        if self.local is None or there is None or there.nbma is None or entry.requester is None:
            return
        gone = ClientEntry(
            self.local.nbma, entry.network.network_address, prefix_length=entry.network.prefixlen, holding=0
        )
        self._send(
            NhrpPacket(
                Kind.PURGE_REQUEST,
                self.local.nbma,
                self.local.protocol,
                entry.requester,
                Flag.NAT,
                self._next_id(),
                (gone,),
                self._extensions(responder=False),
            ),
            there.nbma,
        )

    def ways_changed(self, now: float) -> None:
        """Routes are others than before: what was told and holds no longer is taken back."""
        for entry in self.cache:
            if not entry.local:
                continue
            way = self.around.way(self.interface, entry.network.network_address + (not entry.host))
            if way is None or (way.inside and not way.ours) or not self._still(way, entry):
                self._purge(entry)
                self._remove(entry)

    def _still(self, way: Way, entry: Entry) -> bool:
        return way.ours or way.network == entry.network

    # --- messages in ---------------------------------------------------------------------------------

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
        if (packet.authentication or "") != self.settings.authentication:
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

    def _answered(self, packet: NhrpPacket, nbma: IPv4Address) -> tuple[Extension, ...]:
        """The extensions of a request in the reply to it: with who answers, and where NAT puts who asked."""
        found = []
        for each in packet.extensions:
            if each.type == ExtensionType.RESPONDER:
                each = Extension.of(each.type, (self._myself(),))
            elif (
                each.type == ExtensionType.NAT_ADDRESS
                and packet.kind == Kind.REGISTRATION_REQUEST
                and packet.source_nbma != nbma
            ):
                seen = ClientEntry(nbma, packet.source, prefix_length=32)
                each = Extension.of(each.type, (*each.entries, seen), compulsory=False)
            found.append(each)
        return tuple(found)

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

    def _resolution_request(self, packet: NhrpPacket, data: bytes, nbma: IPv4Address, now: float) -> None:
        assert self.local is not None
        if packet.source == self.local.protocol:
            return  # it came back
        way = self.around.way(self.interface, packet.destination)
        if way is None:
            self._no_binding(packet, nbma)
        elif way.ours or not way.inside:
            self._answer(packet, way, nbma, now)
        else:
            self._pass_on(packet, way, data, nbma)

    def _no_binding(self, packet: NhrpPacket, nbma: IPv4Address) -> None:
        refusal = replace(
            packet,
            kind=Kind.RESOLUTION_REPLY,
            entries=(ClientEntry(code=Code.NO_BINDING),),
            extensions=self._answered(packet, nbma),
            hop_count=255,
        )
        self._send(refusal, nbma)

    def _pass_on(self, packet: NhrpPacket, way: Way, data: bytes, nbma: IPv4Address) -> None:
        """Send a request on to the next hop (RFC 2332 5.2.1), noting that it came by here."""
        transit = packet.extension(ExtensionType.FORWARD_TRANSIT)
        passed = transit.entries if transit is not None else ()
        assert self.local is not None
        if any(each.protocol == self.local.protocol for each in passed):
            self._error(packet, ErrorCode.LOOP, data, nbma)
            return
        if packet.hop_count <= 1:
            self._error(packet, ErrorCode.HOP_COUNT_EXCEEDED, data, nbma)
            return
        entry = self.cache.host(way.next_hop or packet.destination)
        onward = entry.nbma if entry is not None and not entry.local else self._relay()
        if onward is None or onward == nbma:
            self._no_binding(packet, nbma)
            return
        extensions = tuple(
            Extension.of(each.type, (*passed, self._myself()))
            if each.type == ExtensionType.FORWARD_TRANSIT
            else self._with_nat(each, packet, nbma)
            for each in packet.extensions
        )
        self._send(replace(packet, hop_count=packet.hop_count - 1, extensions=extensions), onward)

    def _with_nat(self, extension: Extension, packet: NhrpPacket, nbma: IPv4Address) -> Extension:
        """Note where NAT puts who asks, when its own server passes its request on."""
        if extension.type != ExtensionType.NAT_ADDRESS or extension.entries:
            return extension
        asks = self.cache.host(packet.source)
        if asks is None or asks.claimed is None or asks.nbma != nbma:
            return extension
        seen = ClientEntry(nbma, packet.source, prefix_length=32)
        return Extension.of(extension.type, (seen,), compulsory=False)

    def _answer(self, packet: NhrpPacket, way: Way, nbma: IPv4Address, now: float) -> None:
        """Tell who asks that what it looks for is here, by the straight way."""
        assert self.local is not None
        nat = packet.extension(ExtensionType.NAT_ADDRESS)
        seen = next((e.nbma for e in (nat.entries if nat else ()) if e.protocol == packet.source), None)
        there = seen or packet.source_nbma
        holding = next((each.holding for each in packet.entries), self.settings.holding)
        known = self.cache.host(packet.source)
        if known is None or known.origin is not Origin.STATIC:
            asks = Entry(
                IPv4Network(packet.source),
                packet.source,
                there,
                Origin.DYNAMIC,
                now,
                now + holding,
                since=now,
            )
            asks.router = bool(packet.flags & Flag.ROUTER)
            asks.claimed = packet.source_nbma if seen is not None else None
            asks.resolved = True
            self._learn(asks, known)
        network = IPv4Network(packet.destination) if way.ours else way.network
        mine = self.cache.get(network)
        local = Entry(
            network, self.local.protocol, self.local.nbma, Origin.DYNAMIC, now, now + holding, since=now
        )
        if mine is not None and mine.local:
            local.created, local.since = mine.created, mine.since
        local.router, local.unique, local.local = True, True, True
        local.requester, local.request_id = packet.source, packet.request_id
        if mine is None or mine.local or mine.origin is Origin.INCOMPLETE:
            self._add(local)
        told = ClientEntry(
            self.local.nbma, self.local.protocol, Code.SUCCESS, network.prefixlen, holding=holding
        )
        flags = packet.flags | Flag.DESTINATION_STABLE | Flag.UNIQUE
        extensions = self._answered(packet, nbma)
        if self.public is not None:
            here = ClientEntry(self.public, self.local.protocol, prefix_length=32)
            extensions = tuple(
                Extension.of(each.type, (*each.entries, here), compulsory=False)
                if each.type == ExtensionType.NAT_ADDRESS
                else each
                for each in extensions
            )
        self._send(
            replace(
                packet,
                kind=Kind.RESOLUTION_REPLY,
                flags=flags,
                entries=(told,),
                extensions=extensions,
                hop_count=255,
            ),
            there,
        )

    def _learn(self, entry: Entry, known: Entry | None) -> None:
        """Take an entry; one that says the same stays, with another end."""
        if (
            known is not None
            and known.origin is Origin.DYNAMIC
            and known.nbma == entry.nbma
            and known.next_hop == entry.next_hop
            and not known.local
        ):
            if known.expires is not None and entry.expires is not None and entry.expires > known.expires:
                known.expires = entry.expires
                self._plan(entry.expires - self._ahead(entry), known)
            known.resolved = known.resolved or (entry.resolved and not known.registered)
            known.router = known.router or (entry.router and not known.registered)
            return
        if known is not None:
            entry.last_used = known.last_used
        self._add(entry)

    def _resolution_reply(self, packet: NhrpPacket, data: bytes, nbma: IPv4Address, now: float) -> None:
        pending = self.pending.get(packet.destination)
        if pending is None or pending.request_id != packet.request_id or not packet.entries:
            return
        told = packet.entries[0]
        if told.code != Code.SUCCESS or told.nbma is None or told.protocol is None:
            self._give_up(packet.destination, now)
            return
        del self.pending[packet.destination]
        nat = packet.extension(ExtensionType.NAT_ADDRESS)
        seen = next((e.nbma for e in (nat.entries if nat else ()) if e.protocol == told.protocol), None)
        length = 32 if told.prefix_length == WHOLE_ADDRESS else min(told.prefix_length, 32)
        network = IPv4Network((int(packet.destination), length), strict=False)
        if network.network_address != packet.destination or length < 32:
            self._forget_incomplete(packet.destination)
        for where in dict.fromkeys((IPv4Network(told.protocol), network)):
            known = self.cache.get(where)
            if known is not None and (known.origin is Origin.STATIC or known.registered):
                continue
            entry = Entry(
                where, told.protocol, seen or told.nbma, Origin.DYNAMIC, now, now + told.holding, since=now
            )
            entry.claimed = told.nbma if seen is not None and seen != told.nbma else None
            entry.router, entry.resolved, entry.last_used = True, True, now
            self._learn(entry, known)

    def _purge_request(self, packet: NhrpPacket, data: bytes, nbma: IPv4Address, now: float) -> None:
        for each in packet.entries:
            if each.protocol is None:
                continue
            length = 32 if each.prefix_length in (0, WHOLE_ADDRESS) else min(each.prefix_length, 32)
            entry = self.cache.get(IPv4Network((int(each.protocol), length), strict=False))
            if entry is not None and entry.origin is Origin.DYNAMIC and not entry.local:
                self._remove(entry)
        if not packet.flags & Flag.NO_REPLY:
            self._send(replace(packet, kind=Kind.PURGE_REPLY, hop_count=255), nbma)

    def _traffic_indication(self, packet: NhrpPacket, data: bytes, nbma: IPv4Address, now: float) -> None:
        if not self.settings.shortcut or len(packet.contents) < 20:
            return
        destination = IPv4Address(packet.contents[16:20])
        way = self.around.way(self.interface, destination)
        known = self.cache.covering(destination)
        if way is None or not way.inside or (known is not None and known.origin is not Origin.INCOMPLETE):
            return
        self._want(destination, now)

    # --- the cache -----------------------------------------------------------------------------------

    def _add(self, entry: Entry) -> None:
        old = self.cache.get(entry.network)
        if old is not None:
            self._remove(old)
        self.cache.put(entry)
        if entry.expires is not None:
            ahead = self._ahead(entry) if entry.resolved else 0.0
            self._plan(entry.expires - ahead, entry)
        self._events.append(Added(entry))

    def _remove(self, entry: Entry) -> None:
        self.cache.remove(entry)
        nbma = entry.nbma
        if nbma is not None and entry.registered and self._multicast.get(nbma) and not self._client_at(nbma):
            del self._multicast[nbma]
        self._events.append(Removed(entry))

    def _client_at(self, nbma: IPv4Address) -> bool:
        return any(each.registered for each in self.cache.at(nbma))
