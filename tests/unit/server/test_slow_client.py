"""A client that reads too slowly: what is to be sent waits in the shell, which may limit it."""

from __future__ import annotations

from typing import Any

from doubles import EchoShell

from iosemu.net.scheduler import Scheduler
from iosemu.server.channel import Channel
from iosemu.server.clock import LabClock
from iosemu.server.endpoint import Client, Unguarded


class Endpoint(Unguarded):
    name = "R1"

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler

    def authenticate(self, username: str, password: str) -> int | None:
        return 15

    def full(self) -> bool:
        return False

    def open(self, client: Client, hang_up: Any) -> EchoShell:
        return EchoShell(self.scheduler, client)


class Wire:
    """The channel's side towards the client."""

    def __init__(self) -> None:
        self.written = b""
        self.status: int | None = None

    def write(self, data: bytes) -> None:
        self.written += data

    def exit(self, status: int) -> None:
        self.status = status


def test_output_waits_until_the_client_has_read() -> None:
    scheduler = Scheduler()
    channel = Channel(Endpoint(scheduler), LabClock(scheduler), Client("admin", 15, "127.0.0.1"))
    wire = Wire()
    channel.connection_made(wire)  # type: ignore[arg-type]
    channel.shell_requested()
    channel.session_started()
    assert wire.written == b"R1#"
    channel.pause_writing()
    channel.data_received(b"big\n", None)
    channel.data_received(b"bye\n", None)
    channel.tick()
    assert wire.written == b"R1#"
    assert wire.status is None
    channel.resume_writing()
    assert wire.written.count(b"word#") == 5000
    assert wire.written.endswith(b"bye\r\nR1#")
    assert wire.status == 0
