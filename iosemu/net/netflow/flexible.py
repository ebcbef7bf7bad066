"""A monitor of Flexible NetFlow: a cache whose flows are those that a record makes of packets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from iosemu.net.netflow.aging import AgingCache
from iosemu.net.netflow.cache import FIN_OR_RST
from iosemu.net.netflow.fields import FIELDS, Field, Value

Key = tuple[Value, ...]


@dataclass(eq=False, slots=True)
class MonitoredFlow:
    """A flow: lab seconds of its first and last packet, what it is known by, and what was collected."""

    key: Key
    first: float
    last: float
    found: Mapping[str, Value]
    """What its first packet had of the fields that are no counters."""
    packets: int = 0
    octets: int = 0
    tcp_flags: int = 0


@dataclass(frozen=True)
class Record:
    """What makes a flow, and what is kept of it; names as they are typed."""

    match: tuple[str, ...] = ()
    collect: tuple[str, ...] = ()

    @property
    def fields(self) -> list[Field]:
        """All fields, those that are matched first; what is matched and collected stands once."""
        return [FIELDS[name] for name in dict.fromkeys((*self.match, *self.collect))]

    @property
    def template(self) -> tuple[tuple[int, int], ...]:
        """As it is exported."""
        return tuple((each.element, each.octets) for each in self.fields)


KEYS = (
    "ipv4 tos",
    "ipv4 protocol",
    "ipv4 source address",
    "ipv4 destination address",
    "transport source-port",
    "transport destination-port",
)
KEPT = (
    "routing next-hop address ipv4",
    "transport tcp flags",
    "counter bytes",
    "counter packets",
    "timestamp sys-uptime first",
    "timestamp sys-uptime last",
)
PREDEFINED = {
    "netflow-original": Record((*KEYS, "interface input"), ("interface output", *KEPT)),
    "netflow ipv4 original-input": Record((*KEYS, "interface input"), ("interface output", *KEPT)),
    "netflow ipv4 original-output": Record((*KEYS, "interface output"), ("interface input", *KEPT)),
}
"""Records that nobody has to make."""


class MonitorCache(AgingCache[Key, MonitoredFlow]):
    """The flows of one monitor."""

    def __init__(self, record: Record) -> None:
        super().__init__()
        self.record = record
        self.high = 0
        """The most flows there were at a time."""
        self.aged = {"active": 0, "inactive": 0, "event": 0, "emergency": 0}

    def packet(self, found: Mapping[str, Value], octets: int, tcp_flags: int, now: float) -> None:
        """Count a packet of which these values were found."""
        key = tuple(found[name] for name in self.record.match)
        flow = self.flows.get(key)
        if flow is None:
            if len(self.flows) >= self.entries:
                self.aged["emergency"] += 1
            flow = MonitoredFlow(key, now, now, found)
            self._begin(key, flow, now)
            self.high = max(self.high, len(self.flows))
        else:
            self.flows.move_to_end(key)
        flow.last = now
        flow.packets += 1
        flow.octets += octets
        flow.tcp_flags |= tcp_flags
        if tcp_flags & FIN_OR_RST and "transport source-port" in self.record.match:
            self._ended[key] = flow

    def age(self, now: float) -> None:
        """Take out the flows that are over, and count why."""
        before = len(self._over)
        super().age(now)
        for flow in self._over[before:]:
            if flow.last + self.inactive <= now:
                self.aged["inactive"] += 1
            elif flow.first + self.active <= now:
                self.aged["active"] += 1
            else:
                self.aged["event"] += 1

    def clear(self) -> None:
        """Count from zero."""
        self.added, self.high = len(self.flows), len(self.flows)
        self.aged = dict.fromkeys(self.aged, 0)


def values(flow: MonitoredFlow, fields: Iterable[Field], booted: float) -> list[Value]:
    """The values of some fields of a flow."""
    counted: dict[str, Value] = {
        "counter bytes": flow.octets,
        "counter bytes long": flow.octets,
        "counter packets": flow.packets,
        "counter packets long": flow.packets,
        "transport tcp flags": flow.tcp_flags,
        "timestamp sys-uptime first": int((flow.first - booted) * 1000),
        "timestamp sys-uptime last": int((flow.last - booted) * 1000),
    }
    return [counted[each.name] if each.name in counted else flow.found[each.name] for each in fields]
