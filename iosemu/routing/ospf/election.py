"""The election of the designated router and its backup (RFC 2328, 9.4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Candidate(NamedTuple):
    """A router with two-way communication: `dr` and `bdr` are the interface addresses that it declares."""

    priority: int
    router_id: int
    address: int
    dr: int
    bdr: int


def _best(candidates: Iterable[Candidate]) -> Candidate | None:
    return max(candidates, key=lambda c: (c.priority, c.router_id), default=None)


def _round(candidates: Sequence[Candidate]) -> tuple[Candidate | None, Candidate | None]:
    """Steps 2 and 3: (DR, BDR)."""
    eligible = [c for c in candidates if c.priority > 0]
    others = [c for c in eligible if c.dr != c.address]
    backup = _best([c for c in others if c.bdr == c.address] or others)
    designated = _best(c for c in eligible if c.dr == c.address)
    return designated or backup, backup


class Result(NamedTuple):
    """The winners, and what each round gave."""

    dr: Candidate | None
    bdr: Candidate | None
    rounds: tuple[tuple[Candidate | None, Candidate | None], ...]


def elect(own: Candidate, neighbors: Sequence[Candidate]) -> Result:
    """Elect; a second round follows when our own role changes (step 4)."""
    dr, bdr = _round([own, *neighbors])
    rounds = [(dr, bdr)]
    is_dr = dr is not None and dr.address == own.address
    is_bdr = bdr is not None and bdr.address == own.address
    if is_dr != (own.dr == own.address) or is_bdr != (own.bdr == own.address):
        again = own._replace(
            dr=own.address if is_dr else dr.address if dr else 0,
            # A router that declares itself designated cannot be the backup.
            bdr=0 if is_dr else bdr.address if bdr else 0,
        )
        dr, bdr = _round([again, *neighbors])
        rounds.append((dr, bdr))
    return Result(dr, bdr, tuple(rounds))
