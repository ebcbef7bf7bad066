"""What every interface has, in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.bridging.bridge import Bridge


def description_lines(device: Device, config: InterfaceConfig) -> list[str]:
    """`description`."""
    return [f" description {config.description}"] if config.description else []


def encapsulation_lines(device: Device, config: InterfaceConfig) -> Iterator[str]:
    """`encapsulation dot1Q` of a subinterface."""
    if config.encapsulation_vlan is not None:
        native = " native" * config.encapsulation_native
        yield f" encapsulation dot1Q {config.encapsulation_vlan}{native}"


def mtu_lines(device: Device, config: InterfaceConfig) -> list[str]:
    """`mtu`."""
    return [f" mtu {config.mtu}"] if config.mtu != 1500 else []


def bandwidth_lines(device: Device, config: InterfaceConfig) -> list[str]:
    """`bandwidth`."""
    return [f" bandwidth {config.bandwidth}"] if config.bandwidth is not None else []


def delay_lines(device: Device, config: InterfaceConfig) -> list[str]:
    """`delay`."""
    return [f" delay {config.delay}"] if config.delay is not None else []


def load_interval_lines(device: Device, config: InterfaceConfig) -> list[str]:
    """`load-interval`."""
    return [f" load-interval {config.load_interval}"] if config.load_interval != 300 else []


def shutdown_lines(device: Device, config: InterfaceConfig) -> list[str]:
    """`shutdown`."""
    return [" shutdown"] if config.shutdown else []


def media_lines(device: Device, config: InterfaceConfig) -> Iterator[str]:
    """`duplex` and `speed` of a port; only a switch leaves out that they are negotiated."""
    if config.name in device.ports:
        terse = device.find(Bridge) is not None
        for word, value in (("duplex", config.duplex), ("speed", config.speed)):
            if not terse or value != "auto":
                yield f" {word} {value}"


def keepalive_lines(device: Device, config: InterfaceConfig) -> Iterator[str]:
    """`keepalive`."""
    if config.keepalive != 10:
        yield " no keepalive" if config.keepalive is None else f" keepalive {config.keepalive}"
