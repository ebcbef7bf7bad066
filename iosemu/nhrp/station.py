"""What the parts of an engine share: settings, cache, agenda, and the messages that leave (RFC 2332 5)."""

from __future__ import annotations

import heapq
from collections import Counter
from ipaddress import IPv4Address
from itertools import count

from iosemu.nhrp.cache import Cache, Entry
from iosemu.nhrp.events import Added, Event, Removed, Sent
from iosemu.nhrp.servers import Server
from iosemu.nhrp.settings import Local, Settings, Surroundings
from iosemu.packets.nhrp import ClientEntry, ErrorCode, Extension, ExtensionType, Kind, NhrpPacket

REFRESH = 120.0
"""Seconds before its end at which a binding that is in use is asked for again."""
REQUESTS = (Kind.RESOLUTION_REQUEST, Kind.REGISTRATION_REQUEST, Kind.PURGE_REQUEST)
_TRANSIT = (ExtensionType.RESPONDER, ExtensionType.FORWARD_TRANSIT, ExtensionType.REVERSE_TRANSIT)


class Station:
    """One interface: who it is, what it knows, and how it speaks."""

    def __init__(self, interface: str, around: Surroundings) -> None:
        self.interface = interface
        self.around = around
        self.settings = Settings()
        self.local: Local | None = None
        self.cache = Cache()
        self.servers: dict[IPv4Address, Server] = {}
        self.sent: Counter[int] = Counter()
        self.received: Counter[int] = Counter()
        self.public: IPv4Address | None = None
        """Where servers see this side, when that is not where it is."""
        self.running = False
        self._request_id = 0
        self._multicast: dict[IPv4Address, bool] = {}
        """Where multicast goes, and whether that was learned."""
        self._agenda: list[tuple[float, int, object]] = []
        self._numbers = count()
        self._events: list[Event] = []

    def events(self) -> list[Event]:
        """What happened since this was last asked."""
        events, self._events = self._events, []
        return events

    def _plan(self, moment: float, what: object) -> None:
        heapq.heappush(self._agenda, (moment, next(self._numbers), what))

    def _ahead(self, entry: Entry) -> float:
        life = (entry.expires or 0.0) - entry.created
        return min(REFRESH, life / 3)

    # --- messages ----------------------------------------------------------------------------------------

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

    def _error(self, packet: NhrpPacket, code: ErrorCode, data: bytes, nbma: IPv4Address) -> None:
        """Tell who asked something that it cannot be taken: without extensions (RFC 2332 5.2.7)."""
        if packet.kind not in REQUESTS or self.local is None:
            return
        error = NhrpPacket(
            Kind.ERROR_INDICATION,
            self.local.nbma,
            self.local.protocol,
            packet.source,
            error_code=code,
            contents=data,
        )
        self._send(error, nbma)

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

    # --- the cache ---------------------------------------------------------------------------------------

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

    def _relay(self) -> IPv4Address | None:
        """Where packets go whose next hop is not known yet: to the best server that answers."""
        answering = (each for each in self.servers.values() if each.responding)
        best = min(answering, key=lambda each: self._priority(each.address), default=None)
        return best.nbma if best is not None else None

    def _priority(self, server: IPv4Address) -> int:
        """The lowest is the best."""
        settings = self.settings.servers.get(server)
        return settings.priority if settings is not None else 0

    def _fit_multicast(self) -> None:
        """Multicast goes where it is typed, to servers that have their turn, and where it was learned."""
        for nbma in [each for each, learned in self._multicast.items() if not learned]:
            del self._multicast[nbma]
        if not self.settings.multicast_dynamic:
            self._multicast.clear()
        wanted = [*self.settings.multicast]
        for address, each in self.settings.servers.items():
            server = self.servers.get(address)
            if each.nbma is not None and each.multicast and server is not None and not server.idle:
                wanted.append(each.nbma)
        self._multicast = {**dict.fromkeys(wanted, False), **self._multicast}
