"""Full collections look at what is new; the rest is looked through when nobody is served."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from iosemu.server.garbage import CALM, LONG, MANY, PAUSE, GarbageCollection
from iosemu.server.turns import Turns


class Ring:
    """Refers to itself."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def now() -> list[float]:
    return [100.0]


class Slow:
    """A clock on which each look at it takes as long as a collection may."""

    def __init__(self) -> None:
        self.now = 0.0
        self.step = LONG

    def __call__(self) -> float:
        self.now += self.step
        return self.now


@pytest.fixture
def wall() -> Slow:
    return Slow()


@pytest.fixture
async def garbage(now: list[float], wall: Slow) -> Iterator[GarbageCollection]:  # type: ignore[misc]
    with GarbageCollection(Turns(lambda: now[0]), wall) as kept:
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


async def test_short_collections_look_at_all(garbage: GarbageCollection, wall: Slow) -> None:
    wall.step = LONG / 2
    old = Ring()
    gc.collect()
    ring = weakref.ref(old)
    del old
    gc.collect()
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


async def test_what_is_let_go_of_on_purpose_is_found_in_the_next_calm_moment(
    garbage: GarbageCollection, now: list[float], wall: Slow
) -> None:
    wall.step = 0.0
    stays, goes = Ring(), Ring()
    gone = weakref.ref(goes)
    garbage.settle()
    assert not any(each is stays for each in gc.get_objects())
    assert not garbage.due
    now[0] += CALM
    assert not garbage.due  # what was put aside on purpose is no growth
    del goes
    garbage.release()
    assert garbage.due
    wall.step = LONG
    garbage.look_through()
    assert gone() is None
    garbage.release()
    wall.step = 0.0
    assert not garbage.due  # it took long, and was just done
    wall.now += 10 * PAUSE * LONG
    assert garbage.due
    now[0] -= CALM
    assert not garbage.due  # somebody works
    garbage.release(MANY)
    assert garbage.due  # but that is too much to wait for
