"""The table of ISAKMP SAs, with an index for everything that a packet or a request is looked up by."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address
from typing import TypeVar

from iosemu.ike.sa import IsakmpSa, Role
from iosemu.ike.types import Endpoint

K = TypeVar("K")

Numbered = dict[int, IsakmpSa]
"""SAs by number, so in order of creation."""


class SaTable:
    """SAs in order of creation, deleted ones included until they are purged.

    Every question but that for all of them is answered by a dict, whatever the number of SAs.
    """

    def __init__(self) -> None:
        self._all: Numbered = {}
        self._by_cookies: dict[tuple[bytes, bytes], IsakmpSa] = {}
        self._by_offer: dict[tuple[bytes, IPv4Address], IsakmpSa] = {}
        self._offers: dict[int, tuple[bytes, IPv4Address]] = {}
        self._live: dict[tuple[IPv4Address, Role], Numbered] = {}
        self._up: dict[IPv4Address, Numbered] = {}
        self._by_peer: dict[IPv4Address, Numbered] = {}
        self._by_local: dict[IPv4Address, Numbered] = {}
        self._dead: Numbered = {}
        self._negotiating = self._established = 0
        self._inserted = 0
        self.ended = 0
        """SAs whose phase 1 was complete and that are deleted."""

    def __iter__(self) -> Iterator[IsakmpSa]:
        return iter(self._all.values())

    def __reversed__(self) -> Iterator[IsakmpSa]:
        return reversed(self._all.values())

    def __len__(self) -> int:
        return len(self._all)

    @property
    def negotiating(self) -> int:
        """How many SAs are in negotiation."""
        return self._negotiating

    @property
    def established(self) -> int:
        """How many SAs are in QM_IDLE."""
        return self._established

    def get(self, number: int) -> IsakmpSa | None:
        """The SA of a number (`IsakmpSa.number`)."""
        return self._all.get(number)

    def by_cookies(self, cookie_i: bytes, cookie_r: bytes) -> IsakmpSa | None:
        """The SA that a message's header names."""
        return self._by_cookies.get((cookie_i, cookie_r))

    def by_offer(self, cookie_i: bytes, peer: IPv4Address) -> IsakmpSa | None:
        """The SA that began with this initiator's cookie and peer."""
        return self._by_offer.get((cookie_i, peer))

    def references(self, peer: IPv4Address) -> int:
        """How many SAs with a peer are not deleted."""
        return sum(len(self._live.get((peer, role), ())) for role in Role)

    def with_peer(self, peer: IPv4Address) -> list[IsakmpSa]:
        """The SAs with a peer, deleted ones included, oldest first."""
        return list(self._by_peer.get(peer, {}).values())

    def locals(self) -> list[IPv4Address]:
        """The addresses of this side that SAs have."""
        return list(self._by_local)

    def at(self, local: IPv4Address) -> list[IsakmpSa]:
        """The SAs that have an address of this side, deleted ones included, oldest first."""
        return list(self._by_local.get(local, {}).values())

    def up(self, peer: IPv4Address) -> list[IsakmpSa]:
        """The SAs with a peer that are in QM_IDLE, oldest first."""
        return list(self._up.get(peer, {}).values())

    def begun(self, peer: IPv4Address) -> list[IsakmpSa]:
        """The SAs with a peer that this side began and that are not deleted, oldest first."""
        return list(self._live.get((peer, Role.INITIATOR), {}).values())

    def insert(self, sa: IsakmpSa) -> None:
        """Take in an SA in negotiation, and number it."""
        self._inserted += 1
        sa.number = self._inserted
        self._all[sa.number] = sa
        self._by_cookies[sa.cookie_i, sa.cookie_r] = sa
        offer = self._offers[sa.number] = (sa.cookie_i, sa.peer.address)
        self._by_offer[offer] = sa
        self._live.setdefault((sa.peer.address, sa.role), {})[sa.number] = sa
        self._by_peer.setdefault(sa.peer.address, {})[sa.number] = sa
        self._by_local.setdefault(sa.local.address, {})[sa.number] = sa
        self._negotiating += 1

    def set_responder_cookie(self, sa: IsakmpSa, cookie: bytes) -> None:
        """The responder's cookie is known now."""
        self._by_cookies.pop((sa.cookie_i, sa.cookie_r), None)
        sa.cookie_r = cookie
        self._by_cookies[sa.cookie_i, cookie] = sa

    def establish(self, sa: IsakmpSa) -> None:
        """Phase 1 of an SA is complete."""
        self._negotiating -= 1
        self._established += 1
        self._up.setdefault(sa.peer.address, {})[sa.number] = sa

    def mark_deleted(self, sa: IsakmpSa) -> None:
        """An SA is deleted; it stays until it is purged."""
        if _drop(self._up, sa.peer.address, sa):
            self._established -= 1
            self.ended += 1
        else:
            self._negotiating -= 1
        _drop(self._live, (sa.peer.address, sa.role), sa)
        self._dead[sa.number] = sa

    @property
    def dead(self) -> int:
        """How many deleted SAs are still there."""
        return len(self._dead)

    def oldest_dead(self) -> IsakmpSa:
        """The one that was deleted first; `StopIteration` when there is none."""
        return next(iter(self._dead.values()))

    def move(self, sa: IsakmpSa, local: Endpoint, peer: Endpoint) -> None:
        """The ends of an SA are others now (RFC 3947, 4 and 7)."""
        before, here = sa.peer.address, sa.local.address
        sa.local, sa.peer = local, peer
        if local.address != here and _drop(self._by_local, here, sa):
            self._by_local.setdefault(local.address, {})[sa.number] = sa
        if peer.address == before:
            return
        if _drop(self._by_peer, before, sa):
            self._by_peer.setdefault(peer.address, {})[sa.number] = sa
        if _drop(self._live, (before, sa.role), sa):
            self._live.setdefault((peer.address, sa.role), {})[sa.number] = sa
        if _drop(self._up, before, sa):
            self._up.setdefault(peer.address, {})[sa.number] = sa

    def remove(self, sa: IsakmpSa) -> None:
        """Forget a deleted SA."""
        del self._all[sa.number]
        self._dead.pop(sa.number, None)
        _drop(self._by_peer, sa.peer.address, sa)
        _drop(self._by_local, sa.local.address, sa)
        if self._by_cookies.get((sa.cookie_i, sa.cookie_r)) is sa:
            del self._by_cookies[sa.cookie_i, sa.cookie_r]
        offer = self._offers.pop(sa.number)
        if self._by_offer.get(offer) is sa:
            del self._by_offer[offer]


def _drop(index: dict[K, Numbered], key: K, sa: IsakmpSa) -> bool:
    """Take an SA out of an index, and its key with the last one; False when it was not there."""
    found = index.get(key)
    if found is None or found.pop(sa.number, None) is None:
        return False
    if not found:
        del index[key]
    return True
