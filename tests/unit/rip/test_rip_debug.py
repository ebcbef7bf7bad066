"""`debug ip rip` in IOS's words."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.kinds.factory import create_device
from iosemu.lab.resources import image, model
from iosemu.net.scheduler import Scheduler
from iosemu.routing.rip import Command, Entry, Ignored, Message, Received, Sending
from iosemu.subjects.rip import debug
from iosemu.subjects.rip.config import EVENTS_DEBUG, PROTOCOL_DEBUG

HERE, THERE, GROUP = IPv4Address("192.168.1.2"), IPv4Address("192.168.1.1"), IPv4Address("224.0.0.9")
ROW = Entry(IPv4Address("172.16.0.0"), IPv4Address("255.255.0.0"), metric=1)
PORT = "FastEthernet0/0"


def box() -> Device:
    device = create_device(
        "R", model("c2811"), image("12.4"), Scheduler(), random.Random(1), datetime(2024, 1, 1, tzinfo=UTC)
    )
    device.boot()
    return device


def said(device: Device, event: Sending | Received | Ignored) -> list[str]:
    before = len(device.syslog.messages)
    debug.trace(device, event)
    return [str(message) for message in list(device.syslog.messages)[before:]]


def test_nothing_is_said_unasked() -> None:
    assert said(box(), Ignored(PORT, THERE, 2, "invalid authentication")) == []


def test_protocol_debugging_lists_the_routes() -> None:
    device = box()
    device.debugging.set(PROTOCOL_DEBUG, True)
    assert said(device, Received(PORT, THERE, Message(Command.RESPONSE, 2, (ROW,)))) == [
        "RIP: received v2 update from 192.168.1.1 on FastEthernet0/0",
        "     172.16.0.0/16 via 0.0.0.0 in 1 hops",
    ]
    assert said(device, Sending(PORT, HERE, GROUP, Message(Command.RESPONSE, 2, (ROW,)))) == [
        "RIP: sending v2 update to 224.0.0.9 via FastEthernet0/0 (192.168.1.2)",
        "RIP: build update entries",
        "\t172.16.0.0/16 via 0.0.0.0, metric 1, tag 0",
    ]
    assert said(device, Ignored(PORT, THERE, 2, "invalid authentication")) == [
        "RIP: ignored v2 packet from 192.168.1.1 (invalid authentication)"
    ]


def test_event_debugging_counts_them() -> None:
    device = box()
    device.debugging.set(EVENTS_DEBUG, True)
    assert said(device, Sending(PORT, HERE, GROUP, Message(Command.RESPONSE, 2, (ROW,) * 4))) == [
        "RIP: sending v2 update to 224.0.0.9 via FastEthernet0/0 (192.168.1.2)",
        "RIP: Update contains 4 routes",
        "RIP: Update queued",
        "RIP: Update sent via FastEthernet0/0",
    ]
