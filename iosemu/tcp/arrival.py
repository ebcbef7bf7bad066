"""What a segment that comes in does: SEGMENT ARRIVES (RFC 9293 3.10.7), with RFC 5961's caution.

The steps stand in the order of the RFC. Sequence and acknowledgment numbers are unwrapped here.
"""

from __future__ import annotations

from dataclasses import replace

from iosemu.packets.tcp import TcpFlags, TcpSegment
from iosemu.tcp.connection import Connection
from iosemu.tcp.events import Closed, Connected, DataReceived, Drained, PeerClosed, Refused, Reset, Writable
from iosemu.tcp.options import TcpOptions
from iosemu.tcp.receiver import Arrival
from iosemu.tcp.sequence import unwrap
from iosemu.tcp.states import FIN_SENT, MAY_RECEIVE_TEXT, State, Trigger
from iosemu.tcp.timers import TimerKind


def segment_arrives(tcb: Connection, segment: TcpSegment, options: TcpOptions) -> None:
    """Take a segment that belongs to the connection."""
    tcb.counters.received += 1
    if tcb.state is State.LISTEN:
        _listen(tcb, segment, options)
    elif tcb.state is State.SYN_SENT:
        _syn_sent(tcb, segment, options)
    else:
        _otherwise(tcb, segment)
    if tcb.state is not State.CLOSED:
        tcb.output()


def _learn(tcb: Connection, segment: TcpSegment, options: TcpOptions) -> None:
    """What the peer's SYN says: its sequence number, segment size, window and window scale."""
    tcb.receiver.synchronize(segment.sequence)
    tcb.peer_mss = options.mss
    tcb.scaling = options.window_shift is not None and tcb.config.window_shift is not None
    if tcb.scaling:
        tcb.sender.window_shift = options.window_shift or 0
        tcb.receiver.window_shift = tcb.config.window_shift or 0


def _listen(tcb: Connection, segment: TcpSegment, options: TcpOptions) -> None:
    """3.10.7.2. The stack has answered all that is not a SYN."""
    _learn(tcb, segment, options)
    tcb.sender.set_window(segment.window, segment.sequence, 0)
    tcb.move(Trigger.SYN)
    tcb.synchronize()
    tcb.timers[TimerKind.GIVE_UP].start(tcb.core.now + tcb.config.synwait)
    tcb.receiver.accept(segment.sequence + 1, segment.payload, bool(segment.flags & TcpFlags.FIN))


def _syn_sent(tcb: Connection, segment: TcpSegment, options: TcpOptions) -> None:
    """3.10.7.3."""
    sender, flags = tcb.sender, segment.flags
    ack = unwrap(segment.acknowledgment, sender.una)
    if flags & TcpFlags.ACK and not sender.iss < ack <= sender.highest:
        if not flags & TcpFlags.RST:
            tcb.emit(TcpFlags.RST, ack)
        return
    if flags & TcpFlags.RST:
        if flags & TcpFlags.ACK:
            tcb.core.statistics.embryonic_dropped += 1
            tcb.delete(Trigger.DELETE)
            tcb.core.report(Refused(tcb.core.now, tcb))
        return
    if not flags & TcpFlags.SYN:
        return
    _learn(tcb, segment, options)
    sender.set_window(segment.window, segment.sequence, ack if flags & TcpFlags.ACK else 0)
    if not flags & TcpFlags.ACK:
        tcb.move(Trigger.SYN)
        tcb.synchronize()
        return
    tcb.acknowledged(ack)
    tcb.move(Trigger.SYN_ACK)
    _established(tcb)
    # The edge of the window is told by the ACK; only then is there room for text that came with the SYN.
    tcb.acknowledge()
    if segment.payload or flags & TcpFlags.FIN:
        _text(tcb, segment.sequence + 1, segment)


def _established(tcb: Connection) -> None:
    tcb.established(tcb.peer_mss)
    tcb.core.report(Connected(tcb.core.now, tcb))
    if tcb.receiver.readable:
        _report_data(tcb)
    if tcb.close_queued:
        tcb.finish()


