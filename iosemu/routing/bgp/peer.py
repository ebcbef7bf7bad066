"""A neighbor: its configuration, its connections and what it told us (RFC 4271 3.2, 8)."""

from __future__ import annotations

from collections import Counter
from ipaddress import IPv4Address, IPv4Network

from iosemu.routing.bgp.attributes import Attributes
from iosemu.routing.bgp.config import PeerConfig, Relation, SpeakerConfig
from iosemu.routing.bgp.dampening import Flaps
from iosemu.routing.bgp.rib import Path
from iosemu.routing.bgp.session import Session, SessionState


class Peer:
    """A neighbor of the speaker."""

    def __init__(self, config: PeerConfig, speaker: SpeakerConfig) -> None:
        self.config = config
        self.speaker = speaker
        self.sessions: list[Session] = []
        self.connecting = False
        self.connect_due: float | None = None
        self.no_route = False
        """The last try found no way to the peer."""
        self.over_limit = False
        self.warned = False
        self.paths: dict[IPv4Network, Path] = {}
        """Adj-RIB-In: what the policy let through."""
        self.received: dict[IPv4Network, Attributes] = {}
        """What came in, as it was, with soft reconfiguration."""
        self.flaps: dict[IPv4Network, Flaps] = {}
        """Of paths that came and went (RFC 2439)."""
        self.advertised: dict[IPv4Network, Attributes] = {}
        """Adj-RIB-Out."""
        self.pending: dict[IPv4Network, None] = {}
        """Networks that the peer is to be told of."""
        self.advertised_again = False
        """What it knows already is to be sent once more."""
        self.flush_due: float | None = None
        self.last_flush = float("-inf")
        self.messages_in: Counter[str] = Counter()
        self.messages_out: Counter[str] = Counter()
        self.changed_at: float | None = None
        """When the session last came up or went down; None: it was never up."""
        self.established_count = self.dropped_count = 0
        self.last_reset: tuple[float, str] | None = None
        self.prefixes_total = self.implicit_withdraws = self.explicit_withdraws = 0
        self.denied = 0
        self.sent_version = 0

    @property
    def internal(self) -> bool:
        """The peer is of our AS."""
        return self.relation is Relation.INTERNAL

    @property
    def external(self) -> bool:
        """The peer is of another AS, outside of the confederation."""
        return self.relation is Relation.EXTERNAL

    @property
    def relation(self) -> Relation:
        """Where the peer is."""
        return self.speaker.relation(self.config.remote_as)

    @property
    def session(self) -> Session | None:
        """The connection that got farthest."""
        order = list(SessionState)
        return max(self.sessions, key=lambda each: order.index(each.state), default=None)

    @property
    def established(self) -> Session | None:
        """The session over which routes are exchanged."""
        return next((each for each in self.sessions if each.state is SessionState.ESTABLISHED), None)

    @property
    def state(self) -> SessionState:
        """The state that the shows print."""
        session = self.session
        if session is not None:
            return session.state
        if self.config.shutdown or not self.config.active or self.over_limit or self.no_route:
            return SessionState.IDLE
        if self.connecting:
            return SessionState.CONNECT
        return SessionState.ACTIVE if self.connect_due is not None else SessionState.IDLE

    @property
    def router_id(self) -> IPv4Address:
        """The identifier in its OPEN; 0.0.0.0 while there is none."""
        session = self.session
        return session.peer_open.identifier if session and session.peer_open else IPv4Address(0)
