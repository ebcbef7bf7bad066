"""Turns: who has much to do, or is sent much, does it bit by bit, and who does not read is not written to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest
from doubles import EchoEndpoint, EchoShell

from iosemu.net.scheduler import Scheduler
from iosemu.server.channel import Channel
from iosemu.server.clock import LabClock
from iosemu.server.connection import PIECE, UNSENT, Connection, connection_options
from iosemu.server.endpoint import Client
from iosemu.server.hostkeys import temporary_keys
from iosemu.server.turns import ROUND, TURN, Turns


class Watch:
    """A clock that moves when it is looked at."""

    def __init__(self, step: float) -> None:
        self.now = 0.0
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


async def test_each_has_its_turn_and_the_loop_goes_on() -> None:
    turns = Turns(Watch(ROUND))  # a round has time for one
    done: list[str] = []

    def endless(name: str) -> Callable[[], None]:
        def work() -> None:
            done.append(name)
            turns.add(work)

        return work

    for name in "abc":
        turns.add(endless(name))
    for _ in range(9):
        before = len(done)
        await asyncio.sleep(0)
        assert len(done) - before <= 1
    assert "".join(done) == ("abc" * 3)[: len(done)]
    assert len(done) >= 8


async def test_a_turn_that_fails_takes_nobody_else_with_it(caplog: pytest.LogCaptureFixture) -> None:
    turns = Turns()
    done: list[int] = []
    with caplog.at_level(logging.CRITICAL, "iosemu.server.turns"):
        turns.add(lambda: done.append(1 // 0))
        turns.add(lambda: done.append(2))
        await asyncio.sleep(0)
    assert done == [2]


def test_a_turn_ends() -> None:
    over = Turns(Watch(TURN / 4)).begin()
    assert [over() for _ in range(5)] == [False, False, False, True, True]


class Worker(EchoShell):
    """Has ten turns' work."""

    left = 10
    eager = True

    @property
    def busy(self) -> bool:  # type: ignore[override]
        return self.left > 0

    def go_on(self) -> None:
        self.left -= 1
        self._out += b"."


class Wire:
    """The channel's side towards the client."""

    def __init__(self) -> None:
        self.written = b""
        self.reading = True

    def write(self, data: bytes) -> None:
        self.written += data

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


class Side:
    """The connection under a channel."""

    clogged = False


async def opened(connection: Any = None) -> tuple[Channel, Worker, Wire]:
    scheduler = Scheduler()
    endpoint = EchoEndpoint(scheduler)
    shell = Worker(scheduler, Client("admin", 15, "127.0.0.1"))
    endpoint.open = lambda client, hang_up: shell  # type: ignore[method-assign]
    channel = Channel(endpoint, LabClock(scheduler), Client("admin", 15, "127.0.0.1"), connection)
    wire = Wire()
    channel.connection_made(wire)  # type: ignore[arg-type]
    channel.shell_requested()
    channel.session_started()
    return channel, shell, wire


async def test_a_busy_shell_is_given_turns_until_it_is_done() -> None:
    _, shell, wire = await opened()
    assert shell.left == 10
    for _ in range(12):
        await asyncio.sleep(0)
    assert shell.left == 0
    assert wire.written == b"R1#.........."


async def test_nothing_is_written_to_a_connection_that_is_not_read() -> None:
    side = Side()
    side.clogged = True
    channel, _, wire = await opened(side)
    for _ in range(12):
        await asyncio.sleep(0)
    assert wire.written == b""
    side.clogged = False
    channel.unclogged()
    assert wire.written.startswith(b"R1#")


async def test_who_types_too_far_ahead_is_not_read() -> None:
    channel, shell, wire = await opened()
    shell.eager = False
    channel.data_received(b"x", None)
    assert not wire.reading
    shell.eager = True
    channel.tick()
    await asyncio.sleep(0)
    assert wire.reading


class Transport(asyncio.Transport):
    """Of a connection whose packets cost time."""

    def __init__(self) -> None:
        super().__init__()
        self.reading = True
        self.unsent = 0

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def write(self, data: bytes) -> None:
        pass


async def test_a_flood_of_packets_is_dealt_with_in_turns() -> None:
    turns = Turns(Watch(TURN / 8))
    options = connection_options(temporary_keys())
    connection = Connection(asyncio.get_running_loop(), options, lambda: None, turns)  # type: ignore[arg-type,return-value]
    transport = Transport()
    connection._transport = transport
    seen: list[int] = []

    def packet() -> bool:
        if len(connection._inpbuf) < 100:
            return False
        connection._inpbuf = connection._inpbuf[100:]
        seen.append(len(connection._inpbuf))
        return True

    connection._recv_handler = packet
    connection.data_received(bytes(100 * 1000))
    assert 0 < len(seen) <= 8
    assert max(seen) < PIECE
    assert not transport.reading
    rounds = 0
    while len(seen) < 1000:
        rounds += 1
        await asyncio.sleep(0)
    assert rounds > 1000 // 20
    await asyncio.sleep(0)
    assert transport.reading
    transport.unsent = UNSENT + 1
    connection.data_received(bytes(50))
    assert not transport.reading
    transport.unsent = 0
    connection.resume_writing()
    assert transport.reading
    connection._transport = None
