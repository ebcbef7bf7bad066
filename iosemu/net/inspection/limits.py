"""What happens when there are too many half-open sessions."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from iosemu.net.inspection.events import Aggressive, Event, Full, HostFull
from iosemu.net.inspection.session import MINUTE, Group, Session
from iosemu.net.rewrite import Ends
from iosemu.packets.ipv4 import Protocol


def admits(
    group: Group,
    ends: Ends,
    now: float,
    events: list[Event],
    push: Callable[[Session], None],
    block: Callable[[Group, IPv4Address, float], None],
) -> bool:
    """Whether one more session may begin; older half-open ones are made to give way where the limits say so.

    `push` ends a session; `block` has a host's time noted, which is blocked until then.
    """
    limits = group.limits
    if limits.sessions is not None and group.total >= limits.sessions:
        events.append(Full(group, limits.sessions))
        return False
    if ends.protocol == Protocol.TCP and not _host_admits(group, ends.destination, now, events, push, block):
        return False
    half, rate = len(group.half_open) + 1, group.rate(now) + 1
    over_count = limits.incomplete_high is not None and half > limits.incomplete_high
    over_rate = limits.minute_high is not None and rate > limits.minute_high
    if (over_count or over_rate) and not group.aggressive:
        group.aggressive = True
        limit = limits.incomplete_high if over_count else limits.minute_high
        events.append(Aggressive(group, True, half if over_count else rate, limit, rate))
    if group.aggressive:
        calm(group, now, events)
    if group.aggressive and group.half_open:
        push(next(iter(group.half_open)))
    return True


def _host_admits(
    group: Group,
    host: IPv4Address,
    now: float,
    events: list[Event],
    push: Callable[[Session], None],
    block: Callable[[Group, IPv4Address, float], None],
) -> bool:
    limits = group.limits
    if group.blocked.get(host, 0.0) > now:
        return False
    waiting = group.hosts.get(host, {})
    if limits.host is None or len(waiting) < limits.host:
        return True
    events.append(HostFull(group, host, limits.host, limits.block_time))
    if not limits.block_time:
        push(next(iter(waiting)))
        return True
    for session in list(waiting):
        push(session)
    group.blocked[host] = until = now + limits.block_time * MINUTE
    block(group, host, until)
    return False


def calm(group: Group, now: float, events: list[Event]) -> None:
    """Stop deleting half-open sessions when both counts are below their low marks."""
    limits = group.limits
    half, rate = len(group.half_open), group.rate(now)
    low = limits.incomplete_low if limits.incomplete_low is not None else limits.incomplete_high
    slow = limits.minute_low if limits.minute_low is not None else limits.minute_high
    if (low is None or half < low) and (slow is None or rate < slow):
        group.aggressive = False
        events.append(Aggressive(group, False, half, low, rate))
