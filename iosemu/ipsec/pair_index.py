"""Pairs of networks: which of them a packet belongs to is found without looking at all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from ipaddress import IPv4Network
from typing import Generic, TypeVar

T = TypeVar("T")

Lengths = tuple[int, int]
Networks = tuple[int, int]


class PairIndex(Generic[T]):
    """Things by a source and a destination network, each with its place in an order; a place may be had by several.

    A packet is looked up once for each combination of prefix lengths that occurs, which are few.
    """

    def __init__(self) -> None:
        self._by_lengths: dict[Lengths, dict[Networks, dict[int, T]]] = {}

    def add(self, place: int, source: IPv4Network, destination: IPv4Network, thing: T) -> None:
        """Take a thing in; what stands at the same place for the same networks is the same thing."""
        lengths, networks = _key(source, destination)
        self._by_lengths.setdefault(lengths, {}).setdefault(networks, {})[place] = thing

    def remove(self, place: int, source: IPv4Network, destination: IPv4Network) -> None:
        """Take out what stands at a place for two networks; nothing happens where there is nothing."""
        lengths, networks = _key(source, destination)
        found = self._by_lengths.get(lengths, {}).get(networks, {})
        if found.pop(place, None) is None or found:
            return
        del self._by_lengths[lengths][networks]
        if not self._by_lengths[lengths]:
            del self._by_lengths[lengths]

    def find(self, source: int, destination: int) -> dict[int, T]:
        """The things whose networks hold two addresses, by their places; in no order."""
        found: dict[int, T] = {}
        for (one, other), things in self._by_lengths.items():
            here = things.get((source & MASKS[one], destination & MASKS[other]))
            if here is not None:
                found.update(here)
        return found

    def __iter__(self) -> Iterator[T]:
        return (
            thing
            for things in self._by_lengths.values()
            for here in things.values()
            for thing in here.values()
        )


MASKS = tuple(0xFFFFFFFF << (32 - length) & 0xFFFFFFFF for length in range(33))
"""The netmask of each prefix length."""


@lru_cache(maxsize=4096)
def _key(source: IPv4Network, destination: IPv4Network) -> tuple[Lengths, Networks]:
    return (
        (source.prefixlen, destination.prefixlen),
        (int(source.network_address), int(destination.network_address)),
    )
