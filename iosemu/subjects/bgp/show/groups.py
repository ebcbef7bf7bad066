"""`show ip bgp peer-group` and `update-group` (outputs/show_ip_bgp_update-group)."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.routing.bgp import Peer
from iosemu.subjects.bgp.service.instance import Instance
from iosemu.subjects.bgp.show.neighbors import rows, summary_heading
from iosemu.subjects.bgp.show.table import instances_of

_ACROSS = 4
"""Members in a line."""


def _interval(seconds: float) -> str:
    return f"{seconds:.0f} seconds"


def show_peer_groups(context: Context, group: str = "", vpnv4: bool = False, vrf: str = "") -> Iterator[str]:
    """`show ip bgp peer-group [NAME]`."""
    instances = instances_of(context.device, vpnv4, vrf)
    found = [(each, name) for each in instances for name in each.family.groups if group in ("", name)]
    if group and not found:
        raise CommandError("%BGP: Unknown peer-group")
    for instance, name in found:
        yield from _peer_group(instance, name)
        yield ""


def _members(instance: Instance, name: str) -> list[Peer]:
    family = instance.family
    return [
        peer
        for address, peer in sorted(instance.speaker.peers.items())
        if family.neighbors[address].peer_group == name
    ]


def _peer_group(instance: Instance, name: str) -> Iterator[str]:
    own, members = instance.family.groups[name], _members(instance, name)
    number = f",  remote AS {instance.router.as_text(own.remote_as)}" if own.remote_as is not None else ""
    internal = own.remote_as == instance.router.as_number
    yield f"BGP peer-group is {name}{number}"
    if own.description is not None:
        yield f" Description: {own.description}"
    yield "  BGP version 4"
    up = sum(each.established is not None for each in members)
    yield "  Neighbor sessions:"
    yield f"    {up} active, is not multisession capable (disabled)"
    interval = members[0].config.advertisement_interval if members else 0.0 if internal else 30.0
    yield f"  Default minimum time between advertisement runs is {_interval(interval)}"
    yield ""
    family = "VPNv4 Unicast" if instance.family.vrf else "IPv4 Unicast"
    yield f" For address family: {family}"
    kind = "internal" if internal else "external"
    yield f"  BGP neighbor is {name}, peer-group {kind}, members:"
    for first in range(0, len(members), _ACROSS):
        yield "  " + " ".join(str(each.config.address) for each in members[first : first + _ACROSS]) + " "
    yield "  Index 0, Advertise bit 0"
    for said, text in (
        (own.next_hop_self, "  NEXT_HOP is always this router for eBGP paths"),
        (own.route_reflector_client, "  Route-Reflector Client"),
        (own.send_community, "  Community attribute sent to this neighbor"),
        (own.send_extended, "  Extended-community attribute sent to this neighbor"),
        (own.route_map_in, "  Inbound path policy configured"),
        (own.route_map_out, "  Outbound path policy configured"),
        (own.route_map_in, f"  Route map for incoming advertisements is {own.route_map_in}"),
        (own.route_map_out, f"  Route map for outgoing advertisements is {own.route_map_out}"),
    ):
        if said:
            yield text
    formatted = sum(each.messages_out["Updates"] for each in members)
    yield f"  Update messages formatted {formatted}, replicated 0"
    yield "  Number of NLRIs in the update sent: max 0, min 0"


def show_group_summary(context: Context, group: str, vpnv4: bool = False, vrf: str = "") -> Iterator[str]:
    """`show ip bgp peer-group NAME summary`: the summary of its members."""
    instances = instances_of(context.device, vpnv4, vrf)
    found = [each for each in instances if group in each.family.groups]
    if not found:
        raise CommandError("%BGP: Unknown peer-group")
    yield from summary_heading(found)
    for instance in found:
        yield from rows(context.device, instance.router.as_text, _members(instance, group))


def show_update_groups(
    context: Context, number: int | None = None, vpnv4: bool = False, vrf: str = ""
) -> Iterator[str]:
    """`show ip bgp update-group [N]`: the neighbors that are told the same."""
    count = 0
    for instance in instances_of(context.device, vpnv4, vrf):
        for members in _update_groups(instance):
            count += 1
            if number in (None, count):
                yield from _update_group(instance, count, members)
                yield ""


def _update_groups(instance: Instance) -> list[list[Peer]]:
    groups: dict[tuple[object, ...], list[Peer]] = {}
    for address, peer in sorted(instance.speaker.peers.items()):
        if peer.established is None:
            continue
        own, config = instance.family.effective(address), peer.config
        policy = (
            peer.relation, config.next_hop_self, config.client, config.send_community, config.send_extended,
            config.remove_private_as, config.default_originate, config.advertisement_interval,
            own.distribute_out, own.prefix_out, own.filter_out, own.route_map_out,
        )  # fmt: skip
        groups.setdefault(policy, []).append(peer)
    return list(groups.values())


def _update_group(instance: Instance, number: int, members: list[Peer]) -> Iterator[str]:
    peer, version = members[0], instance.speaker.rib.version
    kind = "internal" if peer.internal else "external"
    family = "VPNv4 Unicast" if instance.family.vrf else "IPv4 Unicast"
    yield f"BGP version 4 update-group {number}, {kind}, Address Family: {family}"
    yield f"  BGP Update version : {version}/0, messages 0"
    own = instance.family.effective(peer.config.address)
    for said, text in (
        (peer.config.next_hop_self, "  NEXT_HOP is always this router for eBGP paths"),
        (peer.config.client, "  Route-Reflector Client"),
        (peer.config.send_community, "  Community attribute sent to this neighbor"),
        (own.route_map_out, f"  Route map for outgoing advertisements is {own.route_map_out}"),
    ):
        if said:
            yield text
    yield f"  Topology: {instance.family.vrf or 'global'}, highest version: {version}, tail marker: {version}"
    yield "  Format state: Current working (OK, last not in list)"
    yield "                Refresh blocked (not in list, last not in list)"
    formatted = max(each.messages_out["Updates"] for each in members)
    replicated = sum(each.messages_out["Updates"] for each in members)
    yield f"  Update messages formatted {formatted}, replicated {replicated}, current 0, refresh 0, limit 1000"
    most = max(len(each.advertised) for each in members)
    yield f"  Number of NLRIs in the update sent: max {most}, min 0"
    yield f"  Minimum time between advertisement runs is {_interval(peer.config.advertisement_interval)}"
    yield f"  Has {len(members)} member{'s' if len(members) != 1 else ''}:"
    for first in range(0, len(members), _ACROSS):
        line = " ".join(f"{each.config.address!s:16}" for each in members[first : first + _ACROSS])
        yield f"   {line}".rstrip()