def _otherwise(tcb: Connection, segment: TcpSegment) -> None:
    """3.10.7.4."""
    receiver, flags = tcb.receiver, segment.flags
    sequence = unwrap(segment.sequence, receiver.nxt)
    if tcb.state is State.SYN_RECEIVED and flags & TcpFlags.SYN and sequence == receiver.irs:
        if not flags & TcpFlags.ACK:
            tcb.synchronize()  # the peer has not seen our SYN,ACK
            return
        # Simultaneous open: the SYN is known, the ACK is news.
        sequence += 1
        flags &= ~TcpFlags.SYN
        segment = replace(segment, flags=flags)
    length = len(segment.payload) + bool(flags & TcpFlags.SYN) + bool(flags & TcpFlags.FIN)
    # First, check the sequence number. A closed window still takes ACK and RST at its edge.
    at_closed_window = receiver.window == 0 and sequence == receiver.nxt
    if not receiver.acceptable(sequence, length) and not at_closed_window:
        _unacceptable(tcb, segment, sequence)
        return
    # Second, check the RST bit.
    if flags & TcpFlags.RST:
        if sequence == receiver.nxt:
            _reset(tcb)
        else:
            tcb.challenge()
        return
    # Third, security, is not used. Fourth, check the SYN bit.
    if flags & TcpFlags.SYN:
        tcb.challenge()
        return
    # Fifth, check the ACK field.
    if not flags & TcpFlags.ACK or not _acknowledgment(tcb, segment, sequence):
        return
    # Sixth, URG, is not used: urgent data is data. Seventh and eighth, text and FIN.
    if segment.payload or flags & TcpFlags.FIN:
        if tcb.state in MAY_RECEIVE_TEXT:
            _text(tcb, sequence, segment)
        else:
            tcb.core.statistics.after_close += 1


def _unacceptable(tcb: Connection, segment: TcpSegment, sequence: int) -> None:
    statistics, size = tcb.core.statistics, len(segment.payload)
    if segment.flags & TcpFlags.RST:
        return
    if sequence >= tcb.receiver.edge:
        if size:
            statistics.after_window += 1
            statistics.after_window_bytes += size
    elif size:
        statistics.duplicate += 1
        statistics.duplicate_bytes += size
    tcb.answered()
    if tcb.state is State.TIME_WAIT:
        if segment.flags & TcpFlags.FIN:
            tcb.wait_time_wait()
        tcb.challenge()
    elif segment.flags & TcpFlags.SYN:
        tcb.challenge()
    else:
        tcb.acknowledge()


def _reset(tcb: Connection) -> None:
    state = tcb.state
    if state is State.SYN_RECEIVED:
        tcb.core.statistics.embryonic_dropped += 1
        tcb.delete(Trigger.DELETE)
        if not tcb.passive:
            tcb.core.report(Refused(tcb.core.now, tcb))
        return
    tcb.core.statistics.dropped += 1
    tcb.delete(Trigger.DELETE)
    if state not in (State.CLOSING, State.LAST_ACK, State.TIME_WAIT):
        tcb.core.report(Reset(tcb.core.now, tcb))
    elif state is not State.TIME_WAIT:
        tcb.core.report(Closed(tcb.core.now, tcb))


def _acknowledgment(tcb: Connection, segment: TcpSegment, sequence: int) -> bool:
    """The fifth step; False where the segment is to be dropped."""
    sender, statistics = tcb.sender, tcb.core.statistics
    ack = unwrap(segment.acknowledgment, sender.una)
    window = segment.window << sender.window_shift
    if tcb.state is State.SYN_RECEIVED:
        if not sender.una < ack <= sender.highest:
            tcb.emit(TcpFlags.RST, ack)
            return False
        sender.set_window(window, sequence, ack)
        tcb.acknowledged(ack)
        tcb.move(Trigger.ACK_OF_SYN)
        _established(tcb)
        return True
    if ack > sender.highest:
        statistics.ack_of_unsent += 1
        tcb.challenge()
        return False
    if ack < sender.una - max(sender.max_window, 1):
        tcb.challenge()  # RFC 5961 5.2: too old to be honest
        return False
    tcb.answered()
    if ack > sender.una:
        statistics.ack_received += 1
        freed = tcb.acknowledged(ack)
        statistics.ack_received_bytes += freed
        if freed and sender.full and sender.room:
            sender.full = False
            tcb.core.report(Writable(tcb.core.now, tcb))
        if freed and tcb.config.tells_drained and not sender.buffered:
            tcb.core.report(Drained(tcb.core.now, tcb))
    elif _is_duplicate_ack(tcb, segment, ack, window):
        statistics.duplicate_ack += 1
        if tcb.congestion.duplicate(sender.flight, sender.una, sender.highest):
            tcb.retransmit_first()
    if ack >= sender.una and (sender.wl1 < sequence or (sender.wl1 == sequence and sender.wl2 <= ack)):
        if window > sender.window:
            if ack == sender.wl2 and not segment.payload:
                statistics.window_update_received += 1
            tcb.window_opened()
        sender.set_window(window, sequence, ack)
    return not (sender.fin_acknowledged and _fin_acknowledged(tcb))


