"""Syslog by TCP: what waits for the collector, what is lost, and when it is tried again."""

from __future__ import annotations

import sys
from ipaddress import IPv4Address
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "switch"))

from switch_lab import Bench, configure, running_config, show

from iosemu.box.device import Device
from iosemu.ip.tcp import Tcp
from iosemu.subjects.logging.forwarding import SyslogClient
from iosemu.subjects.logging.stream import RETRY, WAITING
from iosemu.tcp.events import ConnectionEvent, DataReceived

CONFIG = "interface fa0/0\n ip address 10.0.0.{} 255.255.255.0\n no shutdown"


def collect(device: Device, port: int) -> list[bytes]:
    """What comes on a port, a line an item."""
    lines: list[bytes] = []

    def told(event: ConnectionEvent) -> None:
        if isinstance(event, DataReceived):
            lines.append(event.connection.read(device.now))
            device.service(Tcp).run()

    device.service(Tcp).listen(port, told)
    return lines


def test_messages_wait_for_the_collector() -> None:
    bench = Bench()
    left, right = bench.router("L", CONFIG.format(1)), bench.router("R", CONFIG.format(2))
    bench.cable(left, "Fa0/0", right, "Fa0/0")
    bench.run(10)
    configure(left, "logging host 10.0.0.2 transport tcp")
    left.log("TEST", 5, "ONE", "first")
    bench.run(5)
    stream = left.service(SyslogClient).streams[IPv4Address("10.0.0.2"), ""]
    assert not stream.up
    failed = [message for message in left.syslog.messages if message.mnemonic == "LOGGINGHOST_FAIL"]
    assert [str(each) for each in failed] == [
        "%SYS-3-LOGGINGHOST_FAIL: Logging to host 10.0.0.2 port 601 failed"
    ]
    assert "link down)" in "\n".join(show(left, "show logging"))
    got = collect(right, 601)
    for number in range(WAITING + 20):
        left.log("TEST", 5, "MANY", f"number {number}")
    bench.run(2 * RETRY)
    assert stream.up
    text = b"".join(got).decode()
    assert "number 119\n" in text
    assert stream.dropped == 22
    assert len(text.splitlines()) == WAITING
    assert "logging host 10.0.0.2 transport tcp" in running_config(left)
    configure(left, "no logging host 10.0.0.2")
    assert not left.service(SyslogClient).streams
    bench.run(1)
    assert not any(line.startswith("logging host") for line in running_config(left))
