"""A channel whose window opens by what its shell has read."""

from __future__ import annotations

from typing import Any

import asyncssh
from asyncssh.constants import MSG_CHANNEL_WINDOW_ADJUST
from asyncssh.packet import UInt32


class WindowedChannel(asyncssh.SSHServerChannel[bytes]):
    """A session's channel that never holds more than its window (RFC 4254 section 5.2) for a reader that pauses.

    asyncssh opens the whole window again whenever it delivers something, whatever else still waits: a client that
    types faster than its shell reads would fill the memory.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.unread = 0
        """Octets that came and were not delivered yet."""

    def _accept_data(self, data: bytes, datatype: asyncssh.DataType = None) -> None:
        if self._send_state not in ("close_pending", "closed"):
            self.unread += len(data)
        super()._accept_data(data, datatype)

    def _deliver_data(self, data: bytes, datatype: asyncssh.DataType) -> None:
        self.unread -= len(data)
        room = self._init_recv_window - self.unread - self._recv_window
        if room > self._init_recv_window // 2:
            self._recv_window += room
            self.send_packet(MSG_CHANNEL_WINDOW_ADJUST, UInt32(room))
        if self._session is not None:
            self._session.data_received(data, datatype)

    def _cleanup(self, exc: Exception | None = None) -> None:
        super()._cleanup(exc)
        self._recv_buf.clear()  # nobody reads it, and what refers to the channel is found late
        self.unread = 0
