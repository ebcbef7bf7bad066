"""The ISAKMP SA: what phase 1 makes, and what the shows see of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address
from typing import Final

from iosemu.ike.algorithms import KeyExchange
from iosemu.ike.exchange import Exchange, Node, Transaction
from iosemu.ike.fragments import Assembly
from iosemu.ike.keys import Phase1Keys
from iosemu.ike.payloads import Notification
from iosemu.ike.types import ChildRequest, Endpoint, Identity, Party, Phase1Policy

GDOI_PORT: Final = 848


class Role(Enum):
    """Which end of an SA this is; the value is the letter IOS prints."""

    INITIATOR = "I"
    RESPONDER = "R"


class State(Enum):
    """SA states in the words of `show crypto isakmp sa`."""

    MM_NO_STATE = "MM_NO_STATE"
    MM_SA_SETUP = "MM_SA_SETUP"
    MM_KEY_EXCH = "MM_KEY_EXCH"
    MM_KEY_AUTH = "MM_KEY_AUTH"
    AG_NO_STATE = "AG_NO_STATE"
    AG_INIT_EXCH = "AG_INIT_EXCH"
    AG_AUTH = "AG_AUTH"
    CONF_XAUTH = "CONF_XAUTH"
    CONF_ADDR = "CONF_ADDR"
    QM_IDLE = "QM_IDLE"


@dataclass(frozen=True, slots=True)
class Nat:
    """What NAT detection found (RFC 3947, 3.2)."""

    local: bool = False
    """This side is behind a NAT."""
    peer: bool = False
    """The peer is behind a NAT."""

    @property
    def found(self) -> bool:
        """Whether ESP is to be wrapped in UDP."""
        return self.local or self.peer


@dataclass(slots=True, eq=False)
class IsakmpSa:
    """One ISAKMP SA, live: read it, never write it from outside the engine."""

    local: Endpoint
    peer: Endpoint
    role: Role
    cookie_i: bytes
    cookie_r: bytes = bytes(8)
    state: State = State.MM_NO_STATE
    fsm: str = "IKE_READY"
    """The finer state that `debug crypto isakmp` prints."""
    number: int = 0
    conn_id: int = 0
    """0 until keys exist."""
    deleted: bool = False
    delete_reason: str = ""
    created: float = 0.0
    established: float | None = None
    """Lab time at which phase 1 completed."""
    expires: float | None = None
    purge_at: float | None = None
    lifetime: int = 0
    """Seconds, the smaller of both ends."""
    policy: Phase1Policy | None = None
    """The policy that was agreed."""
    aggressive: bool = False
    peer_identity: Identity | None = None
    peer_certificate: bytes = field(default=b"", repr=False)
    """What it proved to be that by; empty: a key."""
    profile: str | None = None
    """The ISAKMP profile it belongs to."""
    client: str | None = None
    """The Easy VPN client of this side that began it."""
    extended: bool = False
    """Who the peer's user is has to be said after phase 1 (XAUTH)."""
    user: str = ""
    """Who it is."""
    attempts: int = 0
    """How often the user was asked for."""
    configured: bool = False
    """The peer got its configuration from this side, or this side from the peer."""
    transaction: Transaction | None = None
    """The transaction that waits for what a user, or an AAA server, says."""
    configure_by: float | None = None
    """Lab time until which user and configuration must be settled."""
    nat: Nat = Nat()
    fragments: bool = False
    """The peer takes messages in fragments, as this side does."""
    sent_in_pieces: int = 0
    """Messages that were."""
    assembly: Assembly = field(default_factory=Assembly, repr=False)
    dpd: bool = False
    """The peer announced RFC 3706."""
    psk: bytes = field(default=b"", repr=False)
    key_exchange: KeyExchange | None = field(default=None, repr=False)
    keys: Phase1Keys | None = field(default=None, repr=False)
    iv: bytes = field(default=b"", repr=False)
    """The last cipher block of phase 1 so far."""
    exchange: Exchange = field(default_factory=Exchange, repr=False)
    requests: list[ChildRequest] = field(default_factory=list)
    """Requests that wait for phase 1."""
    notices: list[Notification] = field(default_factory=list, repr=False)
    """Notifications that wait for phase 1."""
    quick_at: float | None = None
    """Lab time at which their quick modes begin."""
    nodes: dict[int, Node] = field(default_factory=dict, repr=False)
    """Quick modes and transactions by message ID."""
    seen_messages: dict[int, float] = field(default_factory=dict, repr=False)
    """Message IDs of informational exchanges that were processed, with the lab time."""
    reviving: bool = False
    """Begun only to ask whether a peer lives whose IPsec SAs outlived theirs."""
    dpd_sequence: int = 0
    dpd_unanswered: int = 0
    dpd_next: float | None = None
    last_heard: float = 0.0
    nat_keepalive_at: float | None = None

    @property
    def party(self) -> Party:
        """Both ends, the profile, and the client."""
        return Party(self.local.address, self.peer.address, self.profile, self.client)

    @property
    def initiator(self) -> IPv4Address:
        """`src` of the show."""
        return self.local.address if self.role is Role.INITIATOR else self.peer.address

    @property
    def responder(self) -> IPv4Address:
        """`dst` of the show."""
        return self.peer.address if self.role is Role.INITIATOR else self.local.address

    @property
    def status(self) -> str:
        """The status column."""
        return "ACTIVE (deleted)" if self.deleted else "ACTIVE"

    @property
    def up(self) -> bool:
        """Whether quick mode can run over it."""
        return self.state is State.QM_IDLE and not self.deleted

    def remember(self, message_id: int, now: float) -> None:
        """Note a message ID as used; the oldest of very many is forgotten."""
        self.seen_messages[message_id] = now
        if len(self.seen_messages) > 1024:
            del self.seen_messages[next(iter(self.seen_messages))]

    def remaining(self, now: float) -> int:
        """Seconds of lifetime left; 0 while phase 1 is not complete."""
        return max(0, int(self.expires - now)) if self.expires is not None else 0

    @property
    def serves_gdoi(self) -> bool:
        """Whether it was made for GDOI, on that port (RFC 6407, 2.2)."""
        return self.local.port == GDOI_PORT

    @property
    def shown_state(self) -> str:
        """The state column: one that serves GDOI has a word of its own where others are in QM_IDLE."""
        return "GDOI_IDLE" if self.serves_gdoi and self.state is State.QM_IDLE else self.state.value

    @property
    def floated(self) -> bool:
        """Whether the initiator moved to port 4500, so that ESP goes in UDP (RFC 3947, 4)."""
        return self.local.port == 4500

    def export(self) -> dict[str, str]:
        """Keys for a capture's decryption, hex; `{}` until keys exist.

        `key` is Ka (RFC 2409, appendix B); of the DH private values the own one is there.
        """
        if self.keys is None or self.key_exchange is None:
            return {}
        own = "dh_priv_i" if self.role is Role.INITIATOR else "dh_priv_r"
        return {
            "cookie": self.cookie_i.hex(),
            "key": self.keys.ka.hex(),
            "psk": self.psk.hex(),
            own: self.key_exchange.private_bytes.hex(),
            "skeyid": self.keys.skeyid.hex(),
            "skeyid_d": self.keys.skeyid_d.hex(),
            "skeyid_a": self.keys.skeyid_a.hex(),
            "skeyid_e": self.keys.skeyid_e.hex(),
        }
