"""The BGP of one router: peers, connections, tables (RFC 4271 3, 8, 9)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Network

from iosemu.routing.bgp.aggregation import Aggregates
from iosemu.routing.bgp.attributes import Attributes, decode
from iosemu.routing.bgp.config import PeerConfig, Relation, SpeakerConfig
from iosemu.routing.bgp.dampening import Damping
from iosemu.routing.bgp.errors import BgpError, Cease, ErrorCode, UpdateError
from iosemu.routing.bgp.events import (
    Action,
    Close,
    Connect,
    Event,
    Notified,
    PeerDown,
    PeerUp,
    PrefixLimit,
    Send,
)
from iosemu.routing.bgp.inbound import accept
from iosemu.routing.bgp.messages import (
    Message,
    Notification,
    PathPrefix,
    RouteRefresh,
    Update,
    parse,
    take_message,
)
from iosemu.routing.bgp.outbound import DEFAULT, Environment, collected, tell
from iosemu.routing.bgp.peer import Peer
from iosemu.routing.bgp.rib import LOCAL_WEIGHT, LocRib, Path, Versions
from iosemu.routing.bgp.session import Session, SessionState

CONNECT_DELAY, CONNECT_RETRY, IDLE_AFTER_ERROR = 5.0, 30.0, 10.0
"""Seconds before a first try, between tries, and after an error; each is jittered (10)."""
_DATA_SHOWN = 21
_KINDS = {"Open": "Opens", "Notification": "Notifications", "Update": "Updates", "Keepalive": "Keepalives"}


class Speaker:
    """Everything takes lab time; `actions`, `events` and `route_changes` are to be taken afterwards."""

    def __init__(
        self,
        config: SpeakerConfig,
        environment: Environment,
        random: Callable[[], float],
        versions: Versions | None = None,
    ) -> None:
        self.config = config
        self.environment = environment
        self.peers: dict[IPv4Address, Peer] = {}
        self.rib = LocRib(config, environment.metric, versions)
        self.table = self.rib.table
        self.aggregates = Aggregates(self)
        self.damping = Damping(self.rib, environment, self._decide)
        self._random = random
        self._connections: dict[int, tuple[Peer, Session]] = {}
        self._actions: list[Action] = []
        self._events: list[Event] = []
        self._changed: dict[IPv4Network, None] = {}
        self.trace: Callable[[Peer, Message, bool], None] = lambda _peer, _message, _sent: None
        """Called with each message, and whether it is sent, for debugging."""

    def configure(self, config: SpeakerConfig, now: float) -> None:
        """Other settings of the router: what they concern is decided again.

        A peer that is something else to this router than before, or knows it by another AS, is begun with anew.
        """
        old = self.config
        self.config = self.rib.decision.config = config
        for peer in self.peers.values():
            before, peer.speaker = peer.relation, config
            seen = old.public_as != config.public_as and peer.relation is Relation.EXTERNAL
            if seen or before is not peer.relation:
                self.reset(peer, now, "Confederation change", Cease.CONFIGURATION_CHANGE)
        self._decide(list(self.table), now)

    # --- peers ---------------------------------------------------------------------------------------

    def set_peer(self, config: PeerConfig, now: float) -> None:
        """A peer is configured, or otherwise than before; what concerns the session resets it."""
        peer = self.peers.get(config.address)
        if peer is None:
            peer = self.peers[config.address] = Peer(config, self.config)
            self._plan_connect(peer, now, CONNECT_DELAY)
            return
        old, peer.config = peer.config, config
        if config.shutdown and not old.shutdown:
            self.reset(peer, now, "Admin. shutdown", Cease.SHUTDOWN)
            peer.connect_due = None
        elif old.active and not config.active:
            self.reset(peer, now, "Address family deactivated", Cease.DECONFIGURED)
            peer.connect_due = None
        elif (old.shutdown and not config.shutdown) or (config.active and not old.active):
            self._plan_connect(peer, now, CONNECT_DELAY)
        elif (old.remote_as, old.client, old.local_as) != (config.remote_as, config.client, config.local_as):
            reason = "Remote AS changed" if old.remote_as != config.remote_as else "RR client config change"
            reason = "Local AS changed" if old.local_as != config.local_as else reason
            self.reset(peer, now, reason, Cease.CONFIGURATION_CHANGE)
        elif (old.default_originate, old.default_map) != (config.default_originate, config.default_map):
            tell(peer, [DEFAULT], now)

    def remove_peer(self, address: IPv4Address, now: float) -> None:
        """A peer is no longer configured."""
        peer = self.peers[address]
        self.reset(peer, now, "Neighbor deleted", Cease.DECONFIGURED)
        peer.flaps.clear()
        del self.peers[address]

    def reset(self, peer: Peer, now: float, reason: str, subcode: int = Cease.RESET) -> None:
        """End all sessions with a peer and begin anew."""
        peer.over_limit = peer.warned = False
        for session in list(peer.sessions):
            self._notify(peer, session, BgpError(ErrorCode.CEASE, subcode), log=False)
            self._end(peer, session, now, reason)
        self._plan_connect(peer, now, CONNECT_DELAY)

    def end(self, now: float) -> None:
        """BGP is no longer configured."""
        for address in list(self.peers):
            self.remove_peer(address, now)
        for network in list(self.table):
            self.originate(network, None, now)

    def _plan_connect(self, peer: Peer, now: float, delay: float) -> None:
        if not peer.config.shutdown and peer.config.active and not peer.over_limit:
            peer.connect_due = now + delay * (0.75 + self._random() / 4)

    # --- connections ---------------------------------------------------------------------------------

    def wants(self, address: IPv4Address) -> bool:
        """Whether a connection from a peer is taken."""
        peer = self.peers.get(address)
        return peer is not None and peer.config.active and not peer.config.shutdown and not peer.over_limit

    def opened(self, connection: int, address: IPv4Address, passive: bool, now: float) -> None:
        """A connection is there."""
        peer = self.peers.get(address)
        if not passive and peer is not None:
            peer.connecting = False
        if peer is None or not self.wants(address):
            self._actions.append(Close(connection))
            return
        peer.no_route = False
        session = Session(connection, passive, peer.config, self.config, now)
        peer.sessions.append(session)
        self._connections[connection] = (peer, session)
        self._send_out(peer, session, now)

    def failed(self, address: IPv4Address, now: float, no_route: bool = False) -> None:
        """A connection could not be opened."""
        peer = self.peers.get(address)
        if peer is not None:
            peer.connecting = False
            peer.no_route = no_route
            self._plan_connect(peer, now, CONNECT_RETRY)

    def closed(self, connection: int, now: float) -> None:
        """The peer closed or reset a connection."""
        found = self._connections.get(connection)
        if found is not None:
            peer, session = found
            self._end(peer, session, now, "Peer closed the session")

    def received(self, connection: int, data: bytes, now: float) -> None:
        """Octets came in."""
        found = self._connections.get(connection)
        if found is None:
            return
        peer, session = found
        session.buffer += data
        try:
            while connection in self._connections and (raw := take_message(session.buffer)) is not None:
                self._message(peer, session, parse(raw), now)
        except BgpError as error:
            self._notify(peer, session, error)
            self._end(peer, session, now, "BGP Notification sent")
        self._send_out(peer, session, now)

    def _message(self, peer: Peer, session: Session, message: Message, now: float) -> None:
        peer.messages_in[_kind(message)] += 1
        self.trace(peer, message, False)
        before = session.state
        content = session.receive(message, now)
        if isinstance(message, Notification):
            self._events.append(
                Notified(
                    peer.config.address, False, message.code, message.subcode, message.data, session.passive
                )
            )
            self._end(peer, session, now, "BGP Notification received")
            return
        if session.state is SessionState.OPEN_CONFIRM and before is SessionState.OPEN_SENT:
            self._collision(peer, session, now)
        if session.state is SessionState.ESTABLISHED and before is not session.state:
            self._established(peer, now)
        if isinstance(content, Update):
            self._update(peer, session, content, now)
        elif isinstance(content, RouteRefresh):
            self.refresh_out(peer, now)

    def _collision(self, peer: Peer, session: Session, now: float) -> None:
        """6.8."""
        assert session.peer_open is not None
        for other in list(peer.sessions):
            if other is session or other.state is SessionState.OPEN_SENT:
                continue
            wins = session.wins_over(other, self.config.router_id, session.peer_open.identifier)
            loser = other if wins else session
            self._notify(peer, loser, BgpError(ErrorCode.CEASE, Cease.COLLISION), log=False)
            self._end(peer, loser, now, "")

    def _established(self, peer: Peer, now: float) -> None:
        for other in list(peer.sessions):
            if other.state is not SessionState.ESTABLISHED:
                self._notify(peer, other, BgpError(ErrorCode.CEASE, Cease.COLLISION), log=False)
                self._end(peer, other, now, "")
        peer.connect_due = None
        peer.established_count += 1
        peer.changed_at = now
        peer.last_flush = float("-inf")
        self._events.append(PeerUp(peer.config.address))
        tell(peer, [DEFAULT, *self.table], now)

    def _end(self, peer: Peer, session: Session, now: float, reason: str) -> None:
        if session not in peer.sessions:
            return
        self._flush_messages(peer, session, now)
        peer.sessions.remove(session)
        del self._connections[session.connection]
        self._actions.append(Close(session.connection))
        if session.state is SessionState.ESTABLISHED:
            peer.dropped_count += 1
            peer.changed_at = now
            peer.last_reset = (now, reason)
            peer.advertised.clear()
            peer.pending.clear()
            peer.received.clear()
            peer.flush_due = None
            peer.sent_version = 0
            self._events.append(PeerDown(peer.config.address, reason))
            gone = list({**peer.paths, **peer.flaps})  # what is only remembered, too
            for network in gone:
                self.rib.put(network, peer, None)
            self._decide(gone, now)
        if not peer.sessions and peer.config.address in self.peers:
            self._plan_connect(peer, now, IDLE_AFTER_ERROR)

    def _notify(self, peer: Peer, session: Session, error: BgpError, log: bool = True) -> None:
        session.out.append(Notification(error.code, error.subcode, error.data))
        if log:
            self._events.append(
                Notified(
                    peer.config.address,
                    True,
                    error.code,
                    error.subcode,
                    error.data[:_DATA_SHOWN],
                    session.passive,
                )
            )

    def _send_out(self, peer: Peer, session: Session, now: float) -> None:
        if session in peer.sessions:
            self._flush_messages(peer, session, now)

    def _flush_messages(self, peer: Peer, session: Session, now: float) -> None:
        if session.out:
            session.last_write = now
            for message in session.out:
                peer.messages_out[_kind(message)] += 1
                self.trace(peer, message, True)
            data = b"".join(each.to_bytes() for each in session.out)
            session.out.clear()
            self._actions.append(Send(session.connection, data))

    # --- time ----------------------------------------------------------------------------------------

    def next_timer(self) -> float | None:
        """When `tick` is due, None: nothing is planned."""
        due = [
            when
            for peer in self.peers.values()
            for when in (peer.connect_due, peer.flush_due, *(each.due() for each in peer.sessions))
            if when is not None
        ]
        flaps = self.damping.next_timer()
        return min(due, default=flaps) if flaps is None or not due else min(*due, flaps)

    def tick(self, now: float) -> None:
        """Do what is due."""
        self.damping.tick(now)
        for peer in list(self.peers.values()):
            for session in list(peer.sessions):
                try:
                    session.tick(now)
                except BgpError as error:
                    self._notify(peer, session, error)
                    self._end(peer, session, now, "BGP Notification sent")
                self._send_out(peer, session, now)
            if peer.flush_due is not None and peer.flush_due <= now:
                self._flush(peer, now)
            if peer.connect_due is not None and peer.connect_due <= now:
                peer.connect_due = None
                if peer.over_limit:
                    peer.over_limit = False
                if not peer.sessions and not peer.connecting and not peer.config.passive:
                    peer.connecting = True
                    self._actions.append(Connect(peer.config.address))

    def actions(self) -> list[Action]:
        """Take what TCP is to do."""
        taken, self._actions = self._actions, []
        return taken

    def events(self) -> list[Event]:
        """Take what happened."""
        taken, self._events = self._events, []
        return taken

    def route_changes(self) -> list[IPv4Network]:
        """Take the networks whose best path is another than before."""
        taken, self._changed = self._changed, {}
        return list(taken)

    # --- what comes in -------------------------------------------------------------------------------

    def _update(self, peer: Peer, session: Session, update: Update, now: float) -> None:
        touched: list[IPv4Network] = []
        for nlri in update.withdrawn:
            network = nlri.network if isinstance(nlri, PathPrefix) else nlri
            peer.received.pop(network, None)
            if network in peer.paths:
                peer.explicit_withdraws += 1
                self.damping.withdrawn(peer, network, now)
                touched.append(network)
        if update.nlri:
            attributes = decode(update.attributes, session.wide, peer.relation)
            strict = peer.external and self.config.enforce_first_as
            if strict and attributes.first_as != peer.config.remote_as:
                raise BgpError(ErrorCode.UPDATE, UpdateError.AS_PATH)
            for nlri in update.nlri:
                network = nlri.network if isinstance(nlri, PathPrefix) else nlri
                if peer.config.soft_reconfiguration:
                    peer.received[network] = attributes
                flaps = self.damping.told(peer, network, attributes, now)
                accept(peer, network, attributes, self.rib, self.environment, now, flaps)
                touched.append(network)
        self._decide(touched, now)
        self._check_limit(peer, session, now)

    def _check_limit(self, peer: Peer, session: Session, now: float) -> None:
        limit, count = peer.config.maximum_prefix, len(peer.paths)
        if limit is None or session not in peer.sessions:
            return
        if count > limit:
            self._events.append(PrefixLimit(peer.config.address, count, limit, True))
            if not peer.config.warning_only:
                data = b"\0\1\1" + limit.to_bytes(4, "big")
                self._notify(peer, session, BgpError(ErrorCode.CEASE, Cease.MAXIMUM_PREFIXES, data))
                peer.over_limit = True
                self._end(peer, session, now, "BGP Notification sent")
                restart = peer.config.restart
                peer.connect_due = now + restart if restart is not None else None
        elif count * 100 > limit * peer.config.warn_at and not peer.warned:
            peer.warned = True
            self._events.append(PrefixLimit(peer.config.address, count, limit, False))

    def refresh_in(self, peer: Peer, now: float) -> None:
        """`clear … soft in`: the policy once more, on what is kept or on what the peer sends again."""
        session = peer.established
        if session is None:
            return
        if peer.config.soft_reconfiguration:
            networks = list(peer.received)
            for network in networks:
                attributes, flaps = peer.received[network], peer.flaps.get(network)
                accept(peer, network, attributes, self.rib, self.environment, now, flaps)
            self._decide(networks, now)
        elif session.refresh_code:
            session.out.append(RouteRefresh(type=session.refresh_code))
            self._send_out(peer, session, now)

    # --- what is chosen ------------------------------------------------------------------------------

    def originate(
        self, network: IPv4Network, attributes: Attributes | None, now: float, kind: str = "network"
    ) -> None:
        """A path of our own; None: there is none any more."""
        path = Path(attributes, None, LOCAL_WEIGHT, now, kind) if attributes is not None else None
        self.rib.put(network, None, path, kind)
        self._decide([network], now)

    def take_over(self, network: IPv4Network, path: Path | None, now: float, kind: str) -> None:
        """A path of another routing instance of this router; None: there is none any more."""
        made = None
        if path is not None:
            made = Path(path.attributes, None, path.weight, now, kind, imported=path)
        self.rib.put(network, None, made, kind)
        self._decide([network], now)

    def next_hops_changed(self, now: float) -> None:
        """The routing table is another one: look at all next hops anew."""
        self._decide(self.rib.next_hops_changed(), now)

    def _decide(self, networks: Iterable[IPv4Network], now: float) -> None:
        """Phase 2 (9.1.2) for some networks, and phase 3: peers are to be told."""
        changed = self.rib.decide(networks)
        if changed:
            self._changed.update(dict.fromkeys(changed))
            self.aggregates.changed(changed, now)
            for peer in self.peers.values():
                tell(peer, changed, now)

    # --- what goes out -------------------------------------------------------------------------------

    def refresh_out(self, peer: Peer, now: float) -> None:
        """Tell a peer everything again: it asked, or the policy is another one."""
        peer.advertised_again = True
        peer.last_flush = float("-inf")
        peer.flush_due = None  # it does not wait for what was planned
        tell(peer, [DEFAULT, *self.table, *peer.advertised], now)

    def reconsider(self, peer: Peer, now: float) -> None:
        """Tell a peer what is otherwise than it was told: a condition of the policy is another one."""
        tell(peer, [DEFAULT, *self.table], now)

    def _flush(self, peer: Peer, now: float) -> None:
        """Send what is pending."""
        session = peer.established
        messages = collected(peer, self.rib, self.environment, now)
        if session is not None:
            session.out.extend(messages)
            self._send_out(peer, session, now)

    def suppress(self, network: IPv4Network, suppressed: bool, now: float) -> None:
        """An aggregate stands for a network, or no longer does."""
        entry = self.table.get(network)
        if entry is not None and entry.suppressed != suppressed:
            entry.suppressed = suppressed
            for peer in self.peers.values():
                tell(peer, [network], now)


def _kind(message: Message) -> str:
    return _KINDS.get(type(message).__name__, "Route Refresh")
