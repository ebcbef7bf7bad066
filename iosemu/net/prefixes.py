"""A map from address prefixes to values: exact, longest match, what covers and what lies inside."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from typing import Generic, TypeVar

ValueT = TypeVar("ValueT")


class PrefixMap(Generic[ValueT]):
    """Values by prefix, for addresses of `width` bits (32: IPv4, 128: IPv6) given as integers.

    One dictionary for each length that occurs, longest first: a lookup costs one probe for each of them, however
    many prefixes there are. The order of the prefixes is worked out when it is first asked for and kept from
    then on.
    """

    def __init__(self, width: int = 32) -> None:
        self.width = width
        self._chain: list[tuple[int, int, dict[int, ValueT]]] = []
        self._tables: dict[int, dict[int, ValueT]] = {}
        self._order: list[int] | None = None
        """The prefixes as `address << 8 | length`, sorted; None until somebody asks."""

    def __len__(self) -> int:
        return sum(len(table) for table in self._tables.values())

    def __iter__(self) -> Iterator[ValueT]:
        """The values, by address and then by length."""
        for key in self._sorted():
            yield self._tables[key & 0xFF][key >> 8]

    def get(self, address: int, length: int) -> ValueT | None:
        """The value of exactly this prefix."""
        table = self._tables.get(length)
        return table.get(address) if table is not None else None

    def set(self, address: int, length: int, value: ValueT) -> None:
        """Give a prefix a value, in place of a former one; no bits may follow the first `length`."""
        table = self._tables.get(length)
        if table is None:
            table = self._tables[length] = {}
            self._link()
        if self._order is not None and address not in table:
            insort(self._order, address << 8 | length)
        table[address] = value

    def pop(self, address: int, length: int) -> ValueT | None:
        """Forget a prefix and hand back its value; None when there was none."""
        table = self._tables.get(length)
        if table is None or address not in table:
            return None
        value = table.pop(address)
        if self._order is not None:
            del self._order[bisect_left(self._order, address << 8 | length)]
        if not table:
            del self._tables[length]
            self._link()
        return value

    def covering(self, address: int) -> Iterator[ValueT]:
        """The values of all prefixes that an address lies in, the longest first."""
        for _length, mask, table in self._chain:
            value = table.get(address & mask)
            if value is not None:
                yield value

    def covering_prefix(self, address: int, length: int) -> Iterator[ValueT]:
        """The values of the prefix itself and of all that it lies in, the longest first."""
        for each, mask, table in self._chain:
            if each <= length:
                value = table.get(address & mask)
                if value is not None:
                    yield value

    def inside(self, address: int, length: int) -> Iterator[ValueT]:
        """The values of the prefix itself and of all that lie in it, in order."""
        order = self._sorted()
        end = address + (1 << (self.width - length))
        position = bisect_left(order, address << 8 | length)
        while position < len(order) and order[position] >> 8 < end:
            key = order[position]
            if key & 0xFF >= length:
                yield self._tables[key & 0xFF][key >> 8]
            position += 1

    def _sorted(self) -> list[int]:
        if self._order is None:
            self._order = sorted(
                address << 8 | length for length, table in self._tables.items() for address in table
            )
        return self._order

    def _link(self) -> None:
        full = (1 << self.width) - 1
        self._chain = [
            (length, full << (self.width - length) & full, self._tables[length])
            for length in sorted(self._tables, reverse=True)
        ]


def masked(address: IPv4Address, mask: IPv4Address) -> IPv4Network | None:
    """The network of an address and its mask; None where the mask has gaps or is a wildcard."""
    hosts = 0xFFFFFFFF ^ int(mask)
    if hosts & (hosts + 1):
        return None
    return IPv4Network((int(address) & int(mask), 32 - hosts.bit_length()))
