"""Two engines, a wire between them that can lose, hold and change datagrams, and what they are configured with."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Network

from iosemu.ike.proof import Verdict
from iosemu.ike.types import (
    AuthAlgorithm,
    ChildRequest,
    ChildSa,
    Datagram,
    Encapsulation,
    Endpoint,
    EspSuite,
    EspTransform,
    Identity,
    Phase2Proposal,
    TrafficSelector,
)
from iosemu.ikev2 import events
from iosemu.ikev2.configuration import (
    ChildAnswer,
    ChildOffer,
    ChildRefusal,
    Client,
    EapStep,
    Grant,
    Limits,
    Liveness,
)
from iosemu.ikev2.engine import Engine
from iosemu.ikev2.numbers import Encr, Integ, Prf
from iosemu.ikev2.proposals import IkeProposal
from iosemu.ikev2.selectors import narrow

A, B = IPv4Address("10.0.12.1"), IPv4Address("10.0.12.2")
LAN_A, LAN_B = IPv4Network("192.168.1.0/24"), IPv4Network("192.168.2.0/24")
CBC = IkeProposal("cbc", ((Encr.AES_CBC, 256),), (Integ.SHA1_96,), (Prf.SHA1,), (2,))
CBC5 = replace(CBC, groups=(5, 2))
GCM = IkeProposal("gcm", ((Encr.AES_GCM_16, 256),), (), (Prf.SHA384,), (19,))
AES = Phase2Proposal(EspSuite(EspTransform.AES_CBC, 128, AuthAlgorithm.HMAC_SHA))
AES256 = Phase2Proposal(EspSuite(EspTransform.AES_CBC, 256, AuthAlgorithm.HMAC_SHA256))


@dataclass
class Settings:
    """One router's configuration; fields are what a test changes."""

    address: IPv4Address
    lan: IPv4Network
    far: IPv4Network
    suites: Sequence[IkeProposal] = (CBC,)
    own_key: bytes = b"cisco123"
    peer_key: bytes = b"cisco123"
    children: tuple[Phase2Proposal, ...] = (AES,)
    pfs: int | None = None
    seconds: int = 86400
    dpd: Liveness | None = None
    mtu: int = 0
    caps: Limits = field(default_factory=Limits)
    known: bool = True
    said: Identity | None = None
    stranger: Identity | None = None
    """Of whom no child SAs are wanted."""
    keepalive: int = 0
    wanted: tuple[tuple[int, bytes], ...] = ()
    given: Grant = field(default_factory=Grant)
    clients: list[Client] = field(default_factory=list)

    def proposals(self, local: IPv4Address) -> Sequence[IkeProposal]:
        return self.suites

    def ready(self, profile: str | None) -> bool:
        return profile is not None

    def profile_of(self, identity: Identity, local: IPv4Address, certificates=()) -> str | None:
        return "P" if self.known else None

    def accepts(self, profile: str, identity: Identity, certificates=()) -> bool:
        return self.known

    def identity(self, profile: str, local: IPv4Address, proof=None) -> Identity:
        return self.said or Identity.address(local)

    def signs(self, profile: str | None) -> bool:
        return False

    def verifies(self, profile: str, method: str) -> bool:
        return method == "PSK"

    def proof(self, profile: str, authorities: bytes) -> None:
        return None

    def authorities(self, profile: str | None) -> bytes:
        return b""

    def believe(self, profile, certificates, identity, peer) -> Verdict:
        return Verdict()

    def http_url(self) -> bool:
        return True

    def fetched(self, digest: bytes, url: str, *, bundle: bool) -> tuple[bytes, ...]:
        return ()

    def by_eap(self, profile: str) -> bool:
        return False

    def eap(self, asking) -> EapStep:
        return EapStep(b"", done=True)

    def eap_timeout(self, profile: str) -> float:
        return 90.0

    def eap_peer(self, profile: str) -> None:
        return None

    def secret(
        self, profile: str, peer: IPv4Address, identity: Identity | None, *, own: bool
    ) -> bytes | None:
        return self.own_key if own else self.peer_key

    def lifetime(self, profile: str) -> int:
        return self.seconds

    def liveness(self, profile: str) -> Liveness | None:
        return self.dpd

    def select_child(self, offer: ChildOffer) -> ChildAnswer | ChildRefusal:
        mine = (TrafficSelector(self.lan), TrafficSelector(self.far))
        found = narrow(mine, offer.local_ranges, offer.remote_ranges)
        if found is None:
            return ChildRefusal.TS_UNACCEPTABLE
        for index, each in enumerate(offer.alternatives):
            plain = [replace(own, encapsulation=Encapsulation.TUNNEL) for own in self.children]
            if each.suite not in plain:
                continue
            if self.pfs is not None and offer.fresh and self.pfs not in each.groups:
                continue
            group = self.pfs if self.pfs in each.groups else next(iter(each.groups), None)
            transport = self.children[0].encapsulation is Encapsulation.TRANSPORT
            return ChildAnswer(index, *found, group if offer.fresh else None, 3600, 4608000, transport)
        return ChildRefusal.NO_PROPOSAL_CHOSEN

    def admits(self, request: ChildRequest, identity: Identity | None, certificate: bytes) -> bool:
        return self.stranger is None or self.stranger != identity

    def nat_traversal(self) -> bool:
        return True

    def nat_keepalive(self) -> int:
        return self.keepalive

    def fragmentation(self) -> int:
        return self.mtu

    def limits(self) -> Limits:
        return self.caps

    def window(self) -> int:
        return 5

    def asks(self, profile: str, tag: object) -> tuple[tuple[int, bytes], ...]:
        return self.wanted

    def grant(self, client: Client) -> Grant:
        self.clients.append(client)
        return self.given

    def application_version(self) -> bytes:
        return b"test" * 40

    def request(self, peer: IPv4Address) -> ChildRequest:
        ends = (TrafficSelector(self.lan), TrafficSelector(self.far))
        return ChildRequest(self.address, peer, *ends, self.children, pfs_group=self.pfs, profile="P")


