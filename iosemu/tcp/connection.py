"""A connection as its user sees it: SEND, RECEIVE, CLOSE, ABORT (RFC 9293 3.10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from iosemu.tcp.config import Keepalive, TcpConfig
from iosemu.tcp.core import Core
from iosemu.tcp.events import Closed, TimedOut
from iosemu.tcp.sequence import wrap
from iosemu.tcp.states import MAY_SEND, SYNCHRONIZED, State, Trigger
from iosemu.tcp.tcb import Tcb
from iosemu.tcp.timers import TimerKind
from iosemu.tcp.wire import Endpoint


class ConnectionClosed(Exception):  # noqa: N818 - the name says what is so
    """The call needs a connection that is open in this direction."""


@dataclass(frozen=True, slots=True)
class TimerView:
    """One row of the timers in `show tcp`; `next` is lab time or None."""

    starts: int
    wakeups: int
    next: float | None


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """A connection for `show tcp`: numbers as on the wire, times in seconds, windows in octets."""

    state: State
    local: Endpoint
    remote: Endpoint
    passive: bool
    timers: Mapping[TimerKind, TimerView]
    iss: int
    send_unacknowledged: int
    send_next: int
    send_window: int
    irs: int
    receive_next: int
    receive_window: int
    delayed_receive_window: int
    srtt: float
    rto: float
    rttvar: float
    min_rtt: float
    max_rtt: float
    send_mss: int
    congestion_window: int
    unread: int
    unacknowledged: int


class Connection(Tcb):
    """Made by a stack. Every call takes lab time, and may leave segments and events in the stack."""

    def __init__(
        self,
        core: Core,
        local: Endpoint,
        remote: Endpoint,
        config: TcpConfig,
        mss: int,
        iss: int,
        passive: bool = False,
    ) -> None:
        super().__init__(core, local, remote, config, mss, iss, passive)
        self.timed_out = self._timed_out

    def __repr__(self) -> str:
        return f"<{self.state.value} {self.local.address}.{self.local.port} {self.remote.address}.{self.remote.port}>"

    @property
    def readable(self) -> int:
        """Octets that `read` gives now."""
        return self.receiver.readable

    @property
    def writable(self) -> int:
        """Octets that `send` takes now."""
        return self.sender.room if self.state in MAY_SEND and not self.close_queued else 0

    @property
    def peer_closed(self) -> bool:
        """The peer has sent its FIN and all before it is here."""
        return self.receiver.fin_reached

    def send(self, data: bytes, now: float) -> int:
        """Queue octets; how many were taken. A `Writable` event follows if not all were.

        ConnectionClosed after `close`, or when the connection is gone.
        """
        if self.state not in MAY_SEND or self.close_queued:
            raise ConnectionClosed(f"nothing can be sent in {self.state.value}")
        self.core.now = now
        taken = self.sender.queue(data)
        self.output()
        return taken

    def read(self, now: float, limit: int | None = None) -> bytes:
        """Take what came in, at most `limit` octets; empty if there is nothing. The peer's window may open."""
        self.core.now = now
        data = self.receiver.read(limit)
        self.data_reported = False
        listening = self.state in SYNCHRONIZED and not self.receiver.fin_reached
        if data and listening and self.receiver.would_open(self.sender.mss):
            self.core.statistics.window_update_sent += 1
            self.acknowledge()
        return data

    def close(self, now: float) -> None:
        """Send no more; what is queued still goes. What comes in can be read on. Again: nothing."""
        self.core.now = now
        if self.state is State.SYN_SENT:
            self.delete(Trigger.CLOSE)
            self.core.report(Closed(now, self))
        elif self.state in MAY_SEND and not self.close_queued:
            self.close_queued = True
            if self.state is not State.SYN_RECEIVED or not self.sender.buffered:
                self.finish()

    def finish(self) -> None:
        """Queue the FIN; at once, or when the handshake that `close` came in is over."""
        self.sender.fin_queued = True
        self.move(Trigger.CLOSE)
        self.output()

    def abort(self, now: float) -> None:
        """Reset the connection; the peer is told."""
        self.core.now = now
        if self.state is State.CLOSED:
            return
        if self.state in SYNCHRONIZED - {State.TIME_WAIT} or self.state is State.SYN_RECEIVED:
            self.reset()
        self.core.statistics.dropped += 1
        self.delete(Trigger.DELETE)

    def set_keepalive(self, keepalive: Keepalive | None, now: float) -> None:
        """Begin to probe when idle, or stop doing so."""
        self.core.now = now
        self.keepalive = keepalive
        if keepalive is None:
            self.timers[TimerKind.KEEPALIVE].stop()
        else:
            self.answered()

    def _timed_out(self) -> None:
        if self.state in SYNCHRONIZED:
            self.reset()
            self.core.statistics.dropped += 1
        else:
            self.core.statistics.embryonic_dropped += 1
        opened_here = not self.passive or self.state in SYNCHRONIZED
        self.delete(Trigger.DELETE)
        if opened_here:
            self.core.report(TimedOut(self.core.now, self))

    def view(self) -> ConnectionView:
        """The connection as it is now."""
        return ConnectionView(
            state=self.state,
            local=self.local,
            remote=self.remote,
            passive=self.passive,
            timers={k: TimerView(t.starts, t.wakeups, t.when) for k, t in self.timers.items()},
            iss=wrap(self.sender.iss),
            send_unacknowledged=wrap(self.sender.una),
            send_next=wrap(self.sender.nxt),
            send_window=self.sender.window,
            irs=wrap(self.receiver.irs),
            receive_next=wrap(self.receiver.nxt),
            receive_window=self.receiver.window,
            delayed_receive_window=max(self.receiver.capacity - self.receiver.window, 0),
            srtt=self.rto.srtt or 0.0,
            rto=self.rto.rto,
            rttvar=self.rto.rttvar,
            min_rtt=self.rto.min_rtt or 0.0,
            max_rtt=self.rto.max_rtt,
            send_mss=self.sender.mss,
            congestion_window=self.congestion.cwnd,
            unread=self.receiver.readable,
            unacknowledged=self.sender.buffered,
        )
