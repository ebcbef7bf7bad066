"""The transmission control block: one connection's variables, what it sends, and its timers.

The user's calls are in connection.py, what a segment that comes in does is in arrival.py.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from iosemu.packets.tcp import TcpFlags, TcpSegment
from iosemu.tcp.config import TcpConfig
from iosemu.tcp.congestion import NewReno
from iosemu.tcp.core import Core
from iosemu.tcp.counters import ConnectionCounters
from iosemu.tcp.options import TcpOptions
from iosemu.tcp.receiver import Receiver
from iosemu.tcp.sender import Sender, Transmission
from iosemu.tcp.sequence import wrap
from iosemu.tcp.states import FIN_SENT, SYNCHRONIZED, TRANSITIONS, State, Trigger
from iosemu.tcp.timers import RetransmissionTimeout, TimerKind
from iosemu.tcp.wire import Endpoint

DEFAULT_SEND_MSS = {4: 536, 6: 1220}
"""What a peer takes that sent no MSS option (RFC 9293 3.7.1)."""
_MD5_OPTION_SPACE = 20
_CHALLENGES, _CHALLENGE_PERIOD = 10, 5.0
_NO_OPTIONS = TcpOptions()


def _nothing() -> None:
    """What a callback is until somebody cares."""


class Tcb:
    """One connection's state.

    `opened` is called when it is no longer half open, `gone` when it is deleted, `timed_out` when the peer is silent.
    """

    def __init__(
        self,
        core: Core,
        local: Endpoint,
        remote: Endpoint,
        config: TcpConfig,
        mss: int,
        iss: int,
        passive: bool,
    ) -> None:
        self.core = core
        self.local = local
        self.remote = remote
        self.config = config
        self.mss = mss
        self.passive = passive
        self.number = 0
        """Counts the connections of a stack."""
        self.state = State.CLOSED
        self.created = core.now
        self.counters = ConnectionCounters()
        default = min(DEFAULT_SEND_MSS[remote.address.version], mss)
        self.sender = Sender(iss, config.send_buffer, default, config.nagle)
        self.receiver = Receiver(config.window)
        self.congestion = NewReno(default)
        self.rto = RetransmissionTimeout(config.initial_rto, config.min_rto, config.max_rto)
        self.timers = {kind: core.timer(partial(self._fired, kind)) for kind in TimerKind}
        self.keepalive = config.keepalive
        self.peer_mss: int | None = None
        self.scaling = False  # both SYNs have the window scale option
        self.close_queued = False
        self.syn_was_lost = False
        self.data_reported = False
        self.unacknowledged_arrivals = 0
        self.opened: Callable[[], None] = _nothing
        self.gone: Callable[[], None] = _nothing
        self.timed_out: Callable[[], None] = _nothing
        self._timed: tuple[int, float] | None = None
        self._backoffs = 0
        self._probes = 0
        self._keepalives_unanswered = 0
        self._challenges = 0
        self._challenged = float("-inf")

    def move(self, trigger: Trigger) -> None:
        """Take the arrow; KeyError where figure 5 has none, which is a fault of the caller."""
        self.state = TRANSITIONS[self.state, trigger]

    # What is sent.

    def emit(self, flags: int, sequence: int, data: bytes = b"") -> None:
        """One segment with the acknowledgment and the window of now."""
        window = self.receiver.offer(self.mss)
        options = _NO_OPTIONS
        if flags & TcpFlags.SYN:
            options = TcpOptions(mss=self.mss, window_shift=self._offered_shift(flags))
        else:
            window >>= self.receiver.window_shift
        acknowledgment = 0
        if flags & TcpFlags.ACK:
            acknowledgment = wrap(self.receiver.nxt)
            self.timers[TimerKind.ACK_HOLD].stop()
            self.unacknowledged_arrivals = 0
        self.counters.sent += 1
        self.core.transmit(
            self.local.address,
            self.remote.address,
            TcpSegment(
                self.local.port,
                self.remote.port,
                wrap(sequence),
                acknowledgment,
                flags,
                min(window, 0xFFFF),
                payload=data,
            ),
            options,
            self.config,
        )

    def _offered_shift(self, flags: int) -> int | None:
        # A SYN,ACK has the option only if the SYN had (RFC 7323 2.2).
        if flags & TcpFlags.ACK and not self.scaling:
            return None
        return self.config.window_shift

    def synchronize(self) -> None:
        """Send our SYN, again if need be; with an ACK once the peer's is known."""
        if self.sender.highest > self.sender.iss:
            self.core.statistics.control_retransmitted += 1
            self.counters.retransmitted += 1
            self._timed = None
        else:
            self._timed = (self.sender.iss + 1, self.core.now)
        self.sender.nxt = max(self.sender.nxt, self.sender.iss + 1)
        self.sender.highest = max(self.sender.highest, self.sender.nxt)
        flags = TcpFlags.SYN if self.state is State.SYN_SENT else TcpFlags.SYN | TcpFlags.ACK
        self.emit(flags, self.sender.iss)
        self.timers[TimerKind.RETRANSMIT].start(self.core.now + self.rto.rto)

    @property
    def sequence(self) -> int:
        """The number for a segment without text: the end of what the peer may have.

        SND.NXT may have been pulled back for a retransmission, but not what the peer expects. Only a probe into
        a closed window was most likely not taken.
        """
        probing = self.timers[TimerKind.SEND_WINDOW].when is not None
        return self.sender.nxt if probing else self.sender.highest

    def acknowledge(self) -> None:
        """Send an ACK now."""
        self.core.statistics.ack_only += 1
        self.emit(TcpFlags.ACK, self.sequence)

    def challenge(self) -> None:
        """An ACK to something doubtful, but not many of them (RFC 5961 7)."""
        if self.core.now - self._challenged >= _CHALLENGE_PERIOD:
            self._challenged = self.core.now
            self._challenges = 0
        if self._challenges < _CHALLENGES:
            self._challenges += 1
            self.core.statistics.challenge_ack += 1
            self.acknowledge()

    def reset(self) -> None:
        """Send a RST that the peer takes."""
        self.emit(TcpFlags.RST | TcpFlags.ACK, self.sequence)

    def output(self) -> None:
        """Send what may be sent, and see that a timer runs for what may not."""
        if self.state in SYNCHRONIZED:
            while (transmission := self.sender.next_segment(self.congestion.cwnd)) is not None:
                self._send(transmission)
        self._watch()

    def _watch(self) -> None:
        sender, now = self.sender, self.core.now
        retransmit, probe = self.timers[TimerKind.RETRANSMIT], self.timers[TimerKind.SEND_WINDOW]
        if sender.nxt > sender.una:
            probe.stop()
            if retransmit.when is None:
                retransmit.start(now + self.rto.rto)
        elif self.state in SYNCHRONIZED:
            retransmit.stop()
            if sender.pending and probe.when is None:
                probe.start(now + min(self.rto.rto * 2**self._probes, self.config.max_rto))

    def _send(self, transmission: Transmission) -> None:
        statistics, size = self.core.statistics, len(transmission.data)
        end = transmission.sequence + size + transmission.fin
        if transmission.sequence < self.sender.highest:
            self._timed = None
            self.counters.retransmitted += 1
            if size:
                statistics.data_retransmitted += 1
                statistics.data_retransmitted_bytes += size
            else:
                statistics.control_retransmitted += 1
        else:
            if self._timed is None:
                self._timed = (end, self.core.now)
            if size:
                statistics.data += 1
                statistics.data_bytes += size
        if size:
            self.counters.sent_with_data += 1
            self.counters.sent_bytes += size
        flags = TcpFlags.ACK
        if transmission.push:
            flags |= TcpFlags.PSH
        if transmission.fin:
            flags |= TcpFlags.FIN
        self.sender.sent(transmission)
        self.emit(flags, transmission.sequence, transmission.data)

    def retransmit_first(self) -> None:
        """Fast retransmit: the segment at SND.UNA again, and go on where we were."""
        self._timed = None
        self.core.statistics.fast_retransmitted += 1
        self.counters.fast_retransmitted += 1
        nxt = self.sender.nxt
        self._send(self.sender.first_unacknowledged())
        self.sender.nxt = max(nxt, self.sender.nxt)
        self.timers[TimerKind.RETRANSMIT].start(self.core.now + self.rto.rto)

    # What was acknowledged.

    def acknowledged(self, ack: int) -> int:
        """New octets are acknowledged up to `ack`; how many of them were data."""
        before = self.sender.una
        if self._timed is not None and ack >= self._timed[0]:
            self.rto.measured(self.core.now - self._timed[1])
            self._timed = None
        freed = self.sender.acknowledge(ack)
        self._backoffs = self._probes = 0
        self.timers[TimerKind.RETRANSMIT].stop()  # `_watch` starts it anew if there is more (RFC 6298 5.3)
        self.timers[TimerKind.GIVE_UP].stop()
        if before > self.sender.iss and self.congestion.acknowledged(ack - before, ack):
            self.retransmit_first()
        return freed

    def answered(self) -> None:
        """The peer lives: keepalives start anew, and probes into a closed window are answered."""
        self._keepalives_unanswered = 0
        if self.sender.probes_unanswered:
            self.sender.probes_unanswered = 0
            self.timers[TimerKind.GIVE_UP].stop()
        if self.keepalive is not None and self.state in SYNCHRONIZED and self.state is not State.TIME_WAIT:
            self.timers[TimerKind.KEEPALIVE].start(self.core.now + self.keepalive.idle)

    def window_opened(self) -> None:
        """The peer takes more: no probe is needed."""
        self._probes = 0
        self.timers[TimerKind.SEND_WINDOW].stop()

    def established(self, peer_mss: int | None) -> None:
        """Both SYNs are acknowledged: the segment size and the first window follow."""
        self.opened()
        self.timers[TimerKind.GIVE_UP].stop()
        self.timers[TimerKind.RETRANSMIT].stop()
        if self.syn_was_lost:
            self.rto.syn_was_lost()
        self.set_send_mss(peer_mss)
        self.congestion.begin(self.sender.mss, self.syn_was_lost)
        self._backoffs = 0
        self.core.statistics.established += 1
        self.answered()

    def set_send_mss(self, peer_mss: int | None) -> None:
        """Eff.snd.MSS (RFC 9293 3.7.1): the smaller of both sides' less what options take."""
        peer = DEFAULT_SEND_MSS[self.remote.address.version] if peer_mss is None else peer_mss
        space = _MD5_OPTION_SPACE if self.core.signs_for(self.remote.address) else 0
        self.sender.mss = max(min(peer, self.mss) - space, 1)
        self.congestion.set_mss(self.sender.mss)

    def wait_time_wait(self) -> None:
        """(Re)start the 2 MSL of TIME-WAIT."""
        for kind, timer in self.timers.items():
            if kind is not TimerKind.TIME_WAIT:
                timer.stop()
        self.timers[TimerKind.TIME_WAIT].start(self.core.now + 2 * self.config.msl)

    def delete(self, trigger: Trigger) -> None:
        """The connection is over; nothing of it stays in the stack."""
        self.move(trigger)
        for timer in self.timers.values():
            timer.stop()
        self.core.statistics.closed += 1
        self.gone()

    # What the timers do.

    def _fired(self, kind: TimerKind) -> None:
        _ACTIONS[kind](self)

    def _retransmit(self) -> None:
        self.core.statistics.retransmit_timeout += 1
        sender = self.sender
        if sender.una == sender.iss:
            self.syn_was_lost = True
            self.rto.back_off()
            self.synchronize()
            return
        self._timed = None
        if sender.window == 0:
            sender.nxt = sender.una
            self._probe()
            return
        give_up = self.timers[TimerKind.GIVE_UP]
        if give_up.when is None:
            give_up.start(self.core.now + self.config.give_up)
        self.congestion.timed_out(sender.flight, sender.highest, first=self._backoffs == 0)
        self._backoffs += 1
        self.rto.back_off()
        self._send(sender.first_unacknowledged())
        self.timers[TimerKind.RETRANSMIT].start(self.core.now + self.rto.rto)

    def _probe(self) -> None:
        if not self.sender.pending:
            return
        self.core.statistics.window_probe_sent += 1
        give_up = self.timers[TimerKind.GIVE_UP]
        if give_up.when is None:
            give_up.start(self.core.now + self.config.give_up)
        self._probes += 1
        self._timed = None
        self._send(self.sender.probe())
        if self.sender.window == 0:
            # It counts as sent only if the peer says so.
            self.sender.nxt = self.sender.una
            self._timed = None
        self._watch()

    def _hold_ended(self) -> None:
        self.core.statistics.ack_delayed += 1
        self.acknowledge()

    def _keep_alive(self) -> None:
        keepalive = self.keepalive
        if keepalive is None or self.state not in SYNCHRONIZED:
            return
        if self._keepalives_unanswered:
            self.core.statistics.keepalive_timeout += 1
        if self._keepalives_unanswered >= keepalive.count:
            self.core.statistics.dropped_in_keepalive += 1
            self.timed_out()
            return
        if self.sender.nxt == self.sender.una and self.state not in FIN_SENT:
            # With data on its way its retransmission does the work.
            self._keepalives_unanswered += 1
            self.core.statistics.keepalive_probe += 1
            self.emit(TcpFlags.ACK, self.sequence - 1)
        self.timers[TimerKind.KEEPALIVE].start(self.core.now + keepalive.interval)

    def _time_wait_over(self) -> None:
        self.delete(Trigger.TIME_WAIT_OVER)

    def _give_up(self) -> None:
        if self.state in SYNCHRONIZED and self.state is not State.FIN_WAIT_2:
            self.core.statistics.dropped_in_retransmit += 1
        self.timed_out()


_ACTIONS: dict[TimerKind, Callable[[Tcb], None]] = {
    TimerKind.RETRANSMIT: Tcb._retransmit,
    TimerKind.SEND_WINDOW: Tcb._probe,
    TimerKind.ACK_HOLD: Tcb._hold_ended,
    TimerKind.KEEPALIVE: Tcb._keep_alive,
    TimerKind.TIME_WAIT: Tcb._time_wait_over,
    TimerKind.GIVE_UP: Tcb._give_up,
}
