"""`python -m benchmarks.soak [DAYS]`: lab days with tunnels and traffic; memory, objects and logs must stay flat.

Lab time is computed as fast as it can be. Tunnels are rekeyed, expire and come again, PCs ping each other, somebody
logs in, looks around and saves, a cable is cut and mended. A row is printed for each part of a day.
"""

from __future__ import annotations

import gc
import sys
import time
from collections import Counter
from ipaddress import IPv4Address

from benchmarks.__main__ import memory
from iosemu.box.device import Device
from iosemu.ip.probe import Probe
from iosemu.ip.stack import IpStack
from iosemu.lab.lab import Lab
from iosemu.subjects.crypto.service.engine import CryptoEngine

DAY = 86_400.0
ROWS = 4
"""Rows a day."""
ECHO_EVERY = 60.0
VISIT_EVERY = 3600.0
VISIT = ("show crypto isakmp sa", "show crypto ipsec sa", "show interfaces", "show logging", "ping 10.0.10.20",
         "configure terminal", "interface FastEthernet0/1", "description soaked", "end", "write memory")  # fmt: skip


def echo(lab: Lab, name: str, goal: str) -> bool:
    """Send an echo; whether it was answered."""
    stack, address = lab[name].service(IpStack), IPv4Address(goal)
    with Probe(stack, address, stack.source_for(address)) as probe:
        probe.echo(1, 1, bytes(64))
        lab.run_until(lambda: probe.answered, 2.0)
        return probe.answered


def visit(lab: Lab, name: str) -> None:
    """A user logs in, looks around, saves and leaves."""
    session = lab.session(name)
    assert session is not None
    session.start()
    lab.clock.watch(session)
    session.receive(b"terminal length 0\r")
    for line in VISIT:
        session.receive(line.encode() + b"\r")
        lab.run_until(lambda: not session.waiting, 30.0)
        session.output()
    session.receive(b"exit\r")
    lab.clock.unwatch(session)
    session.disconnect()


def disturb(lab: Lab) -> None:
    """Cut the cable between the routers for a minute."""
    link = lab.link("R-B:Fa0/0")
    link.down()
    lab.advance(60.0)
    link.up()
    lab.advance(60.0)


def state(lab: Lab) -> dict[str, int]:
    """What may grow: objects, events that are planned, SAs, messages in logs, octets in files."""
    gc.collect()
    devices: list[Device] = list(lab.devices.values())
    files = [
        data for device in devices for system in (device.flash, device.nvram) for data in system.values()
    ]
    return {
        "objects": len(gc.get_objects()),
        "planned": len(lab.scheduler._queue),
        "sas": sum(
            len(service.ike.sas) for each in devices if (service := each.find(CryptoEngine)) is not None
        ),
        "log": sum(len(device.syslog.messages) for device in devices),
        "files": sum(len(data) for data in files),
    }


def soak(days: float, lab: Lab | None = None) -> list[dict[str, int]]:
    """Let `days` of lab time pass; the state after each part of a day."""
    lab = lab or Lab.load("ipsec-vpn", seed=1)
    lab.boot()
    begun, answered = time.monotonic(), Counter[bool]()
    found: list[dict[str, int]] = []
    end, hour, row, number = lab.scheduler.now + days * DAY, 0.0, 0.0, 0
    while lab.scheduler.now < end:
        lab.advance(ECHO_EVERY)
        answered[echo(lab, "PC-A", "192.168.2.1")] += 1
        if lab.scheduler.now >= hour:
            hour = lab.scheduler.now + VISIT_EVERY
            visit(lab, ("R-A", "R-B", "SW-1")[number % 3])
            if number % 5 == 4:
                disturb(lab)
            number += 1
        if lab.scheduler.now >= row:
            row = lab.scheduler.now + DAY / ROWS
            now = state(lab)
            found.append(now)
            print(
                f"day {lab.scheduler.now / DAY:5.2f} {memory('self'):7.1f} MB "
                + " ".join(f"{name} {value}" for name, value in now.items())
                + f" lost {answered[False]} of {answered.total()} faults {len(lab.faults)}"
                + f" {time.monotonic() - begun:.0f} s",
                flush=True,
            )
    return found


def main(arguments: list[str]) -> int:
    """Soak; the exit status is 1 when something grew after the first day."""
    found = soak(float(arguments[0]) if arguments else 7.0)
    settled, last = found[min(ROWS, len(found) // 2)], found[-1]
    grown = {
        name: (settled[name], last[name])
        for name in last
        if name != "log"
        and last[name] > settled[name] * 1.1 + 50  # a log has an end of its own: its oldest go
    }
    print("flat" if not grown else f"grew: {grown}")
    return int(bool(grown))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
