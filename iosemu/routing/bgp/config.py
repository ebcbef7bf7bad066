"""What can be set for a speaker and its peers; the defaults are those of IOS."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address


class Relation(Enum):
    """Where a neighbor is."""

    INTERNAL = "internal"
    """In our AS."""
    CONFEDERATION = "confed-external"
    """In another member AS of our confederation (RFC 5065)."""
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True)
class SpeakerConfig:
    """The BGP of one router."""

    as_number: int
    router_id: IPv4Address
    cluster_id: IPv4Address | None = None
    local_preference: int = 100
    always_compare_med: bool = False
    compare_router_id: bool = False
    missing_as_worst: bool = False
    med_confederation: bool = False
    """Compare the MED of paths that never left the confederation."""
    deterministic_med: bool = False
    """Compare the paths of each neighboring AS first, whatever their order."""
    ignore_as_path: bool = False
    maximum_paths: int = 1
    """How many paths of other ASs that are alike are used at once."""
    maximum_paths_internal: int = 1
    enforce_first_as: bool = True
    """A path of another AS begins with that AS (6.3)."""
    confederation: int | None = None
    """The identifier of the confederation of which `as_number` is a member (RFC 5065)."""
    confederation_peers: frozenset[int] = frozenset()
    """The other members that are told of the confederation."""
    reflects_between_clients: bool = True
    """Clients are told of paths of other clients (RFC 4456)."""

    @property
    def public_as(self) -> int:
        """The AS that those outside see (RFC 5065 4)."""
        return self.as_number if self.confederation is None else self.confederation

    def relation(self, remote_as: int) -> Relation:
        """What a neighbor of some AS is to this router."""
        if remote_as == self.as_number:
            return Relation.INTERNAL
        member = self.confederation is not None and remote_as in self.confederation_peers
        return Relation.CONFEDERATION if member else Relation.EXTERNAL

    @property
    def cluster(self) -> IPv4Address:
        """The cluster ID of a reflector (RFC 4456 7)."""
        return self.cluster_id or self.router_id


@dataclass(frozen=True, slots=True)
class LocalAs:
    """The AS as which a peer of another AS knows us besides our own (`local-as`)."""

    number: int
    prepends: bool = True
    """What the peer tells is told to others with this AS in front."""
    replaces: bool = False
    """The peer is not told of our own AS at all."""


@dataclass(frozen=True, slots=True)
class Aggregation:
    """An aggregate (9.2.2.2); the maps are names that the environment knows."""

    summary_only: bool = False
    """No peer is told of the networks in it."""
    as_set: bool = False
    """It tells of all ASs that the paths to them have."""
    suppress: str | None = None
    """Peers are not told of the networks that this map permits."""
    advertise: str | None = None
    """Only the networks that this map permits make the aggregate, and its attributes."""
    attributes: str | None = None
    """The map that changes the aggregate's attributes."""


@dataclass(frozen=True, slots=True)
class PeerConfig:
    """One neighbor. Times are seconds."""

    address: IPv4Address
    remote_as: int
    keepalive: int = 60
    hold_time: int = 180
    shutdown: bool = False
    active: bool = True
    """An address family is spoken with it; without one there is no session."""
    passive: bool = False
    advertisement_interval: float = 30.0
    """MinRouteAdvertisementInterval (9.2.1.1)."""
    next_hop_self: bool = False
    client: bool = False
    """A client of ours as a route reflector (RFC 4456)."""
    send_community: bool = False
    soft_reconfiguration: bool = False
    """Keep what came in as it was before the policy."""
    weight: int = 0
    maximum_prefix: int | None = None
    warning_only: bool = False
    restart: float | None = None
    """Seconds after which a peer that sent too many prefixes is tried again."""
    allow_as_in: int = 0
    remove_private_as: bool = False
    default_originate: bool = False
    four_octet_as: bool = True
    warn_at: int = 75
    """Per cent of `maximum_prefix` at which a warning is due."""
    least_hold: int = 0
    """The least hold time that it may offer."""
    send_extended: bool = False
    """Extended communities are sent."""
    multihop: bool = False
    """The peer of another AS need not be on a connected network."""
    next_hop_unchanged: bool = False
    """A peer of another AS is told the next hop that we were told."""
    local_as: LocalAs | None = None
    as_override: bool = False
    """The peer's AS in a path is told as our own: its sites take each other's routes (RFC 4364)."""
    default_map: str | None = None
    """The default is told only while this map permits a route of the table."""
    dynamic: bool = False
    """It is a peer since it called, and until its session ends."""
    falls_over: bool = False
    """The session ends with the way to the peer."""
