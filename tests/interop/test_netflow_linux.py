"""NetFlow to nfcapd, the collector of nfdump, by version 5 and version 9; tshark reads the same datagrams."""

from __future__ import annotations

import subprocess
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from namespace_lab import beside, lacking, typed, until

from iosemu.ip.stack import IpStack
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.udp import UdpDatagram

REASON = lacking("nfcapd", "nfdump", "tshark", "ss", "ip", "ping")
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)
COLLECTOR, HOST = IPv4Address("192.168.7.2"), IPv4Address("192.168.8.10")
CONFIG = """interface FastEthernet0/1
 ip address 192.168.8.1 255.255.255.0
 ip flow ingress
 no shutdown
ip flow-cache timeout inactive 10
ip flow-export source FastEthernet0/0
ip flow-export destination 192.168.7.2 9995"""


FLEXIBLE = """flow record ALL
 match ipv4 source address
 match ipv4 destination address
 match ipv4 protocol
 match ipv4 tos
 match transport source-port
 match transport destination-port
 collect interface input
 collect counter bytes
 collect counter packets long
 collect timestamp sys-uptime first
 collect timestamp sys-uptime last
flow exporter COLLECTOR
 destination 192.168.7.2
 source FastEthernet0/0
 transport udp 9995
 export-protocol {protocol}
flow monitor WATCH
 record ALL
 exporter COLLECTOR
 cache timeout inactive 10
interface FastEthernet0/1
 ip address 192.168.8.1 255.255.255.0
 ip flow monitor WATCH input
 no shutdown"""


def dumped(directory: Path, pattern: str) -> list[list[str]]:
    """Flows that nfdump finds in what nfcapd wrote: times aside, as it prints them."""
    done = subprocess.run(
        ("nfdump", "-R", str(directory), "-q", "-N", "-o", f"fmt:{pattern}"),
        capture_output=True,
        text=True,
        check=False,
    )
    return [[cell.strip() for cell in line.split("|")] for line in done.stdout.splitlines() if "|" in line]


@pytest.mark.parametrize("version", [5, 9, "netflow-v9", "ipfix"])
async def test_nfcapd(tmp_path: Path, version: int | str) -> None:
    """Versions 5 and 9 of the cache that all interfaces share, and what a monitor exports."""
    flows = tmp_path / "flows"
    flows.mkdir()
    flexible = isinstance(version, str)
    config = FLEXIBLE.format(protocol=version) if flexible else f"{CONFIG}\nip flow-export version {version}"
    async with beside(tmp_path, f"ionf{str(version)[-2:]}", config) as (lab, namespace, _serving):
        namespace.start("nfcapd", "-w", str(flows), "-p", "9995", "-t", "2", log=tmp_path / "said")
        await until(lambda: namespace.listens(9995))
        namespace.start(
            "tshark", "-i", namespace.name, "-d", "udp.port==9995,cflow", "-w", str(tmp_path / "taken.pcapng"),
            "-f", "udp port 9995", log=tmp_path / "captured",
        )  # fmt: skip
        await until(lambda: "Capturing" in (tmp_path / "captured").read_text())
        host, session = lab["PC1"], lab.session("PC1", privilege=15)
        assert session is not None
        session.run("ipconfig 192.168.8.10 255.255.255.0 192.168.8.1")
        namespace.run("ip", "route", "add", "192.168.8.0/24", "via", "192.168.7.1")
        assert "bytes from 192.168.8.10" in await namespace.ask("ping", "-c", "5", "192.168.8.10")
        stack = host.service(IpStack)
        lab.clock.catch_up()
        for number in range(5):
            data = UdpDatagram(4000, 7000, b"x" * 100).to_bytes(HOST, COLLECTOR)
            stack.send(IPv4Packet(HOST, COLLECTOR, Protocol.UDP, data, 64, tos=0xB8))
            if number < 2:
                data = UdpDatagram(4001, 53, b"y" * 200).to_bytes(HOST, COLLECTOR)
                stack.send(IPv4Packet(HOST, COLLECTOR, Protocol.UDP, data, 64))
        lab.clock.poke()
        pattern = "%sa|%da|%pr|%sp|%dp|%pkt|%byt|%tos"
        wanted = [
            ["192.168.8.10", "192.168.7.2", "17", "4000", "7000", "5", "640", "184"],
            ["192.168.8.10", "192.168.7.2", "17", "4001", "53", "2", "456", "0"],
        ]

        def told() -> list[list[str]]:
            return sorted(row for row in dumped(flows, pattern) if row[2] == "17")

        await until(lambda: len(told()) >= 2)
        assert told() == wanted
        if flexible:
            assert "Client: Flow Monitor WATCH" in typed(lab, "show flow exporter COLLECTOR statistics")
            return
        shown = typed(lab, "show ip flow export")
        assert f"Flow export v{version} is enabled" in shown
        assert "0 flows failed" in shown

        def decoded() -> str:
            return subprocess.run(
                ("tshark", "-r", str(tmp_path / "taken.pcapng"), "-d", "udp.port==9995,cflow", "-V", "-Y", "cflow"),
                capture_output=True, text=True, check=False,
            ).stdout  # fmt: skip

        await until(lambda: "DstPort: 7000" in decoded())
        text = decoded()
        assert f"Version: {version}" in text
        assert "SrcAddr: 192.168.8.10" in text
        assert "Packets: 5" in text
        assert "Octets: 640" in text
        assert "SrcMask: 24" in text
        assert "DstMask: 24" in text
        assert "Malformed" not in text
