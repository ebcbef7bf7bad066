"""Beacons in the running configuration and among the processes."""

from collections.abc import Iterator

from iosemu.subjects.beacon.config import BeaconConfig, BeaconPort
from iosemu.subjects.beacon.service import Beacons

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.render import Render
from iosemu.box.subject import Process


def beacon_lines(device: Device, _render: Render) -> list[str]:
    """`beacon interval`."""
    interval = device.config.of(BeaconConfig).interval
    return [f"beacon interval {interval}"] if interval != BeaconConfig().interval else []


def port_lines(_device: Device, config: InterfaceConfig) -> list[str]:
    """`beacon` under an interface."""
    port = config.held(BeaconPort)
    return [" beacon"] if port is not None and port.enabled else []


def process_rows(device: Device) -> Iterator[Process]:
    """A beacon that came in, an invocation."""
    yield Process("Beacons", sum(device.service(Beacons).heard.values()), 10, 4096)
