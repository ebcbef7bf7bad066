"""`clear ip bgp` and `debug ip bgp`."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.routing.bgp import Peer
from iosemu.subjects.bgp.config import EVENTS, FLAGS
from iosemu.subjects.bgp.service import Bgp


def clear(context: Context, peers: str, soft: bool = False, direction: str | None = None) -> None:
    """`clear ip bgp * | A | AS [soft [in | out]]`."""
    service = context.device.service(Bgp)
    speaker = service.speaker
    if speaker is None:
        raise CommandError("%BGP: BGP is not running")
    now = context.device.now
    for peer in list(_meant(service, peers)):
        if not soft:
            speaker.reset(peer, now, "User reset")
            continue
        if direction in (None, "in"):
            speaker.refresh_in(peer, now)
        if direction in (None, "out"):
            speaker.refresh_out(peer, now)
    service.run()


def clear_soft(context: Context, peers: str, direction: str) -> None:
    """`clear ip bgp WHO in | out`: the same as with `soft`."""
    clear(context, peers, True, direction)


def _meant(service: Bgp, peers: str) -> Iterator[Peer]:
    assert service.speaker is not None
    known = service.speaker.peers
    if peers == "*":
        yield from known.values()
    elif "." in peers:
        try:
            found = known.get(IPv4Address(peers))
        except ValueError:
            found = None
        if found is None:
            raise CommandError(f'%BGP: Unknown neighbor - "{peers}"')
        yield found
    else:
        yield from (each for each in known.values() if each.config.remote_as == int(peers))


def debug(context: Context, subject: str | None = None) -> str:
    """`[no] debug ip bgp [SUBJECT]`."""
    return context.device.debugging.set(
        FLAGS[subject] if subject is not None else EVENTS, not context.silenced
    )
