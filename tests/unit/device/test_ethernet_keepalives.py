"""The keepalives of Ethernet ports."""

from __future__ import annotations

import pytest

from iosemu.lab.capture import Capture
from iosemu.lab.lab import Lab
from iosemu.packets.pcapng import PcapngPacket, read_pcapng
from iosemu.shell.loader import load


def keepalives(lab: Lab, port: str, seconds: float) -> list[PcapngPacket]:
    capture = Capture(lab, port)
    lab.advance(seconds)
    capture.close()
    frames = [each for each in read_pcapng(capture.read()) if isinstance(each, PcapngPacket)]
    return [each for each in frames if each.data[12:14] == b"\x90\x00"]


@pytest.fixture
def lab() -> Lab:
    lab = Lab.load("tests/scenarios/nat-traversal/lab.yaml", seed=3)
    lab.boot()
    lab.advance(30)
    return lab


def test_a_port_sends_to_itself_every_ten_seconds(lab: Lab) -> None:
    sent = keepalives(lab, "R-A:Fa0/1", 100)
    mac = bytes(lab.devices["R-A"].interfaces["FastEthernet0/1"].mac)
    assert len(sent) == 10
    assert {each.data for each in sent} == {mac + mac + b"\x90\x00" + b"\0\0\1\0\0\0" + bytes(40)}


@pytest.mark.parametrize(
    ("line", "count"), [("no keepalive", 0), ("keepalive 0", 0), ("keepalive 5", 20), ("shutdown", 0)]
)
def test_keepalive_says_how_often(lab: Lab, line: str, count: int) -> None:
    assert load(lab.devices["R-A"], lab.grammar, f"interface FastEthernet0/1\n {line}\n") == []
    lab.advance(5)
    assert len(keepalives(lab, "R-A:Fa0/1", 100)) == count


def test_a_host_sends_none(lab: Lab) -> None:
    mac = bytes(lab.devices["PC-A"].interfaces["FastEthernet0"].mac)
    assert not [each for each in keepalives(lab, "PC-A:Fa0", 30) if each.data[6:12] == mac]
