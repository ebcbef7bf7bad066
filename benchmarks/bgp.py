"""`python -m benchmarks.bgp`: a router takes N, 2N and 4N prefixes from a peer over TCP, and they are withdrawn.

CPU seconds of everything (both ends of TCP, cable, engine, routing table) and memory of the process; the peer is only
octets that were made beforehand.
"""

from __future__ import annotations

import gc
import resource
import sys
import tempfile
import time
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from rich.console import Console
from rich.table import Table

from iosemu.ip.tcp import Tcp
from iosemu.lab.lab import Lab
from iosemu.routing.bgp import Attributes, Keepalive, Open, Origin, SegmentKind
from iosemu.routing.bgp.outbound import updates
from iosemu.subjects.bgp.service.bgp import Bgp
from iosemu.tcp import Closed, ConnectionEvent, DataReceived, PeerClosed, TcpConfig

LAB = """name: bgp
nodes:
  R1: {model: c2811, config: R1.cfg}
  R2: {model: c2811, config: R2.cfg}
links:
  - endpoints: ["R1:Fa0/0", "R2:Fa0/0"]
"""
CONFIG = "interface FastEthernet0/0\n ip address 10.0.0.{number} 255.255.255.0\n no shutdown\n"
SPEAKER = "router bgp 65001\n neighbor 10.0.0.2 remote-as 65002\n neighbor 10.0.0.2 timers 0 0\n"
PATHS = 100


def _memory() -> float:
    """MB that the process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


class Octets:
    """A peer that sends what was made beforehand."""

    def __init__(self, lab: Lab) -> None:
        self.device = lab.devices["R2"]
        self.tcp = self.device.service(Tcp)
        self.waiting = bytearray()
        self.connection = self.tcp.connect(
            IPv4Address("10.0.0.1"), 179, self._tell, config=TcpConfig(window=16384, send_buffer=65535, ttl=1)
        )

    def _tell(self, event: ConnectionEvent) -> None:
        if isinstance(event, DataReceived):
            event.connection.read(self.device.now)
        if not isinstance(event, Closed | PeerClosed):
            self._push()

    def _push(self) -> None:
        while self.waiting and (taken := self.connection.send(bytes(self.waiting[:65535]), self.device.now)):
            del self.waiting[:taken]

    def send(self, data: bytes) -> None:
        self.waiting += data
        self._push()
        self.tcp.run()


def measured(count: int) -> tuple[float, float, float]:
    """CPU seconds to take `count` prefixes and to withdraw them, and MB that they take."""
    networks = [IPv4Network(((1 << 24) + (number << 8), 24)) for number in range(count)]
    told: dict[Attributes, list[IPv4Network]] = {}
    for number, network in enumerate(networks):
        path = ((SegmentKind.SEQUENCE, (65002, 100 + number % PATHS)),)
        told.setdefault(Attributes(Origin.IGP, path, IPv4Address("10.0.0.2")), []).append(network)
    come = b"".join(each.to_bytes() for each in updates((), told, False))
    gone = b"".join(each.to_bytes() for each in updates(networks, {}, False))
    with tempfile.TemporaryDirectory() as directory:
        for number, more in ((1, SPEAKER), (2, "")):
            Path(directory, f"R{number}.cfg").write_text(CONFIG.format(number=number) + more)
        Path(directory, "lab.yaml").write_text(LAB)
        lab = Lab.load(Path(directory, "lab.yaml"), time="manual")
        lab.boot()
        lab.scheduler.run_until(lab.scheduler.now + 5)
        speaker = lab.devices["R1"].service(Bgp).speaker
        assert speaker is not None
        peer = Octets(lab)
        peer.send(Open(65002, 0, IPv4Address("2.2.2.2")).to_bytes() + Keepalive().to_bytes())
        lab.scheduler.run_until(lab.scheduler.now + 5)
        del told
        gc.collect()
        memory, start = _memory(), time.process_time()
        peer.send(come)
        while len(speaker.table) < count:
            lab.scheduler.run_until(lab.scheduler.now + 1)
        lab.scheduler.run_until(lab.scheduler.now + 10)
        taken = time.process_time()
        used = _memory() - memory
        peer.send(gone)
        while speaker.table:
            lab.scheduler.run_until(lab.scheduler.now + 1)
        return taken - start, time.process_time() - taken, used


def main() -> None:
    first = int(sys.argv[1]) if len(sys.argv) > 1 else 25_000
    table = Table("prefixes", "take s", "growth", "withdraw s", "growth", "MB")
    before: tuple[float, float] | None = None
    for size in (first, 2 * first, 4 * first):
        take, withdraw, used = measured(size)
        growth = (f"{take / before[0]:.1f}", f"{withdraw / before[1]:.1f}") if before else ("", "")
        table.add_row(str(size), f"{take:.2f}", growth[0], f"{withdraw:.2f}", growth[1], f"{used:.0f}")
        before = take, withdraw
    Console().print(table)


if __name__ == "__main__":
    main()
