"""Resolution (RFC 2332 5.2.1): asking, passing on, answering and taking back; and Cisco's indications."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from iosemu.nhrp.cache import Entry, Origin
from iosemu.nhrp.resolution import FIRST_RETRY, REFUSED, Pending
from iosemu.nhrp.settings import Surroundings, Way
from iosemu.nhrp.station import Station
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

MOST_INDICATIONS = 4096
"""Pairs of hosts that are remembered as told of."""
QUOTED = 28
"""Octets of a packet that an indication quotes: its header and 64 bits."""


class Resolution(Station):
    """Who has what, asked and answered."""

    def __init__(self, interface: str, around: Surroundings) -> None:
        super().__init__(interface, around)
        self.pending: dict[IPv4Address, Pending] = {}
        self.suppressed = 0
        """Indications that were not sent because the same was told before."""
        self._refused: dict[IPv4Address, float] = {}
        self._told: dict[tuple[IPv4Address, IPv4Address], float] = {}

    # --- asking ------------------------------------------------------------------------------------------

    def _want(self, destination: IPv4Address, now: float, *, again: bool = False) -> None:
        """Ask where a destination is, unless that is being asked or was refused just now, or is not for it to ask."""
        if self.settings.server_only:
            return
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

    def _pending_due(self, pending: Pending, now: float) -> None:
        if self.pending.get(pending.destination) is not pending or pending.due > now:
            return
        if pending.repeated(now):
            self._ask(pending)
            self._plan(pending.due, pending)
        else:
            self._give_up(pending.destination, now)

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

    # --- passing on and answering ------------------------------------------------------------------------

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

    # --- taking back -------------------------------------------------------------------------------------

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

    def ways_changed(self, now: float) -> None:
        """Routes are others than before: what was told and holds no longer is taken back."""
        for entry in list(self.cache.told.values()):
            way = self.around.way(self.interface, entry.network.network_address + (not entry.host))
            if way is None or (way.inside and not way.ours) or not self._still(way, entry):
                self._purge(entry)
                self._remove(entry)

    def _still(self, way: Way, entry: Entry) -> bool:
        return way.ours or way.network == entry.network

    # --- indications -------------------------------------------------------------------------------------

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

    def _traffic_indication(self, packet: NhrpPacket, data: bytes, nbma: IPv4Address, now: float) -> None:
        if not self.settings.shortcut or len(packet.contents) < 20:
            return
        destination = IPv4Address(packet.contents[16:20])
        way = self.around.way(self.interface, destination)
        known = self.cache.covering(destination)
        if way is None or not way.inside or (known is not None and known.origin is not Origin.INCOMPLETE):
            return
        self._want(destination, now)
