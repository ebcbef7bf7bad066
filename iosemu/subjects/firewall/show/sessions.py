"""Sessions as shows list them, and the counts of a group of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from iosemu.box.clock_text import hms
from iosemu.net.inspection.session import TERMINATING, Group, Session, State
from iosemu.packets.icmp import IcmpType
from iosemu.packets.ipv4 import Protocol

_HEADINGS = (
    ("Established", (State.OPEN,)),
    ("Half-open", (State.OPENING,)),
    ("Terminating", TERMINATING),
)


def lists(sessions: Iterable[Session], now: float, indent: str, *, counted: bool = True) -> Iterator[str]:
    """Sessions with their details, by how far they have come; `counted`: each list says how many."""
    for heading, chosen in by_state(sessions):
        if counted:
            yield f"{indent}Number of {heading} Sessions = {len(chosen)}"
        yield f"{indent}{heading} Sessions"
        for each in chosen:
            yield f"{indent}  {line(each)}"
            yield from (f"{indent}    {row}" for row in details(each, now))


def by_state(sessions: Iterable[Session]) -> Iterator[tuple[str, list[Session]]]:
    """Sessions by how far they have come, under their headings; none that is empty."""
    known = list(sessions)
    for heading, states in _HEADINGS:
        chosen = [each for each in known if each.state in states]
        if chosen:
            yield heading, chosen


def line(session: Session, *, plain: bool = False) -> str:
    """`Session 49D1E6C0 (A:p)=>(B:q) http:tcp SIS_OPEN`; `plain`: without the transport of an application."""
    name = session.name
    if session.application and not plain:
        name = f"{session.application}:{session.transport}"
    source, destination = session.ports
    ends = f"({session.ends.source}:{source})=>({session.ends.destination}:{destination})"
    return f"Session {session.number:X} {ends} {name} {session.state.value}"


def details(session: Session, now: float) -> Iterator[str]:
    """Its times, and what was sent."""
    yield f"Created {hms(now - session.created)}, Last heard {hms(now - session.heard)}"
    if session.ends.protocol == Protocol.ICMP and session.question == IcmpType.ECHO:
        yield " ECHO request"
    yield f"Bytes sent (initiator:responder) [{session.octets[0]}:{session.octets[1]}]"


def counts(groups: Iterable[Group], now: float, *, rate: bool = True) -> Iterator[str]:
    """How many sessions there are, were at most, and when one was created last."""
    every = list(groups)
    created = sum(each.statistics.created for each in every)
    current = [sum(column) for column in zip(*(each.current for each in every), strict=True)] or [0, 0, 0]
    most = [sum(column) for column in zip(*(each.statistics.most for each in every), strict=True)] or [
        0,
        0,
        0,
    ]
    last = max((each.statistics.last_created or 0.0 for each in every), default=0.0)
    resets = [each.statistics.reset for each in every if each.statistics.reset is not None]
    yield f"Session creations since subsystem startup or last reset {created}"
    yield f"Current session counts (estab/half-open/terminating) [{_triple(current)}]"
    yield f"Maxever session counts (estab/half-open/terminating) [{_triple(most)}]"
    yield f"Last session created {hms(now - last) if created else 'never'}"
    yield f"Last statistic reset {hms(now - max(resets)) if resets else 'never'}"
    if rate:
        yield f"Last session creation rate {sum(each.rate(now) for each in every)}"
        yield f"Last half-open session total {sum(len(each.half_open) for each in every)}"


def _triple(numbers: list[int]) -> str:
    return ":".join(str(each) for each in numbers)


def packets(groups: Iterable[Group]) -> dict[str, int]:
    """Inspected packets by what they are called."""
    found: dict[str, int] = {}
    for group in groups:
        for name, number in group.statistics.packets.items():
            found[name] = found.get(name, 0) + number
    return found
