"""Two engines and the wire between them, in lab time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Network
from random import Random

from iosemu.ike import events
from iosemu.ike.admission import AdmissionLimits
from iosemu.ike.configuration import BaseConfiguration
from iosemu.ike.engine import Engine
from iosemu.ike.sa import IsakmpSa
from iosemu.ike.types import (
    AuthAlgorithm,
    Authentication,
    ChildAnswer,
    ChildOffer,
    ChildRequest,
    Datagram,
    Encryption,
    Endpoint,
    EspSuite,
    EspTransform,
    Hash,
    Party,
    Phase1Policy,
    Phase2Proposal,
    Refusal,
    TrafficSelector,
)

A, B = IPv4Address("10.0.10.10"), IPv4Address("10.0.10.20")
LAN_A = TrafficSelector(IPv4Network("192.168.1.0/24"))
LAN_B = TrafficSelector(IPv4Network("192.168.2.0/24"))
AES_SHA = Phase2Proposal(EspSuite(EspTransform.AES_CBC, 128, AuthAlgorithm.HMAC_SHA))


def policy(priority: int = 10, **changes: object) -> Phase1Policy:
    base = Phase1Policy(priority, Encryption.AES, 256, Hash.SHA, Authentication.PRE_SHARE, 2, 86400)
    return replace(base, **changes)  # type: ignore[arg-type]


@dataclass
class Configuration(BaseConfiguration):
    suites: list[Phase1Policy] = field(default_factory=lambda: [policy()])
    key: bytes | None = b"TEST1"
    proposals: tuple[Phase2Proposal, ...] = (AES_SHA,)
    flows: list[tuple[TrafficSelector, TrafficSelector]] = field(default_factory=list)
    pfs: int | None = None
    lifetime: tuple[int, int] = (3600, 4_608_000)
    dpd: tuple[int, int, bool] | None = None
    nat: bool = True
    nat_interval: int = 0
    aggressive: bool = True
    children: bool = False
    limits: AdmissionLimits = field(default_factory=AdmissionLimits)

    def policies(self) -> list[Phase1Policy]:
        return self.suites

    def preshared_key(self, party: Party) -> bytes | None:
        return self.key

    def select_child(self, offer: ChildOffer) -> ChildAnswer | Refusal:
        if (offer.local_selector, offer.remote_selector) not in self.flows:
            return Refusal.PROXY_MISMATCH
        for index, proposal in enumerate(offer.proposals):
            if proposal in self.proposals:
                if self.pfs is not None and offer.pfs_group != self.pfs:
                    return Refusal.PFS_MISMATCH
                return ChildAnswer(index, *self.lifetime, tag="map")
        return Refusal.TRANSFORM_MISMATCH

    def keepalive(self, profile: str | None = None) -> tuple[int, int, bool] | None:
        return self.dpd

    def nat_traversal(self) -> bool:
        return self.nat

    def nat_keepalive(self) -> int:
        return self.nat_interval

    def aggressive_mode(self) -> bool:
        return self.aggressive

    def admission(self) -> AdmissionLimits:
        return self.limits

    def has_children(self, peer: IPv4Address) -> bool:
        return self.children


class Side:
    def __init__(self, address: IPv4Address, configuration: Configuration, seed: int) -> None:
        self.address = address
        self.configuration = configuration
        self.engine = Engine(configuration, Random(seed).randbytes)
        self.log: list[events.Event] = []

    def of(self, kind: type[events.Event]) -> list:
        return [event for event in self.log if isinstance(event, kind)]

    @property
    def sa(self) -> IsakmpSa:
        (sa,) = self.engine.sas
        return sa

    def table(self) -> list[tuple[str, int, str]]:
        return [(sa.state.value, sa.conn_id, sa.status) for sa in self.engine.sas]


class Pair:
    """R1 and R2 with a link; `filter` may drop (None) or change a datagram, `translate` rewrites endpoints."""

    def __init__(self, seed: int = 1) -> None:
        self.now = 0.0
        self.r1 = Side(A, Configuration(flows=[(LAN_A, LAN_B)]), seed)
        self.r2 = Side(B, Configuration(flows=[(LAN_B, LAN_A)]), seed + 1000)
        self.filter: Callable[[Datagram], Datagram | None] = lambda datagram: datagram
        self.wire: list[Datagram] = []

    def request(self, **changes: object) -> ChildRequest:
        base = ChildRequest(A, B, LAN_A, LAN_B, (AES_SHA,), tag="map 10")
        return replace(base, **changes)  # type: ignore[arg-type]

    def back(self, **changes: object) -> ChildRequest:
        base = ChildRequest(B, A, LAN_B, LAN_A, (AES_SHA,), tag="map 10")
        return replace(base, **changes)  # type: ignore[arg-type]

    def initiate(self, **changes: object) -> None:
        self.r1.engine.initiate(self.request(**changes), self.now)
        self.settle()

    def settle(self) -> None:
        while True:
            sent = []
            for side in (self.r1, self.r2):
                self_sent = side.engine.datagrams()
                side.log += side.engine.events()
                sent += self_sent
            if not sent:
                return
            for datagram in sent:
                self.wire.append(datagram)
                passed = self.filter(datagram)
                if passed is None:
                    continue
                side = self.r1 if passed.destination.address == A else self.r2
                side.engine.receive(passed.data, passed.destination, passed.source, self.now)

    def advance(self, seconds: float) -> None:
        end = self.now + seconds
        while True:
            timers = [timer for side in (self.r1, self.r2) if (timer := side.engine.next_timer()) is not None]
            if not timers or min(timers) > end:
                break
            self.now = max(self.now, min(timers))
            for side in (self.r1, self.r2):
                side.engine.tick(self.now)
            self.settle()
        self.now = end

    def children(self) -> tuple[object, object]:
        (one,), (two,) = (side.of(events.ChildUp) for side in (self.r1, self.r2))
        return one.child, two.child


def endpoint(address: IPv4Address, port: int = 500) -> Endpoint:
    return Endpoint(address, port)
