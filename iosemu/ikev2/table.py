"""The table of IKE SAs, with an index for everything that a message or a request is looked up by."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from ipaddress import IPv4Address

from iosemu.ikev2.sa import IkeSa, Role, State


class SaTable:
    """SAs in order of creation; what one more costs does not depend on how many there are."""

    def __init__(self) -> None:
        self._all: dict[int, IkeSa] = {}
        self._by_spi: dict[bytes, IkeSa] = {}
        self._by_offer: dict[tuple[bytes, IPv4Address], IkeSa] = {}
        self._by_peer: dict[IPv4Address, dict[int, IkeSa]] = {}
        self._by_local: dict[IPv4Address, dict[int, IkeSa]] = {}
        self._by_child: dict[int, IkeSa] = {}
        self._begun: dict[int, IkeSa] = {}
        self._negotiating = [0, 0]
        self._free: list[int] = []
        self._most = self._serial = 0

    def __iter__(self) -> Iterator[IkeSa]:
        return iter(list(self._all.values()))

    def __len__(self) -> int:
        return len(self._all)

    @property
    def negotiating(self) -> int:
        """How many SAs are not yet established."""
        return sum(self._negotiating)

    @property
    def half_open(self) -> int:
        """How many of these a peer has begun."""
        return self._negotiating[1]

    @property
    def established(self) -> int:
        """How many SAs are established."""
        return len(self._all) - self.negotiating

    def get(self, serial: int) -> IkeSa | None:
        """The SA of a serial number."""
        return self._all.get(serial)

    def by_spi(self, spi: bytes) -> IkeSa | None:
        """The SA of an SPI that this side has chosen."""
        return self._by_spi.get(spi)

    def by_offer(self, spi_i: bytes, peer: IPv4Address) -> IkeSa | None:
        """The half-open SA that a peer began with this SPI."""
        return self._by_offer.get((spi_i, peer))

    def with_peer(self, peer: IPv4Address) -> list[IkeSa]:
        """The SAs with a peer, oldest first."""
        return list(self._by_peer.get(peer, {}).values())

    def locals(self) -> list[IPv4Address]:
        """The addresses of this side that SAs have."""
        return list(self._by_local)

    def at(self, local: IPv4Address) -> list[IkeSa]:
        """The SAs that have an address of this side, oldest first."""
        return list(self._by_local.get(local, {}).values())

    def begun(self) -> list[IkeSa]:
        """The SAs that this side began and that are not established, oldest first."""
        return list(self._begun.values())

    def adopt(self, child: int, sa: IkeSa) -> None:
        """The child SAs that this side calls by an SPI are an SA's from now on."""
        self._by_child[child] = sa

    def disown(self, child: int) -> None:
        """Child SAs are gone."""
        self._by_child.pop(child, None)

    def by_child(self, child: int) -> IkeSa | None:
        """The SA that has the child SAs of an SPI of this side."""
        return self._by_child.get(child)

    def holds(self, sa: IkeSa) -> bool:
        """Whether it is still there."""
        return self._all.get(sa.serial) is sa

    def insert(self, sa: IkeSa) -> None:
        """Take in an SA, and number it."""
        self._serial += 1
        sa.serial = self._serial
        if self._free:
            sa.number = heappop(self._free)
        else:
            self._most += 1
            sa.number = self._most
        self._all[sa.serial] = sa
        self._by_spi[sa.own_spi] = sa
        self._by_peer.setdefault(sa.peer.address, {})[sa.serial] = sa
        self._by_local.setdefault(sa.local.address, {})[sa.serial] = sa
        if sa.negotiating and sa.role is Role.INITIATOR:
            self._begun[sa.serial] = sa
        if sa.negotiating:
            self._negotiating[sa.state is State.INIT_RECEIVED] += 1
            if sa.state is State.INIT_RECEIVED:
                self._by_offer[sa.spi_i, sa.peer.address] = sa

    def move(self, sa: IkeSa, state: State) -> None:
        """Another state."""
        before = sa.state
        if sa.negotiating:
            self._negotiating[before is State.INIT_RECEIVED] -= 1
        sa.state = state
        if not sa.negotiating:
            self._begun.pop(sa.serial, None)
        if sa.negotiating:
            self._negotiating[state is State.INIT_RECEIVED] += 1
        if before is State.INIT_RECEIVED:
            self._by_offer.pop((sa.spi_i, sa.peer.address), None)

    def remove(self, sa: IkeSa) -> None:
        """Forget an SA."""
        self.move(sa, State.GONE)
        del self._all[sa.serial]
        self._by_spi.pop(sa.own_spi, None)
        for index, address in ((self._by_peer, sa.peer.address), (self._by_local, sa.local.address)):
            del index[address][sa.serial]
            if not index[address]:
                del index[address]
        for child in sa.children:
            self._by_child.pop(child, None)
        heappush(self._free, sa.number)
