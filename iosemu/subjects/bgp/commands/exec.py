"""`clear ip bgp` and `debug ip bgp`."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.routing.bgp import Peer
from iosemu.subjects.bgp.config import EVENTS, FLAGS
from iosemu.subjects.bgp.service.bgp import Bgp
from iosemu.subjects.bgp.service.instance import Instance


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


def _clear(
    context: Context, instances: list[Instance], peers: str, soft: bool, direction: str | None
) -> None:
    now = context.device.now
    chosen = [(each, list(_meant(each, peers))) for each in instances]
    if peers.count(".") == 3 and not any(found for _, found in chosen):
        raise CommandError(f'%BGP: Unknown neighbor - "{peers}"')
    for instance, found in chosen:
        speaker = instance.speaker
        for peer in found:
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