class Pair:
    """Routers a and b; `run` lets datagrams travel until there are none."""

    def __init__(self, seed: int = 7) -> None:
        self.a, self.b = Settings(A, LAN_A, LAN_B), Settings(B, LAN_B, LAN_A)
        rng = random.Random(seed)
        self.engines = {
            A: Engine(self.a, random.Random(rng.random()).randbytes),
            B: Engine(self.b, random.Random(rng.random()).randbytes),
        }
        self.now = 100.0
        self.wire: list[Datagram] = []
        self.sent: list[Datagram] = []
        self.happened: dict[IPv4Address, list[events.Event]] = {A: [], B: []}
        self.change: Callable[[Datagram], Datagram | None] = lambda each: each

    @property
    def one(self) -> Engine:
        return self.engines[A]

    @property
    def two(self) -> Engine:
        return self.engines[B]

    def collect(self) -> None:
        """Take what the engines have to send and to tell."""
        for address, engine in self.engines.items():
            out = engine.datagrams()
            self.wire += out
            self.sent += out
            self.happened[address] += engine.events()

    def deliver(self, datagram: Datagram) -> None:
        """Hand one datagram over."""
        changed = self.change(datagram)
        if changed is not None:
            ends = (changed.destination, changed.source)
            self.engines[datagram.destination.address].receive(changed.data, *ends, self.now)

    def run(self) -> None:
        """Until nothing travels."""
        self.collect()
        while self.wire:
            self.deliver(self.wire.pop(0))
            self.collect()

    def pass_time(self, seconds: float) -> None:
        """Lab time goes on, timers fire at their times."""
        end = self.now + seconds
        while True:
            self.run()
            due = [due for engine in self.engines.values() if (due := engine.next_timer()) is not None]
            if not due or min(due) > end:
                break
            self.now = max(self.now, min(due))
            for engine in self.engines.values():
                engine.tick(self.now)
        self.now = end

    def up(self) -> Pair:
        """Router a asks for its child SAs."""
        self.one.initiate(self.a.request(B), self.now)
        self.run()
        return self

    def of(self, address: IPv4Address, kind: type[events.Event]) -> list[events.Event]:
        """What was told of one kind."""
        return [each for each in self.happened[address] if isinstance(each, kind)]

    def installed(self, address: IPv4Address) -> dict[int, ChildSa]:
        """The child SAs that a datapath would have now, by own SPI."""
        found: dict[int, ChildSa] = {}
        for each in self.happened[address]:
            if isinstance(each, events.ChildUp):
                found[each.child.inbound[0].spi] = each.child
            elif isinstance(each, events.ChildDown):
                found.pop(each.spi, None)
        return found

    def agree(self) -> None:
        """Both datapaths have the same SAs with the same keys, seen from their ends."""
        mine, theirs = self.installed(A), self.installed(B)
        assert len(mine) == len(theirs)
        for child in mine.values():
            other = theirs[child.outbound[0].spi]
            assert other.inbound == child.outbound
            assert other.outbound == child.inbound
            assert (other.local_selector, other.remote_selector) == (
                child.remote_selector,
                child.local_selector,
            )
            assert other.proposal == child.proposal


def moved(datagram: Datagram, source: Endpoint | None = None) -> Datagram:
    """The datagram as from elsewhere."""
    return replace(datagram, source=source or datagram.source)
