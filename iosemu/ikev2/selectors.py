"""Traffic selectors: ranges on the wire, networks in the router, and narrowing (RFC 7296, 2.9)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import summarize_address_range

from iosemu.ike.types import TrafficSelector
from iosemu.ikev2.payloads import Range

Pair = tuple[TrafficSelector, TrafficSelector]
"""The local and the remote side."""
ANY_PORT = 65535


def range_of(selector: TrafficSelector) -> Range:
    """A selector as it travels."""
    network = selector.network
    ports = (selector.port, selector.port) if selector.port else (0, ANY_PORT)
    return Range(network.network_address, network.broadcast_address, selector.protocol, *ports)


def selector_of(each: Range) -> TrafficSelector | None:
    """A range as a network; None when it is none, or has several ports but not all."""
    if each.first > each.last:
        return None
    networks = list(summarize_address_range(each.first, each.last))
    if len(networks) != 1:
        return None
    if (each.first_port, each.last_port) == (0, ANY_PORT):
        return TrafficSelector(networks[0], each.protocol)
    if each.first_port == each.last_port and each.first_port:
        return TrafficSelector(networks[0], each.protocol, each.first_port)
    return None


def _meet(own: TrafficSelector, theirs: Range) -> TrafficSelector | None:
    """What a selector and a range have in common, when that has the form of a selector."""
    mine = range_of(own)
    if own.protocol and theirs.protocol and own.protocol != theirs.protocol:
        return None
    first, last = max(mine.first, theirs.first), min(mine.last, theirs.last)
    low, high = max(mine.first_port, theirs.first_port), min(mine.last_port, theirs.last_port)
    if first > last or low > high:
        return None
    return selector_of(Range(first, last, own.protocol or theirs.protocol, low, high))


def narrow(own: Pair, local: Iterable[Range], remote: Iterable[Range]) -> Pair | None:
    """The most of a pair of selectors that ranges offered by a peer allow; None when they have nothing in common."""
    best: Pair | None = None
    width = -1
    theirs = tuple(remote)
    for one in local:
        near = _meet(own[0], one)
        if near is None:
            continue
        for other in theirs:
            far = _meet(own[1], other)
            if far is None:
                continue
            size = near.network.num_addresses * far.network.num_addresses
            if size > width:
                best, width = (near, far), size
    return best


def within(answer: Sequence[Range], own: TrafficSelector) -> TrafficSelector | None:
    """The selector that an answer narrows the own one to; None unless it is one selector inside it."""
    if len(answer) != 1:
        return None
    found = selector_of(answer[0])
    if found is None or not found.network.subnet_of(own.network):
        return None
    if own.protocol not in (0, found.protocol) or own.port not in (0, found.port):
        return None
    return found
