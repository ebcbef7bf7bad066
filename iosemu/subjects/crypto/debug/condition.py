"""`debug crypto condition`: of all that crypto debugging tells, what concerns a peer, an address, an SA."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from iosemu.ike import events, trace
from iosemu.ike.events import Event
from iosemu.ike.types import ChildSa

SUBJECTS = {"isakmp": "IKE", "ipsec": "IPsec", "engine": "Crypto Engine"}
"""What can be told without a context, and how `show crypto debug-condition` calls it."""
_PER_ROW = 4


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of the connection that an event belongs to."""

    peer: IPv4Address | None = None
    local: IPv4Address | None = None
    connections: frozenset[int] = frozenset()
    spis: frozenset[int] = frozenset()


@dataclass
class Conditions:
    """The filters; without any everything is told. One that fits is enough."""

    peers: dict[IPv4Network, None] = field(default_factory=dict)
    subnets: dict[IPv4Network, None] = field(default_factory=dict)
    locals: dict[IPv4Address, None] = field(default_factory=dict)
    connections: dict[tuple[int, int], None] = field(default_factory=dict)
    """Connection id and engine id."""
    spis: dict[int, None] = field(default_factory=dict)
    unmatched: set[str] = field(default_factory=set)
    """Of which subjects that is told, too, which belongs to no connection."""

    @property
    def any(self) -> bool:
        """Whether anything is filtered."""
        return any((self.peers, self.subnets, self.locals, self.connections, self.spis))

    def reset(self) -> None:
        """Forget all filters and flags."""
        for each in (self.peers, self.subnets, self.locals, self.connections, self.spis, self.unmatched):
            each.clear()

    def admit(self, context: Context, subject: str) -> bool:
        """Whether what `subject` has to say about this is told."""
        if not self.any:
            return True
        if context == Context():
            return subject in self.unmatched
        peer = context.peer
        return (
            (peer is not None and any(peer in network for network in (*self.peers, *self.subnets)))
            or context.local in self.locals
            or any(number in context.connections for number, _engine in self.connections)
            or any(spi in context.spis for spi in self.spis)
        )

    def lines(self) -> Iterator[str]:
        """`show crypto debug-condition`."""
        yield f"Crypto conditional debug currently is turned {_state(self.any)}"
        for subject, name in SUBJECTS.items():
            yield f"{name} debug context unmatched flag:{_state(subject in self.unmatched)}"
        yield from _filters(
            "IKE peer IP address filters:", [str(each.network_address) for each in self.peers]
        )
        yield from _filters(
            "IKE peer subnet filters:", [f"{each.network_address}/{each.netmask}" for each in self.subnets]
        )
        yield from _filters("IKE local address filters:", [str(each) for each in self.locals])
        if self.connections:
            pairs = ", ".join(f"{number}:{engine}" for number, engine in self.connections)
            yield ""
            yield f"Connection-id filters:[connid:engine_id]{pairs}"
        yield from _filters("SPI filters:", [f"0x{spi:08X}" for spi in self.spis])


def _state(on: bool) -> str:
    return "ON" if on else "OFF"


def _filters(title: str, values: list[str]) -> Iterator[str]:
    if values:
        yield ""
        yield title
        for start in range(0, len(values), _PER_ROW):
            yield "   ".join(values[start : start + _PER_ROW])


def context_of(event: Event, conn_id: Callable[[int], int]) -> Context:
    """What an event belongs to; `conn_id` finds the connection id of an IPsec SA by its SPI."""
    peer = local = None
    connections: set[int] = set()
    spis: set[int] = set()
    if event.sa is not None:
        peer, local = event.sa.peer.address, event.sa.local.address
        connections.add(event.sa.conn_id)
    match event:
        case trace.Requested() | trace.RequestRepeated() | events.RequestFailed():
            peer, local = event.request.peer, event.request.local
        case trace.OfferJudged():
            peer, local = event.offer.peer, event.offer.local
        case trace.PacketReceived() | events.BadMessage() | events.NoSa():
            peer, local = event.peer.address, event.local.address
        case trace.KeyLookup() | trace.NoCredentials() | events.ModeFailure():
            peer = event.peer.address
        case events.ChildUp() | events.ChildConfirmed():
            peer, local = event.child.peer.address, event.child.local.address
            spis |= _spis(event.child)
        case events.ChildDeleted():
            spis |= set(event.spis)
        case events.InvalidSpi():
            spis.add(event.spi)
    connections |= {conn_id(spi) for spi in spis}
    return Context(peer, local, frozenset(connections - {0}), frozenset(spis))


def _spis(child: ChildSa) -> set[int]:
    return {keys.spi for keys in (*child.inbound, *child.outbound)}
