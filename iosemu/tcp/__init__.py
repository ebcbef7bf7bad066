"""TCP (RFC 9293) as a sans-IO engine for the simulated network.

A `Stack` is one device's TCP. Segments and lab time go in, segments and events come out; it knows no socket and
no clock. What is where:

* `states` the table of figure 5, `arrival` SEGMENT ARRIVES (3.10.7), `connection` the user's calls
* `sender`, `receiver` the two halves, `congestion` RFC 5681 and 6582, `timers` RFC 6298
* `options`, `wire` bytes, MD5 signatures (RFC 2385) and the clamp of `ip tcp adjust-mss`
* `tcb` what a connection sends and its timers do, `stack` ports and demultiplexing
"""

from iosemu.tcp.config import Keepalive, TcpConfig
from iosemu.tcp.connection import Connection, ConnectionClosed, ConnectionView
from iosemu.tcp.core import OutgoingSegment
from iosemu.tcp.counters import ConnectionCounters, Statistics
from iosemu.tcp.events import (
    BadAuthentication,
    Closed,
    Connected,
    ConnectionEvent,
    DataReceived,
    Drained,
    Event,
    PeerClosed,
    Refused,
    Reset,
    TimedOut,
    Unreachable,
    Writable,
)
from iosemu.tcp.options import TcpOptions, clamp_mss
from iosemu.tcp.stack import Listener, Numbers, PortInUse, Stack, TcbRow
from iosemu.tcp.states import State
from iosemu.tcp.timers import TimerKind
from iosemu.tcp.wire import Address, Endpoint, Md5Fault

__all__ = [
    "Address", "BadAuthentication", "Closed", "Connected", "Connection", "ConnectionClosed", "ConnectionCounters",
    "ConnectionEvent", "ConnectionView", "DataReceived", "Drained", "Endpoint", "Event", "Keepalive", "Listener",
    "Md5Fault", "Numbers", "OutgoingSegment", "PeerClosed", "PortInUse", "Refused", "Reset", "Stack", "State",
    "Statistics", "TcbRow", "TcpConfig", "TcpOptions", "TimedOut", "TimerKind", "Unreachable", "Writable", "clamp_mss",
]  # fmt: skip
