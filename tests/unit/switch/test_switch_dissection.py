"""tshark reads every frame that switches send as the protocol it claims to be, and finds nothing wrong."""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from switch_lab import Bench, reaches

COMMON = "vlan 10\nlldp run\ninterface gi0/1\n switchport mode trunk\n switchport trunk native vlan 10\n"


def record() -> list[bytes]:
    """A minute and more of two switches, a router and PCs with everything on."""
    bench = Bench()
    left = bench.switch(
        "L",
        COMMON + "vtp domain LAB\nspanning-tree mode rapid-pvst\ninterface range fa0/1 - 2\n"
        " channel-group 1 mode active\ninterface fa0/7\n spanning-tree portfast\n"
        "monitor session 1 source interface gi0/1\n"
        "monitor session 1 destination interface fa0/24 encapsulation replicate",
    )
    right = bench.switch("R", COMMON + "interface range fa0/1 - 2\n channel-group 1 mode passive")
    router = bench.router("G", "lldp run\ninterface fa0/0\n ip address 10.0.0.9 255.255.255.0")
    pc = bench.pc("A", "10.0.0.1/24")
    for port in ("Gi0/1", "Fa0/1", "Fa0/2"):
        bench.cable(left, port, right, port)
    bench.cable(left, "Fa0/5", router, "Fa0/0")
    bench.cable(left, "Fa0/7", pc)
    bench.cable(right, "Fa0/7", bench.pc("B", "10.0.0.2/24"))
    bench.cable(left, "Fa0/24", bench.pc("W", "10.1.0.1/24"))
    frames: list[bytes] = []
    for device in (left, right, router):
        for port in device.ports.values():
            port.taps.append(lambda _direction, frame: frames.append(frame))
    bench.run(70)
    assert reaches(bench, pc, "10.0.0.2")
    return frames


def test_tshark_finds_nothing_wrong(tmp_path: Path) -> None:
    tshark = shutil.which("tshark")
    if tshark is None:
        pytest.fail("tshark is needed")
    path = tmp_path / "frames.pcap"
    head = struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    records = [struct.pack("<IIII", at, 0, len(each), len(each)) + each for at, each in enumerate(record())]
    path.write_bytes(head + b"".join(records))

    def run(*options: str) -> list[str]:
        command = [tshark, "-r", str(path), *options]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()

    protocols = Counter(run("-T", "fields", "-e", "_ws.col.Protocol"))
    assert set(protocols) == {"ARP", "CDP", "DTP", "ICMP", "LACP", "LLDP", "LOOP", "STP", "VTP"}
    assert run("-Y", "_ws.malformed || _ws.expert.severity >= 4194304") == []
