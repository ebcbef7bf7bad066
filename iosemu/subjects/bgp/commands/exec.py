"""`clear ip bgp` and `debug ip bgp`."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.routing.bgp import Peer
from iosemu.routing.bgp.dampening import Flaps
from iosemu.subjects.bgp.config import EVENTS, FLAGS
from iosemu.subjects.bgp.service.bgp import Bgp
from iosemu.subjects.bgp.service.instance import Instance
from iosemu.subjects.bgp.show.table import active, compiled, lookup
from iosemu.subjects.routing.policy import RoutePolicies


def clear(context: Context, peers: str, soft: bool = False, direction: str | None = None) -> None:
    """`clear ip bgp * | A | AS [soft [in | out]]`: `*` means all neighbors, those of VRFs, too."""
    instances = context.device.service(Bgp).instances
    if not instances:
        raise CommandError("%BGP: BGP is not running")
    chosen = [each for name, each in instances.items() if peers == "*" or not name]
    _clear(context, chosen, peers, soft, direction)


def clear_vpnv4(
    context: Context, peers: str, vrf: str = "", soft: bool = False, direction: str | None = None
) -> None:
    """`clear ip bgp * | A | AS vpnv4 unicast [soft [in | out]]`, `clear ip bgp vrf V …`: the neighbors of VRFs."""
    instances = context.device.service(Bgp).instances
    if not instances:
        raise CommandError("%BGP: BGP is not running")
    if vrf and vrf not in instances:
        raise CommandError(f"%BGP: VRF {vrf} is not configured")
    chosen = [each for name, each in instances.items() if name and vrf in ("", name)]
    _clear(context, chosen, peers, soft, direction)


def clear_external(context: Context, soft: bool = False, direction: str | None = None) -> None:
    """`clear ip bgp external [soft [in | out]]`."""
    instance = active(context.device)
    _clear_these(context, instance, [each for each in _peers(instance) if each.external], soft, direction)


def clear_group(context: Context, group: str, soft: bool = False, direction: str | None = None) -> None:
    """`clear ip bgp peer-group NAME [soft [in | out]]`."""
    instance = active(context.device)
    family = instance.family
    if group not in family.groups:
        raise CommandError("%BGP: Unknown peer-group")
    members = {address for address, each in family.neighbors.items() if each.peer_group == group}
    chosen = [each for each in _peers(instance) if each.config.address in members]
    _clear_these(context, instance, chosen, soft, direction)


def clear_dampening(
    context: Context,
    network: IPv4Address | None = None,
    mask: IPv4Address | None = None,
    peer: IPv4Address | None = None,
    expression: str | None = None,
    number: int | None = None,
) -> None:
    """`clear ip bgp dampening | flap-statistics …`: flaps are forgotten, and what was suppressed is used."""
    instance = active(context.device)
    speaker, dotted = instance.speaker, instance.router.dotted
    peers = [each for each in _peers(instance) if peer in (None, each.config.address)]
    if peer is not None and not peers:
        raise CommandError(f'%BGP: Unknown neighbor - "{peer}"')
    wanted = None if network is None else lookup(speaker, network, mask)
    if network is not None and wanted is None:
        raise CommandError("% Network not in table")
    regexp = compiled(expression) if expression is not None else None
    lists = context.device.service(RoutePolicies)
    for each in peers:

        def chosen(flaps: Flaps, each: Peer = each) -> bool:
            paths = speaker.table[flaps.network].paths if flaps.network in speaker.table else []
            text = next((path.attributes.path_text(dotted) for path in paths if path.flaps is flaps), "")
            if regexp is not None and not regexp.found_in(text):
                return False
            return (number is None or lists.as_path_list(number, text)) and wanted in (None, flaps.network)

        speaker.damping.forget([each], context.device.now, chosen)
    instance.run()


def _peers(instance: Instance) -> list[Peer]:
    return list(instance.speaker.peers.values())


def _clear(
    context: Context, instances: list[Instance], peers: str, soft: bool, direction: str | None
) -> None:
    chosen = [(each, list(_meant(each, peers))) for each in instances]
    if peers.count(".") == 3 and not any(found for _, found in chosen):
        raise CommandError(f'%BGP: Unknown neighbor - "{peers}"')
    for instance, found in chosen:
        _clear_these(context, instance, found, soft, direction)


def _clear_these(
    context: Context, instance: Instance, peers: list[Peer], soft: bool, direction: str | None
) -> None:
    speaker, now = instance.speaker, context.device.now
    for peer in peers:
        if not soft:
            speaker.reset(peer, now, "User reset")
            continue
        if direction in (None, "in"):
            speaker.refresh_in(peer, now)
        if direction in (None, "out"):
            speaker.refresh_out(peer, now)
    instance.run()


def clear_soft(context: Context, peers: str, direction: str) -> None:
    """`clear ip bgp WHO in | out`: the same as with `soft`."""
    clear(context, peers, True, direction)


def _meant(instance: Instance, peers: str) -> Iterator[Peer]:
    known = instance.speaker.peers
    if peers == "*":
        yield from known.values()
    elif peers.count(".") == 3:
        try:
            found = known.get(IPv4Address(peers))
        except ValueError:
            found = None
        if found is not None:
            yield found
    else:
        high, _, low = peers.rpartition(".")
        number = (int(high or 0) << 16) + int(low)
        yield from (each for each in known.values() if each.config.remote_as == number)


def debug(context: Context, subject: str | None = None) -> str:
    """`[no] debug ip bgp [SUBJECT]`."""
    return context.device.debugging.set(
        FLAGS[subject] if subject is not None else EVENTS, not context.silenced
    )
