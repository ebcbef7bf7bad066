"""What is made of a path that a neighbor tells (RFC 4271 9.1.1): is it fit, and what does the policy say."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network

from iosemu.routing.bgp.attributes import Attributes, prepend
from iosemu.routing.bgp.dampening import Flaps
from iosemu.routing.bgp.outbound import Environment
from iosemu.routing.bgp.peer import Peer
from iosemu.routing.bgp.rib import LocRib, Path


def accept(
    peer: Peer,
    network: IPv4Network,
    attributes: Attributes,
    rib: LocRib,
    environment: Environment,
    now: float,
    flaps: Flaps | None = None,
) -> None:
    """Put the path into the table, or take out what was there from this peer."""
    chosen = None
    local = peer.config.local_as
    told = attributes
    if local is not None and local.prepends:
        attributes = replace(attributes, as_path=prepend(attributes.as_path, (local.number,)))
    if is_fit(peer, told, environment):
        chosen = environment.accept(peer.config.address, network, attributes)
    known = peer.paths.get(network)
    if chosen is None:
        peer.denied += 1
        if known is not None or network in peer.flaps:
            rib.put(network, peer, None)
        return
    changed, weight = chosen
    if known is None:
        peer.prefixes_total += 1
    else:
        peer.implicit_withdraws += 1
    weight = peer.config.weight if weight is None else weight
    rib.put(network, peer, Path(changed, peer, weight, now, told=told, flaps=flaps))


def is_fit(peer: Peer, attributes: Attributes, environment: Environment) -> bool:
    """No loop, and no next hop of our own (5.1.2, 5.1.3; RFC 4456 8)."""
    names = {peer.speaker.as_number, peer.speaker.public_as}
    if peer.config.local_as is not None:
        names.add(peer.config.local_as.number)
    occurrences = sum(number in names for _, numbers in attributes.as_path for number in numbers)
    if occurrences > peer.config.allow_as_in or environment.is_own(attributes.next_hop):
        return False
    return attributes.originator != peer.speaker.router_id and peer.speaker.cluster not in attributes.clusters
