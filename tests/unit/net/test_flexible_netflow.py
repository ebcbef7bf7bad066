"""Flexible NetFlow without a box: what makes a flow, why one is over, and the octets of both export protocols."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.net.netflow.fields import Value, exported
from iosemu.net.netflow.flexible import MonitorCache, Record, values
from iosemu.packets.flow_export import ipfix, version_9
from iosemu.packets.netflow import ExportClock

RECORD = Record(
    ("ipv4 destination address", "interface input"), ("counter bytes long", "transport tcp flags")
)
CLOCK = ExportClock(5000, 1_700_000_000)


def found(destination: str, port: int = 80) -> dict[str, Value]:
    return {
        "ipv4 destination address": IPv4Address(destination),
        "interface input": "FastEthernet0/0",
        "transport source-port": port,
    }


def test_a_record_says_what_a_flow_is() -> None:
    cache = MonitorCache(RECORD)
    for port in (80, 81, 82):
        cache.packet(found("10.0.0.1", port), 100, 0x02, 1.0)
    cache.packet(found("10.0.0.2"), 50, 0x10, 2.0)
    assert [(flow.packets, flow.octets, flow.tcp_flags) for flow in cache.flows.values()] == [
        (3, 300, 2),
        (1, 50, 16),
    ]
    first = next(iter(cache.flows.values()))
    assert values(first, RECORD.fields, 0.0) == [IPv4Address("10.0.0.1"), "FastEthernet0/0", 300, 2]


def test_why_flows_are_over() -> None:
    cache = MonitorCache(Record(("ipv4 destination address", "transport source-port")))
    cache.entries, cache.active, cache.inactive = 2, 60.0, 15.0
    cache.packet(found("10.0.0.1"), 100, 0, 0.0)
    cache.packet(found("10.0.0.2"), 100, 0x01, 1.0)
    cache.packet(found("10.0.0.3"), 100, 0, 2.0)
    assert cache.aged["emergency"] == 1, "the one that was idle the longest gave its place"
    cache.age(3.0)
    assert cache.aged["event"] == 1, "a TCP flow that was closed"
    for when in range(4, 70, 10):
        cache.packet(found("10.0.0.3"), 100, 0, float(when))
        cache.age(float(when))
    assert cache.aged["active"] == 1
    cache.age(200.0)
    assert not cache.flows
    assert sum(cache.aged.values()) == cache.added


def test_datagrams_of_both_protocols() -> None:
    record = b"".join(
        exported(field, value, {"FastEthernet0/0": 3})
        for field, value in zip(
            RECORD.fields, (IPv4Address("10.0.0.1"), "FastEthernet0/0", 2**33, 0x1B), strict=True
        )
    )
    assert record.hex() == "0a00000100000003" + "0000000200000000" + "1b"
    told = version_9(256, RECORD.template, [record, record], CLOCK, 7, 0, tells_template=True)
    assert told[:20].hex() == "0009" + "0003" + "00001388" + "6553f100" + "00000007" + "00000000"
    assert told[20:44].hex() == "00000018" + "01000004" + "000c0004" + "000a0004" + "00010008" + "00060001"
    assert told[44:48].hex() == "01000028", "34 octets of records, and two that make it whole"
    assert len(told) == 20 + 24 + 40
    told = ipfix(256, RECORD.template, [record], CLOCK, 7, 9, tells_template=False)
    assert told[:16].hex() == "000a" + "0028" + "6553f100" + "00000007" + "00000009"
    assert told[16:20].hex() == "01000018"
