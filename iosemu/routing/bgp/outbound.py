"""What a peer is told of a path, and the UPDATEs that say it (RFC 4271 5.1, 9.2; RFC 4456, 1997)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from typing import Protocol

from iosemu.routing.bgp.attributes import (
    LOCAL_AS,
    NO_ADVERTISE,
    NO_EXPORT,
    AsPath,
    Attributes,
    encode,
    prepend,
    prepend_member,
    public,
)
from iosemu.routing.bgp.config import Relation
from iosemu.routing.bgp.dampening import DampingParameters
from iosemu.routing.bgp.messages import MAXIMUM_LENGTH, Update
from iosemu.routing.bgp.peer import Peer
from iosemu.routing.bgp.rib import LOCAL_WEIGHT, LocRib, Path

DEFAULT = IPv4Network("0.0.0.0/0")
_HEAD = 23


class Environment(Protocol):
    """What the engine asks of the router that it runs on."""

    def metric(self, next_hop: IPv4Address) -> int | None:
        """The metric of the way to a next hop, None without a way."""

    def is_own(self, address: IPv4Address) -> bool:
        """Whether an address is one of this router's."""

    def local_address(self, peer: IPv4Address) -> IPv4Address:
        """Our end of the session with a peer."""

    def shares_network(self, peer: IPv4Address, next_hop: IPv4Address) -> bool:
        """Whether a directly connected peer reaches a next hop over the same network (5.1.3)."""

    def damping(
        self, peer: IPv4Address, network: IPv4Network, attributes: Attributes
    ) -> DampingParameters | None:
        """How a path is damped (RFC 2439); None: it is not."""

    def accept(
        self, peer: IPv4Address, network: IPv4Network, attributes: Attributes
    ) -> tuple[Attributes, int | None] | None:
        """The policy for what comes in: attributes and perhaps a weight; None: denied."""

    def offer(self, peer: IPv4Address, network: IPv4Network, attributes: Attributes) -> Attributes | None:
        """The policy for what goes out; None: denied."""

    def mapped(self, name: str, network: IPv4Network, attributes: Attributes) -> Attributes | None:
        """What a map makes of a path of our table; None: it denies it."""

    def unsuppressed(self, peer: IPv4Address, network: IPv4Network, attributes: Attributes) -> bool:
        """Whether a peer is told of a network that an aggregate stands for."""

    def default(self, peer: IPv4Address, name: str | None) -> Attributes | None:
        """The default that a peer is told, by a map that may be named; None: its condition does not hold."""


def exported(peer: Peer, network: IPv4Network, path: Path, environment: Environment) -> Attributes | None:
    """The attributes for a peer, None: it is not told."""
    if path.peer is peer:
        return None
    attributes = path.attributes
    communities = attributes.communities
    if NO_ADVERTISE in communities:
        return None
    if not peer.internal and LOCAL_AS in communities:
        return None
    if peer.relation is Relation.EXTERNAL and NO_EXPORT in communities:
        return None
    source = path.peer
    reflected = peer.internal and source is not None and source.internal
    from_client = source is not None and source.config.client
    if reflected and not peer.config.client and not from_client:
        return None
    if reflected and peer.config.client and from_client and not peer.speaker.reflects_between_clients:
        return None
    if peer.relation is Relation.EXTERNAL and path.source is not None:
        attributes = replace(attributes, med=None)
    chosen = environment.offer(peer.config.address, network, attributes)
    if chosen is None:
        return None
    if not peer.config.send_community:
        chosen = replace(chosen, communities=())
    if not peer.config.send_extended:
        chosen = replace(chosen, extended=())
    if peer.relation is Relation.EXTERNAL:
        return _to_external(peer, path, chosen, environment)
    told = _to_internal(peer, path, chosen, reflected, environment)
    if peer.internal:
        return told
    # Another member: as within the AS, but for the path (RFC 5065 4, 5).
    return replace(
        told, as_path=prepend_member(told.as_path, peer.speaker.as_number), originator=None, clusters=()
    )


def _to_internal(
    peer: Peer, path: Path, attributes: Attributes, reflected: bool, environment: Environment
) -> Attributes:
    told = attributes.next_hop != path.attributes.next_hop  # by the policy, which overrules the rest
    own = int(attributes.next_hop) == 0 or path.imported is not None
    changed = not told and (own or (peer.config.next_hop_self and not reflected))
    preference = attributes.local_pref
    attributes = replace(
        attributes,
        next_hop=environment.local_address(peer.config.address) if changed else attributes.next_hop,
        local_pref=peer.speaker.local_preference if preference is None else preference,
    )
    if reflected and path.peer is not None:
        attributes = replace(
            attributes,
            originator=attributes.originator or path.peer.router_id,
            clusters=(peer.speaker.cluster, *attributes.clusters),
        )
    return attributes


