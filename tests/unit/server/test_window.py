"""A channel takes no more than its window beyond what its shell has read."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import asyncssh
from asyncssh.constants import MSG_CHANNEL_WINDOW_ADJUST
from asyncssh.packet import UInt32
from hypothesis import given
from hypothesis import strategies as st

from iosemu.server.window import WindowedChannel

WINDOW = 1000


class Wire:
    """The connection under a channel: what it grants."""

    logger = asyncssh.logging.SSHLogger(logging.getLogger(__name__))

    def __init__(self) -> None:
        self.granted = WINDOW

    def add_channel(self, channel: Any) -> int:
        return 0

    def get_key_option(self, name: str, default: Any) -> Any:
        return default

    def send_packet(self, kind: int, *arguments: bytes, handler: Any = None) -> None:
        assert kind == MSG_CHANNEL_WINDOW_ADJUST
        self.granted += int.from_bytes(arguments[-1], "big")


class Reader(asyncssh.SSHServerSession[bytes]):
    """Pauses after each piece when it is told to."""

    def __init__(self, channel: WindowedChannel) -> None:
        self.channel = channel
        self.read = b""
        self.slow = False

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        self.read += data
        if self.slow:
            self.channel.pause_reading()


def opened(loop: asyncio.AbstractEventLoop) -> tuple[WindowedChannel, Reader, Wire]:
    wire = Wire()
    channel = WindowedChannel(wire, loop, True, False, False, 0, 0, None, "strict", WINDOW, 100)
    channel._send_chan, channel._send_state, channel._recv_state = 0, "open", "open"
    reader = Reader(channel)
    channel._session = reader
    channel._recv_paused = False
    return channel, reader, wire


@given(st.lists(st.one_of(st.integers(1, 100), st.booleans(), st.none())))
def test_never_more_than_the_window_waits(steps: list[int | bool | None]) -> None:
    """A number: so much comes, as far as it was granted; a truth value: the reader is slow; none: it reads on."""
    loop = asyncio.new_event_loop()
    channel, reader, wire = opened(loop)
    sent = b""
    for step in steps:
        if isinstance(step, bool):
            reader.slow = step
        elif step is None:
            channel.resume_reading()
        else:
            size = min(step, wire.granted - len(sent))
            data = bytes(len(sent) + at & 255 for at in range(size))
            sent += data
            channel._process_data(0, 0, asyncssh.packet.SSHPacket(UInt32(len(data)) + data))
        assert (
            sum(len(data) for data, _ in channel._recv_buf) == channel.unread == len(sent) - len(reader.read)
        )
        assert 0 <= wire.granted - len(sent) <= WINDOW - channel.unread
    reader.slow = False
    while channel._recv_buf or channel._recv_paused:
        channel.resume_reading()
    assert reader.read == sent
    assert wire.granted - len(sent) >= WINDOW // 2  # it may go on
    loop.close()
