"""`show tcp`: connections, their timers and numbers, and what was counted."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.ip.stack import IpStack
from iosemu.ip.tcp import Tcp
from iosemu.tcp import Connection, Endpoint
from iosemu.tcp.timers import TimerKind

_FIRST_BLOCK = 0x64A2_0000
_BLOCK = 0x4E8
_LISTENER_BLOCK = 0x6500_0000
_OTHER_TIMERS = ("PmtuAger", "DeadWait", "Linger", "ProcessQ")
_TIMERS = (
    TimerKind.RETRANSMIT,
    TimerKind.TIME_WAIT,
    TimerKind.ACK_HOLD,
    TimerKind.SEND_WINDOW,
    TimerKind.KEEPALIVE,
    TimerKind.GIVE_UP,
)


def _block(number: int, listens: bool = False) -> str:
    """Where the control block is said to lie: each has a place of its own."""
    return f"{(_LISTENER_BLOCK if listens else _FIRST_BLOCK) + number * _BLOCK:08X}"


def _end(end: Endpoint) -> str:
    return f"{end.address}.{end.port}"


def show_tcp_brief(context: Context, all: bool = False, numeric: bool = False) -> Iterator[str]:  # noqa: A002 - the keyword
    """`show tcp brief [all] [numeric]`."""
    engines = context.device.service(Tcp).engines()
    rows = [row for name, engine in engines for row in engine.rows(listeners=all and not name)]
    if rows:
        yield f"{'TCB':10}{'Local Address':24}{'Foreign Address':23}(state)"
    for row in rows:
        anywhere = "0.0.0.0" if numeric else "*"  # noqa: S104 - as it is shown
        local = _end(row.local) if row.local is not None else f"{anywhere}.{row.port}"
        remote = _end(row.remote) if row.remote is not None else f"{anywhere}.{'0' if numeric else '*'}"
        block = _block(row.number, row.remote is None)
        yield f"{block:10}{local:23} {remote:22} {row.state.value}"


def show_tcp_statistics(context: Context) -> Iterator[str]:
    """`show tcp statistics`."""
    s = context.device.service(Tcp).engine.statistics
    yield f"Rcvd: {s.received} Total, {s.no_port} no port"
    yield f"      {s.checksum_error} checksum error, {s.bad_offset} bad offset, {s.too_short} too short"
    yield f"      {s.in_sequence} packets ({s.in_sequence_bytes} bytes) in sequence"
    yield f"      {s.duplicate} dup packets ({s.duplicate_bytes} bytes)"
    yield f"      {s.partially_duplicate} partially dup packets ({s.partially_duplicate_bytes} bytes)"
    yield f"      {s.out_of_order} out-of-order packets ({s.out_of_order_bytes} bytes)"
    yield f"      {s.after_window} packets ({s.after_window_bytes} bytes) with data after window"
    yield f"      {s.after_close} packets after close"
    yield (
        f"      {s.window_probe_received} window probe packets, "
        f"{s.window_update_received} window update packets"
    )
    yield f"      {s.duplicate_ack} dup ack packets, {s.ack_of_unsent} ack packets with unsend data"
    yield f"      {s.ack_received} ack packets ({s.ack_received_bytes} bytes)"
    yield f"Sent: {s.sent} Total, {s.urgent_sent} urgent packets"
    yield f"      {s.control} control packets (including {s.control_retransmitted} retransmitted)"
    yield f"      {s.data} data packets ({s.data_bytes} bytes)"
    yield f"      {s.data_retransmitted} data packets ({s.data_retransmitted_bytes} bytes) retransmitted"
    yield f"      {s.fast_retransmitted} data packets fastretransmitted"
    yield f"      {s.ack_only} ack only packets ({s.ack_delayed} delayed)"
    yield f"      {s.window_probe_sent} window probe packets, {s.window_update_sent} window update packets"
    yield (
        f"{s.initiated} Connections initiated, {s.accepted} connections accepted, "
        f"{s.established} connections established"
    )
    yield (
        f"{s.closed} Connections closed (including {s.dropped} dropped, "
        f"{s.embryonic_dropped} embryonic dropped)"
    )
    yield (
        f"{s.retransmit_timeout} Total rxmt timeout, "
        f"{s.dropped_in_retransmit} connections dropped in rxmt timeout"
    )
    yield (
        f"{s.keepalive_timeout} Keepalive timeout, {s.keepalive_probe} keepalive probe, "
        f"{s.dropped_in_keepalive} Connections dropped in keepalive"
    )


def show_tcb(context: Context, block: str) -> Iterator[str]:
    """`show tcp tcb ADDRESS`: the connection whose control block lies there."""
    wanted = f"{int(block, 16):08X}"
    for _name, engine in context.device.service(Tcp).engines():
        known = {(row.local, row.remote) for row in engine.rows() if _block(row.number) == wanted}
        for connection in engine.connections():
            if (connection.local, connection.remote) in known:
                yield from _one(context.device, connection)
                return
    raise CommandError(f"%TCB {wanted} not found")


def show_tcp(context: Context) -> Iterator[str]:
    """`show tcp`: every connection in full."""
    tcp = context.device.service(Tcp)
    for connection in [each for _name, engine in tcp.engines() for each in engine.connections()]:
        yield from _one(context.device, connection)


def _one(device: Device, connection: Connection) -> Iterator[str]:
    yield ""
    yield f"Stand-alone TCP connection {'from' if connection.passive else 'to'} host {connection.remote.address}"
    yield from connection_lines(device, connection)


def _table(device: Device, connection: Connection) -> int:
    """The number of the routing instance that a connection is in."""
    stack = device.service(IpStack)
    vrf = stack.find_vrf(device.service(Tcp).vrf_of(connection))
    return vrf.number if vrf is not None else 0


def connection_lines(device: Device, connection: Connection) -> Iterator[str]:
    """One connection, as `show tcp` and `show ip bgp neighbors` print it."""
    view, config = connection.view(), connection.config
    yield f"Connection state is {view.state.value}, I/O status: 1, unread input bytes: {view.unread}"
    yield (
        f"Connection is ECN Disabled, Mininum incoming TTL {config.minimum_ttl}, Outgoing TTL {config.ttl}"
    )
    yield f"Local host: {view.local.address}, Local port: {view.local.port}"
    yield f"Foreign host: {view.remote.address}, Foreign port: {view.remote.port}"
    yield f"Connection tableid (VRF): {_table(device, connection)}"
    yield ""
    yield (
        f"Enqueued packets for retransmit: {-(-view.unacknowledged // view.send_mss)}, input: 0  "
        "mis-ordered: 0 (0 bytes)"
    )
    yield ""
    yield f"Event Timers (current time is 0x{int(device.now * 1000):X}):"
    yield "Timer          Starts    Wakeups            Next"
    for kind in _TIMERS:
        timer = view.timers[kind]
        due = f"0x{int(timer.next * 1000):X}" if timer.next is not None else "0x0"
        yield f"{kind.value:<12}{timer.starts:9}{timer.wakeups:11}{due:>16}"
    for name in _OTHER_TIMERS:
        yield f"{name:<12}{0:9}{0:11}{'0x0':>16}"
    yield ""
    yield f"iss: {view.iss:>10}  snduna: {view.send_unacknowledged:>10}  sndnxt: {view.send_next:>10}"
    yield f"irs: {view.irs:>10}  rcvnxt: {view.receive_next:>10}"
    yield ""
    yield f"sndwnd: {view.send_window:>6}  scale: {connection.sender.window_shift:>6}  maxrcvwnd: {config.window:>6}"
    yield (
        f"rcvwnd: {view.receive_window:>6}  scale: {connection.receiver.window_shift:>6}  "
        f"delrcvwnd: {view.delayed_receive_window:>6}"
    )
    yield ""
    yield (f"SRTT: {_ms(view.srtt)} ms, RTTO: {_ms(view.rto)} ms, RTV: {_ms(view.rttvar)} ms, KRTT: 0 ms")
    yield (
        f"minRTT: {_ms(view.min_rtt)} ms, maxRTT: {_ms(view.max_rtt)} ms, ACK hold: {_ms(config.ack_hold)} ms"
    )
    yield f"Status Flags: {'passive open, gen tcbs' if view.passive else 'active open'}"
    options = ("nagle",) * config.nagle + ("path mtu capable",) * config.path_mtu_discovery
    yield f"Option Flags: {', '.join(options) or 'none'}"
    yield f"IP Precedence value : {config.tos >> 5}"
    yield ""
    counters = connection.counters
    yield f"Datagrams (max data segment is {view.send_mss} bytes):"
    yield (
        f"Rcvd: {counters.received} (out of order: {counters.received_out_of_order}), "
        f"with data: {counters.received_with_data}, total data bytes: {counters.received_bytes}"
    )
    yield (
        f"Sent: {counters.sent} (retransmit: {counters.retransmitted}, fastretransmit: "
        f"{counters.fast_retransmitted}, partialack: 0, Second Congestion: 0), "
        f"with data: {counters.sent_with_data}, total data bytes: {counters.sent_bytes}"
    )


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