def _is_duplicate_ack(tcb: Connection, segment: TcpSegment, ack: int, window: int) -> bool:
    """RFC 5681 2: outstanding data, no data, no FIN, the same ACK and the same window."""
    sender = tcb.sender
    return (
        ack == sender.una
        and sender.nxt > sender.una
        and not segment.payload
        and not segment.flags & TcpFlags.FIN
        and window == sender.window
    )


def _fin_acknowledged(tcb: Connection) -> bool:
    """Our FIN is acknowledged; True if this ends the connection."""
    if tcb.state not in FIN_SENT:
        if tcb.state is State.TIME_WAIT:
            tcb.timers[TimerKind.RETRANSMIT].stop()
        return False
    if tcb.state is State.LAST_ACK:
        tcb.delete(Trigger.ACK_OF_FIN)
        tcb.core.report(Closed(tcb.core.now, tcb))
        return True
    tcb.move(Trigger.ACK_OF_FIN)
    if tcb.state is State.FIN_WAIT_2:
        tcb.timers[TimerKind.GIVE_UP].start(tcb.core.now + tcb.config.finwait2)
        return False
    tcb.core.report(Closed(tcb.core.now, tcb))
    tcb.wait_time_wait()
    return False


def _text(tcb: Connection, sequence: int, segment: TcpSegment) -> None:
    """The seventh and eighth step: text, and the FIN after it."""
    statistics, receiver, size = tcb.core.statistics, tcb.receiver, len(segment.payload)
    fin = bool(segment.flags & TcpFlags.FIN)
    before, closed = receiver.nxt, receiver.window == 0
    had_gap = receiver.gap
    arrival = receiver.accept(sequence, segment.payload, fin)
    if size:
        tcb.counters.received_with_data += 1
        tcb.counters.received_bytes += size
    if arrival is Arrival.IN_ORDER:
        if size:
            statistics.in_sequence += 1
            statistics.in_sequence_bytes += size
        if size and sequence < before:
            statistics.partially_duplicate += 1
            statistics.partially_duplicate_bytes += before - sequence
    elif arrival is Arrival.OUT_OF_ORDER:
        tcb.counters.received_out_of_order += 1
        statistics.out_of_order += 1
        statistics.out_of_order_bytes += size
    elif arrival is Arrival.BEYOND_WINDOW:
        if closed:
            statistics.window_probe_received += 1
        else:
            statistics.after_window += 1
            statistics.after_window_bytes += size
    if receiver.nxt > before and receiver.readable and size:
        _report_data(tcb)
    if receiver.fin_reached:
        _fin(tcb)
    elif arrival is Arrival.IN_ORDER and not had_gap and not receiver.gap:
        tcb.unacknowledged_arrivals += 1
        hold = tcb.timers[TimerKind.ACK_HOLD]
        if tcb.unacknowledged_arrivals >= 2:
            tcb.acknowledge()
        elif hold.when is None:
            hold.start(tcb.core.now + tcb.config.ack_hold)
    else:
        # Out of order, or a gap is being filled: tell the sender at once (RFC 5681 4.2).
        tcb.acknowledge()


def _report_data(tcb: Connection) -> None:
    if not tcb.data_reported:
        tcb.data_reported = True
        tcb.core.report(DataReceived(tcb.core.now, tcb))


def _fin(tcb: Connection) -> None:
    tcb.move(Trigger.FIN)
    tcb.core.report(PeerClosed(tcb.core.now, tcb))
    tcb.acknowledge()
    if tcb.state is State.TIME_WAIT:
        tcb.core.report(Closed(tcb.core.now, tcb))
        tcb.wait_time_wait()
