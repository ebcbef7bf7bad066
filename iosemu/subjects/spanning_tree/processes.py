"""The processes of spanning tree."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.subject import Process
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.vlans import VlanConfig

INSTANCE_BYTES = 4096


def process_rows(device: Device) -> Iterator[Process]:
    """BPDUs that came in, and the trees of the VLANs."""
    received = sum(each.counters.in_multicasts for each in device.interfaces.values() if each.is_physical)
    vlans = sum(device.service(Bridge).vlan_usable(number) for number in device.config.of(VlanConfig).vlans)
    yield Process("Spanning Tree", received, 100, 8192 + vlans * INSTANCE_BYTES)
