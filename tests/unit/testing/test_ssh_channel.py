import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from transcript_fakes import FakeBench

from iosemu.net.scheduler import Scheduler
from iosemu.server.clock import LabClock
from iosemu.server.connection import connection_options
from iosemu.server.endpoint import Client, Shell, Unguarded
from iosemu.server.hostkeys import host_keys
from iosemu.server.pace import Pace
from iosemu.server.ssh import listen
from iosemu.testing.channel import Channel
from iosemu.testing.runner import Runner
from iosemu.testing.ssh import SSHChannel
from iosemu.testing.transcript import parse


class Talker:
    """A shell that answers each line with its length, after half a second of lab time when it says slow."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler
        self.pending = b""
        self.line = ""
        self.waiting = False
        self.wake = None
        self.closed = False

    def start(self) -> None:
        self.pending += b"\r\nR1#"

    def run(self, command: str) -> None:
        self.closed = True

    def receive(self, data: bytes) -> None:
        for character in data.decode():
            if character == "\r":
                self.enter()
            else:
                self.line += character
                self.pending += character.encode()

    def enter(self) -> None:
        line, self.line = self.line, ""
        self.pending += b"\r\n"
        if line == "exit":
            self.closed = True
        elif line.startswith("slow"):
            self.waiting = True
            self.pending += b"working "
            self.scheduler.after(0.5, lambda: self.answer(line))
        else:
            self.answer(line)

    def answer(self, line: str) -> None:
        self.waiting = False
        self.pending += f"{len(line)} characters\r\nR1#".encode()
        self.rouse()

    restless = False
    busy = False
    eager = True

    def turn(self, spent: Callable[[], bool]) -> None:
        pass

    def go_on(self) -> None:
        pass

    def attend(self, rouse: Callable[[], None]) -> None:
        self.rouse = rouse

    def end_of_input(self) -> None:
        self.closed = True

    def output(self) -> bytes:
        data, self.pending = self.pending, b""
        return data

    def tick(self) -> None:
        pass

    def resize(self, columns: int, rows: int) -> None:
        pass

    def disconnect(self) -> None:
        self.closed = True


class TalkerEndpoint(Unguarded):
    name = "R1"

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler

    def authenticate(self, username: str, password: str) -> int | None:
        return 15 if password == "admin" else None

    def full(self) -> bool:
        return False

    def open(self, client: Client, hang_up: Callable[[], None]) -> Shell | None:
        return Talker(self.scheduler)


class SSHBench(FakeBench):
    def __init__(self, port: int) -> None:
        super().__init__({"R1": {}})
        self.port = port

    async def open(self, device: str, username: str, password: str, size: tuple[int, int]) -> Channel:
        return await SSHChannel.open("127.0.0.1", self.port, username, password, size)


async def served(text: str, keys: Path) -> str:
    scheduler = Scheduler()
    clock = LabClock(scheduler, Pace.FAST)
    running = asyncio.create_task(clock.run())
    options = connection_options(host_keys(keys))
    listener = await listen(TalkerEndpoint(scheduler), clock, options, 0, refusal_delay=0)
    try:
        transcript = parse("@lab small\n@device R1\n" + text, Path("t"))
        return str(await Runner(transcript, SSHBench(listener.port)).run())
    finally:
        listener.close()
        running.cancel()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("R1#abc\n3 characters\nR1#slow abc\nworking 8 characters\nR1#a\n1 characters\nR1#", ""),
        ("R1#abc\n3 characters\nR1#exit\n", ""),
        ("R1#abc\n4 characters\nR1#", "t:4: the device answered otherwise"),
    ],
)
def test_a_transcript_over_ssh(tmp_path: Path, text: str, says: str) -> None:
    result = asyncio.run(served(text, tmp_path))
    assert (result.splitlines() or [""])[0] == says


def test_a_wrong_password_and_a_dead_port(tmp_path: Path) -> None:
    async def attempt() -> None:
        scheduler = Scheduler()
        options = connection_options(host_keys(tmp_path))
        listener = await listen(TalkerEndpoint(scheduler), LabClock(scheduler), options, 0, refusal_delay=0)
        with pytest.raises(ValueError, match="refuses user 'admin'"):
            await SSHChannel.open("127.0.0.1", listener.port, "admin", "wrong", (80, 24))
        port = listener.port
        listener.close()
        with pytest.raises(ValueError, match="does not answer SSH"):
            await SSHChannel.open("127.0.0.1", port, "admin", "admin", (80, 24))

    asyncio.run(attempt())
