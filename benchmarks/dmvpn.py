"""`python -m benchmarks.dmvpn [N [protected]]`: a hub with N, 2N and 4N spokes (125 unless told), and how it grows.

The spokes are whole routers, registered by NHRP; each pings the hub through its tunnel. Their provider has a router for
each two dozen of them, so that what a link tells all its stations stays there.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.growth import resident
from iosemu.lab.lab import Lab
from iosemu.subjects.nhrp.service import Nhrp

SETTLE, HOUR = 120, 3600
"""Lab seconds."""
PROTECTION = """\
crypto isakmp policy 10
 encryption aes
 authentication pre-share
 group 2
crypto isakmp key LAB address 0.0.0.0 0.0.0.0
crypto ipsec transform-set T esp-aes esp-sha-hmac
 mode transport
crypto ipsec profile DMVPN
 set transform-set T
"""


GROUP = 23
"""Boxes on one link of the provider: as many as a switch has ports beside that of the router."""


def address(number: int) -> str:
    """In the tunnel: none of them an edge of the /16."""
    return f"10.0.{number // 250}.{number % 250 + 1}"


def outside(number: int) -> str:
    """At the provider."""
    return f"172.16.{number // GROUP}.{number % GROUP + 1}"


def provider(group: int, groups: int) -> str:
    """The configuration of the provider's router of a group."""
    others = "".join(
        f"ip route 172.16.{each}.0 255.255.255.0 192.168.0.{each + 1}\n"
        for each in range(groups)
        if each != group
    )
    return (
        f"hostname P{group}\nno cdp run\nno logging console\n"
        f"interface FastEthernet0/0\n ip address 172.16.{group}.254 255.255.255.0\n no shutdown\n"
        f"interface FastEthernet0/1\n ip address 192.168.0.{group + 1} 255.255.255.0\n no shutdown\n{others}end\n"
    )


def text(number: int, protected: bool) -> str:
    """The configuration of the hub, number 0, or of a spoke."""
    own = ("ip nhrp map multicast dynamic",) if number == 0 else (
        f"ip nhrp map {address(0)} {outside(0)}",
        f"ip nhrp map multicast {outside(0)}",
        f"ip nhrp nhs {address(0)}",
    )  # fmt: skip
    lines = (
        f"ip address {address(number)} 255.255.0.0",
        "no ip redirects",
        "ip nhrp network-id 1",
        "ip nhrp holdtime 600",
        *own,
        "tunnel source FastEthernet0/0",
        "tunnel mode gre multipoint",
        *(("tunnel protection ipsec profile DMVPN",) if protected else ()),
    )
    return (
        f"hostname R{number}\nno cdp run\nno logging console\n{PROTECTION if protected else ''}interface Tunnel0\n"
        + "".join(f" {line}\n" for line in lines)
        + f"interface FastEthernet0/0\n ip address {outside(number)} 255.255.255.0\n no shutdown\n"
        + f"ip route 0.0.0.0 0.0.0.0 172.16.{number // GROUP}.254\nend\n"
    )


def network(spokes: int, protected: bool) -> Lab:
    """A hub, its spokes and their provider, just booted."""
    count = spokes + 1
    groups = -(-count // GROUP)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        nodes = links = ""
        for each in range(count):
            (folder / f"R{each}.cfg").write_text(text(each, protected))
            nodes += f'  R{each}: {{model: c2811, image: "15.1", config: R{each}.cfg}}\n'
            links += f'  - endpoints: ["R{each}:Fa0/0", "S{each // GROUP}:Fa0/{each % GROUP + 1}"]\n'
        (folder / "S.cfg").write_text("no spanning-tree vlan 1\nno cdp run\nend\n")
        for each in range(groups):
            (folder / f"P{each}.cfg").write_text(provider(each, groups))
            nodes += f'  P{each}: {{model: c2811, image: "15.1", config: P{each}.cfg}}\n'
            nodes += f"  S{each}: {{model: catalyst-2960-24tt, config: S.cfg}}\n"
            links += f'  - endpoints: ["P{each}:Fa0/0", "S{each}:Fa0/24"]\n'
            links += f'  - endpoints: ["P{each}:Fa0/1", "C:Fa0/{each + 1}"]\n'
        nodes += "  C: {model: catalyst-2960-24tt, config: S.cfg}\n"
        (folder / "lab.yaml").write_text(f"name: many\nnodes:\n{nodes}links:\n{links}")
        lab = Lab.load(folder / "lab.yaml", seed=1)
        lab.boot(settle=1)
        return lab


def said(lab: Lab, device: str, line: str) -> str:
    """What a device answers to a line."""
    session = lab.session(device, rows=0, hidden=True)
    assert session is not None
    lab.clock.watch(session)
    session.run(line)
    lab.run_until(lambda: not session.waiting, 100)
    lab.clock.unwatch(session)
    return session.output().decode()


def measured(spokes: int, protected: bool) -> tuple[float, float, float, float, float]:
    """CPU seconds to boot, until all are registered, for a ping of each, for a quiet hour; megabytes at the end."""
    held, begun = resident(), time.process_time()
    lab = network(spokes, protected)
    booted = time.process_time()
    hub = lab["R0"].service(Nhrp)
    lab.run_until(lambda: len(hub.engines["Tunnel0"].cache) == spokes, SETTLE)
    registered = time.process_time()
    assert len(hub.engines["Tunnel0"].cache) == spokes, (
        f"{len(hub.engines['Tunnel0'].cache)} of {spokes} registered"
    )
    for each in range(1, spokes + 1):
        answer = said(lab, f"R{each}", f"ping {address(0)}")
        assert "(5/5)" in answer or "(4/5)" in answer, answer
    pinged = time.process_time()
    lab.advance(HOUR)
    assert len(hub.engines["Tunnel0"].cache) == spokes
    quiet = time.process_time()
    return booted - begun, registered - booted, pinged - registered, quiet - pinged, resident() - held


def main() -> None:
    """Measure three sizes, each in this process, smallest first."""
    first = int(sys.argv[1]) if len(sys.argv) > 1 else 125
    protected = "protected" in sys.argv
    table = Table(
        "spokes", "boot s", "register s", "ping all s", "an hour s", "MB", "growth of CPU", "of memory"
    )
    before: tuple[float, float] | None = None
    for size in (first, 2 * first, 4 * first):
        boot, register, ping, hour, megabytes = measured(size, protected)
        cpu = register + ping + hour
        growth = (f"{cpu / before[0]:.1f}", f"{megabytes / before[1]:.1f}") if before else ("", "")
        table.add_row(
            str(size),
            f"{boot:.1f}",
            f"{register:.2f}",
            f"{ping:.2f}",
            f"{hour:.2f}",
            f"{megabytes:.0f}",
            *growth,
        )
        before = cpu, megabytes
    Console().print(table)


if __name__ == "__main__":
    main()