def _to_external(peer: Peer, path: Path, attributes: Attributes, environment: Environment) -> Attributes:
    next_hop, address, own = attributes.next_hop, peer.config.address, peer.speaker.public_as
    keeps = next_hop != path.attributes.next_hop or (
        int(next_hop) != 0
        and path.imported is None
        and not peer.config.next_hop_self
        and not environment.is_own(next_hop)
        and (peer.config.next_hop_unchanged or environment.shares_network(address, next_hop))
    )
    as_path = public(attributes.as_path)
    as_path = without_private(as_path) if peer.config.remove_private_as else as_path
    as_path = overridden(as_path, peer.config.remote_as, own) if peer.config.as_override else as_path
    local = peer.config.local_as
    in_front = (own,) if local is None else (local.number,) if local.replaces else (local.number, own)
    return replace(
        attributes,
        next_hop=next_hop if keeps else environment.local_address(address),
        as_path=prepend(as_path, in_front),
        local_pref=None,
        originator=None,
        clusters=(),
    )


def tell(peer: Peer, networks: Iterable[IPv4Network], now: float) -> None:
    """A peer is to be told of networks, as soon as its interval allows (9.2.1.1)."""
    if peer.established is None:
        return
    peer.pending.update(dict.fromkeys(networks))
    if peer.pending and peer.flush_due is None:
        peer.flush_due = max(now, peer.last_flush + peer.config.advertisement_interval)


def collected(peer: Peer, rib: LocRib, environment: Environment, now: float) -> list[Update]:
    """Take what is pending for a peer (9.2), in as few messages as it takes."""
    session = peer.established
    peer.flush_due = None
    pending, peer.pending = peer.pending, {}
    again, peer.advertised_again = peer.advertised_again, False
    if session is None:
        return []
    gone: list[IPv4Network] = []
    told: dict[Attributes, list[IPv4Network]] = {}
    for network in pending:
        attributes = _for_peer(peer, network, rib, environment)
        known = peer.advertised.get(network)
        if attributes is None:
            if known is not None:
                del peer.advertised[network]
                gone.append(network)
        elif attributes != known or again:
            peer.advertised[network] = attributes
            told.setdefault(attributes, []).append(network)
    peer.last_flush = now
    peer.sent_version = rib.version
    return list(updates(gone, told, session.wide))


def _for_peer(peer: Peer, network: IPv4Network, rib: LocRib, environment: Environment) -> Attributes | None:
    entry = rib.table.get(network)
    if (
        entry is not None
        and entry.best is not None
        and (
            not entry.suppressed
            or environment.unsuppressed(peer.config.address, network, entry.best.attributes)
        )
    ):
        found = exported(peer, network, entry.best, environment)
        if found is not None:
            return found
    if network == DEFAULT and peer.config.default_originate:
        attributes = environment.default(peer.config.address, peer.config.default_map)
        if attributes is not None:
            return exported(peer, network, Path(attributes, None, LOCAL_WEIGHT, 0.0, "default"), environment)
    return None


def overridden(path: AsPath, theirs: int, own: int) -> AsPath:
    """A path in which our AS stands for that of the peer."""
    return tuple((kind, tuple(own if each == theirs else each for each in numbers)) for kind, numbers in path)


def without_private(path: AsPath) -> AsPath:
    """A path of private AS numbers only becomes empty; any other stays."""
    numbers = [number for _, each in path for number in each]
    return () if all(64512 <= number <= 65535 for number in numbers) else path


def updates(
    gone: Iterable[IPv4Network], told: dict[Attributes, list[IPv4Network]], wide: bool
) -> Iterator[Update]:
    """Withdrawals, then one or more messages for each set of attributes, each as full as it can be."""
    for part in _parts(list(gone), MAXIMUM_LENGTH - _HEAD):
        yield Update(withdrawn=tuple(part))
    for attributes, networks in told.items():
        raw = encode(attributes, wide)
        room = MAXIMUM_LENGTH - _HEAD - sum(len(each.to_bytes()) for each in raw)
        for part in _parts(networks, room):
            yield Update(attributes=raw, nlri=tuple(part))


def _parts(networks: list[IPv4Network], room: int) -> Iterator[list[IPv4Network]]:
    part: list[IPv4Network] = []
    left = room
    for network in networks:
        size = 1 + ((network.prefixlen + 7) >> 3)
        if size > left:
            yield part
            part, left = [], room
        part.append(network)
        left -= size
    if part:
        yield part
