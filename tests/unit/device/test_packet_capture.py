"""Embedded Packet Capture as it is typed on a 15.1 router."""

from __future__ import annotations

import re
import struct

import pytest

from iosemu.ip.config import IpSettings
from iosemu.lab.lab import Lab
from iosemu.subjects.packet_capture.service import PacketCapture


@pytest.fixture
def lab() -> Lab:
    lab = Lab.load("office", seed=1)
    lab.boot()
    return lab


def say(lab: Lab, *lines: str, device: str = "R1") -> str:
    session = lab.session(device, rows=0)
    assert session is not None
    session.start()
    session.output()
    lab.clock.watch(session)
    said = ""
    for line in lines:
        session.receive(line.encode() + b"\r")
        lab.run_until(lambda: not session.waiting, 600)
        said = session.output().decode().replace("\r\n", "\n").partition("\n")[2].rpartition("\n")[0]
    lab.clock.unwatch(session)
    session.disconnect()
    return said


def neighbour(lab: Lab) -> str:
    (name,) = [
        str(config.of(IpSettings).address.ip)
        for config in lab["R2"].config.interfaces.values()
        if config.of(IpSettings).address is not None
        and any(
            mine.of(IpSettings).address is not None
            and mine.of(IpSettings).address.network == config.of(IpSettings).address.network
            for mine in lab["R1"].config.interfaces.values()
        )
    ]
    return name


SET_UP = (
    "monitor capture buffer BUF size 100 max-size 200 circular",
    "monitor capture point ip cef POINT all both",
    "monitor capture point associate POINT BUF",
)


def test_captures_shows_and_exports_a_ping(lab: Lab) -> None:
    say(lab, *SET_UP, "monitor capture point start POINT")
    say(lab, f"ping {neighbour(lab)}")
    say(lab, "monitor capture point stop all")
    kept = lab["R1"].service(PacketCapture).buffers["BUF"].kept  # type: ignore[attr-defined]
    assert len(kept) >= 8
    rows = say(lab, "show monitor capture buffer BUF").splitlines()
    assert len(rows) == len(kept)
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d\.\d{3} UTC Jan 1 2024 : IPv4 LES CEF    : (None )?\S+( None)?", rows[0]
    )
    dump = say(lab, "show monitor capture buffer BUF dump").splitlines()
    assert dump[1] == ""
    assert re.fullmatch(r"65B7F500: ([0-9A-F]{8} ){3}[0-9A-F]{8}  .{16}", dump[2])
    say(lab, "monitor capture buffer BUF export flash:ping.pcap")
    data = lab["R1"].flash["ping.pcap"]
    magic, major, minor, _, _, _, link = struct.unpack_from("<IHHiIII", data)
    assert (magic, major, minor, link) == (0xA1B2C3D4, 2, 4, 1)
    seconds, _, caught, length = struct.unpack_from("<IIII", data, 24)
    assert seconds >= lab.origin.timestamp()
    assert 34 <= caught <= length
    say(lab, f"ping {neighbour(lab)}")
    assert len(lab["R1"].service(PacketCapture).buffers["BUF"].kept) == len(kept)  # type: ignore[attr-defined]


def test_parameters_and_points(lab: Lab) -> None:
    say(lab, *SET_UP)
    assert say(lab, "show monitor capture buffer BUF parameters").splitlines() == [
        "Capture buffer BUF (circular buffer)",
        "Buffer Size : 102400 bytes, Max Element Size : 200 bytes, Packets : 0",
        "Allow-nth-pak : 0, Duration : 0 (seconds), Max packets : 0, pps : 0",
        "Associated Capture Points:",
        "Name : POINT, Status : Inactive",
        "Configuration:",
        "monitor capture buffer BUF size 100 max-size 200 circular",
        "monitor capture point associate POINT BUF",
    ]
    say(lab, "monitor capture point start POINT")
    assert "Status : Active" in say(lab, "show monitor capture point all")
    log = [f"{each.mnemonic} {each.text}" for each in lab["R1"].syslog.since(0) if each.facility == "BUFCAP"]
    assert log == ["CREATE Capture Point POINT created.", "ENABLE Capture Point POINT enabled."]


def test_limits_and_filters(lab: Lab) -> None:
    target = neighbour(lab)
    say(lab, *SET_UP, "monitor capture buffer BUF limit packet-count 3", "monitor capture point start POINT")
    say(lab, f"ping {target}")
    buffer = lab["R1"].service(PacketCapture).buffers["BUF"]  # type: ignore[attr-defined]
    assert len(buffer.kept) == 3
    say(lab, "monitor capture buffer BUF clear")
    assert len(buffer.kept) == 0
    say(lab, "configure terminal", f"access-list 150 permit icmp any host {target}", "end")
    assert say(lab, "monitor capture buffer BUF filter access-list 150") == "Filter Association succeeded"
    say(lab, f"ping {target}")
    assert {packet.direction.value for packet in buffer.kept} == {"out"}


def test_process_switched_sees_only_the_router_itself(lab: Lab) -> None:
    say(
        lab,
        "monitor capture buffer OWN",
        "monitor capture point ip process-switched US from-us",
        "monitor capture point associate US OWN",
        "monitor capture point start US",
    )
    say(lab, f"ping {neighbour(lab)}")
    kept = lab["R1"].service(PacketCapture).buffers["OWN"].kept  # type: ignore[attr-defined]
    assert len(kept) >= 4
    assert {packet.direction.value for packet in kept} == {"out"}
    assert {len(packet.data) for packet in kept} == {68}


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("monitor capture buffer NONE clear", "Capture Buffer NONE does not exist"),
        ("monitor capture point start NONE", "Capture Point NONE does not exist"),
        ("monitor capture point associate POINT NONE", "Capture Buffer NONE does not exist"),
        ("monitor capture point ip cef POINT all in", "Capture Point POINT already exists"),
        ("monitor capture buffer BUF filter access-list 199", "Access list 199 does not exist"),
        ("show monitor capture buffer NONE", "Capture Buffer NONE does not exist"),
    ],
)
def test_refusals(lab: Lab, line: str, answer: str) -> None:
    assert say(lab, *SET_UP, line) == answer


def test_an_active_point_is_not_rebound_and_a_used_buffer_stays(lab: Lab) -> None:
    assert say(lab, "monitor capture point ip cef P all in", "monitor capture point start P") == (
        "Capture Point P is not associated with a capture buffer"
    )
    say(lab, *SET_UP, "monitor capture point start POINT")
    assert "is active" in say(lab, "monitor capture point disassociate POINT")
    assert "in use" in say(lab, "no monitor capture buffer BUF")
    say(lab, "no monitor capture point ip cef POINT all", "no monitor capture buffer BUF")
    assert lab["R1"].service(PacketCapture).buffers == {}  # type: ignore[attr-defined]
    assert not any(port.taps for port in lab["R1"].ports.values())


def test_points_end_with_the_power(lab: Lab) -> None:
    say(lab, *SET_UP, "monitor capture point start POINT")
    lab.stop("R1")
    assert not any(port.taps for port in lab["R1"].ports.values())
