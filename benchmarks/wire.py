"""`python -m benchmarks.wire`: frames through a switch, pings through the tunnel, idle switches, captures."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from iosemu.kinds.factory import create_device
from iosemu.lab.capture import Capture
from iosemu.lab.lab import Lab
from iosemu.lab.resources import grammar, image, model
from iosemu.net.link import Direction, Link, Port
from iosemu.net.scheduler import Scheduler
from iosemu.packets.addresses import MacAddress
from iosemu.packets.dissect import dissect
from iosemu.packets.ethernet import EthernetFrame, EtherType
from iosemu.shell.loader import load

FRAMES, PINGS, SWITCHES, IDLE = 20_000, 500, 100, 600.0


def spent(action: Callable[[], object]) -> float:
    """CPU seconds that an action takes."""
    begun = time.process_time()
    action()
    return time.process_time() - begun


def repeat(action: Callable[[], object]) -> None:
    """FRAMES times."""
    for _ in range(FRAMES):
        action()


def through_a_switch(*configuration: str) -> float:
    """Frames a second from one port of a 2960 to another."""
    scheduler = Scheduler()
    switch = create_device(
        "SW",
        model("catalyst-2960-24tt"),
        image("15.1"),
        scheduler,
        random.Random(1),
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    switch.boot()
    load(switch, grammar(), "\n".join(configuration))
    hosts = [Port(f"H{number}") for number in (1, 2, 3)]
    for number, host in enumerate(hosts, 1):
        host.enabled = True
        Link(scheduler, host, switch.ports[f"FastEthernet0/{number}"])
    scheduler.run_until(60.0)
    macs = [MacAddress.from_int(0x020000000000 + number) for number in (1, 2)]
    arrived = [0]

    def count(_: bytes) -> None:
        arrived[0] += 1

    hosts[1].receiver = count
    there = EthernetFrame(macs[1], macs[0], EtherType.IPV4, bytes(64)).to_bytes()
    back = EthernetFrame(macs[0], macs[1], EtherType.IPV4, bytes(64)).to_bytes()
    hosts[1].send(back)
    scheduler.run_until(scheduler.now + 1)

    def run() -> None:
        for _ in range(FRAMES):
            hosts[0].send(there)
            scheduler.run_until(scheduler.now + 1e-5)

    took = spent(run)
    assert arrived[0] >= FRAMES - 1
    return FRAMES / took


def pings() -> float:
    """Pings a second from PC-A to SV-B through the tunnel of ipsec-vpn."""
    lab = Lab.load("ipsec-vpn", seed=1)
    lab.boot()

    def ping(count: int) -> str:
        session = lab.session("PC-A", rows=0)
        assert session is not None
        session.run(f"ping -n {count} 192.168.2.1")
        lab.clock.watch(session)
        lab.run_until(lambda: not session.waiting, 10_000)
        lab.clock.unwatch(session)
        return session.output().decode()

    ping(4)
    took = spent(lambda: ping(PINGS))
    return PINGS / took


def idle_switches() -> tuple[float, float]:
    """Percent of a core that a chain of switches needs in real time, and the CPU seconds to boot it."""
    nodes = "\n".join(f"  S{number}: {{model: catalyst-2960-24tt}}" for number in range(SWITCHES))
    cables = "\n".join(
        f'  - endpoints: ["S{number}:Gi0/1", "S{number + 1}:Gi0/2"]' for number in range(SWITCHES - 1)
    )
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "lab.yaml")
        path.write_text(f"name: chain\nnodes:\n{nodes}\nlinks:\n{cables}\n")
        lab = Lab.load(path, seed=1)
    boot = spent(lab.boot)
    return spent(lambda: lab.advance(IDLE)) / IDLE * 100, boot


def idle_hour() -> float:
    """CPU seconds for an hour of ipsec-vpn in which nobody does anything."""
    lab = Lab.load("ipsec-vpn", seed=1)
    lab.boot()
    return spent(lambda: lab.advance(3600))


def captures() -> tuple[float, float, float]:
    """Frames a second into a pcapng stream, through a filter, and taken apart."""
    lab = Lab.load("ipsec-vpn", seed=1)
    lab.boot()
    capture, filtered = Capture(lab, "cables", limit=2**40), Capture(lab, "cables", "icmp", limit=2**40)
    frame = bytes.fromhex(
        "0180c2000000000b5f0c1234002642420300000000000080010000000000010000000080010000000000018001"
    )
    frame += bytes.fromhex("0000140002000f00").ljust(16, b"\0")
    port = lab["R-A"].ports["FastEthernet0/0"]
    taps = port.taps[-2:]
    plain = spent(lambda: repeat(lambda: taps[0](Direction.OUT, frame)))
    chosen = spent(lambda: repeat(lambda: taps[1](Direction.OUT, frame)))
    apart = spent(lambda: repeat(lambda: dissect(frame)))
    capture.close()
    filtered.close()
    return FRAMES / plain, FRAMES / chosen, FRAMES / apart


def main() -> None:
    """Measure and print."""
    table = Table(title="the wire")
    for heading in ("what", "iosemu"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    span = ("monitor session 1 source interface Fa0/1 both", "monitor session 1 destination interface Fa0/3")
    table.add_row("frames through a switch", f"{through_a_switch():,.0f} /s")
    table.add_row("the same, mirrored by SPAN", f"{through_a_switch(*span):,.0f} /s")
    table.add_row("pings through the tunnel", f"{pings():,.0f} /s")
    percent, boot = idle_switches()
    table.add_row(f"{SWITCHES} switches in a chain, idle", f"{percent:.1f} % of a core")
    table.add_row(f"{SWITCHES} switches, boot and converge", f"{boot:.1f} s")
    table.add_row("an idle hour of ipsec-vpn", f"{idle_hour():.2f} s")
    plain, chosen, apart = captures()
    table.add_row("frames captured as pcapng", f"{plain:,.0f} /s")
    table.add_row("frames through a filter", f"{chosen:,.0f} /s")
    table.add_row("frames taken apart", f"{apart:,.0f} /s")
    Console(width=80).print(table)


if __name__ == "__main__":
    main()
