"""Full collections look at what is new; the rest is looked through when nobody is served."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from iosemu.server.garbage import CALM, GarbageCollection
from iosemu.server.turns import Turns


class Ring:
    """Refers to itself."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def now() -> list[float]:
    return [100.0]


@pytest.fixture
async def garbage(now: list[float]) -> Iterator[GarbageCollection]:  # type: ignore[misc]
    with GarbageCollection(Turns(lambda: now[0])) as kept:
        yield kept


async def test_what_survives_is_not_looked_at_again(garbage: GarbageCollection) -> None:
    old = Ring()
    gc.collect()
    assert not any(each is old for each in gc.get_objects())
    ring, new = weakref.ref(old), weakref.ref(Ring())
    del old
    gc.collect()
    assert new() is None
    assert ring() is not None
    garbage.look_through()
    assert ring() is None


async def test_all_is_looked_through_in_a_calm_moment(garbage: GarbageCollection, now: list[float]) -> None:
    assert not garbage.due
    kept = [[] for _ in range(gc.get_freeze_count() // 4)]  # type: ignore[var-annotated]
    gc.collect()
    assert not garbage.due
    now[0] += CALM
    assert garbage.due
    garbage.look_through()
    assert not garbage.due
    del kept


async def test_nobody_is_calm_while_turns_wait() -> None:
    now = [100.0]
    turns = Turns(lambda: now[0])
    now[0] += 5
    assert turns.idle == 5
    turns.add(lambda: None)
    assert turns.idle == 0
    await asyncio.sleep(0)
    assert turns.idle == 0  # it was its turn just now
    now[0] += 5
    assert turns.idle == 5


async def test_it_ends(garbage: GarbageCollection) -> None:
    garbage.__exit__()
    assert not gc.get_freeze_count()
    assert garbage._collected not in gc.callbacks


def test_it_ends_with_its_loop() -> None:
    async def left_alone() -> GarbageCollection:
        kept = GarbageCollection(Turns())
        kept.__enter__()
        await asyncio.sleep(0)
        return kept

    kept = asyncio.run(left_alone())
    assert not gc.get_freeze_count()
    assert kept._collected not in gc.callbacks
