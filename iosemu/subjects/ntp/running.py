"""`ntp …` in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.passwords import hide
from iosemu.box.render import Render
from iosemu.net.ntp.state import MOST
from iosemu.subjects.ntp.config import (
    ACCESS,
    BROADCAST_DELAY,
    MASTER_STRATUM,
    TIME_GROUP,
    Broadcast,
    NtpConfig,
    NtpPort,
)


def ntp_lines(device: Device, _render: Render) -> Iterator[str]:
    """The lines in IOS's order; keys are hidden as by type 7."""
    config = device.config.of(NtpConfig)
    if config.logging:
        yield "ntp logging"
    if config.delay != BROADCAST_DELAY:
        yield f"ntp broadcastdelay {config.delay}"
    for number, secret in sorted(config.keys.items()):
        yield f"ntp authentication-key {number} md5 {hide(secret, number % 16)} 7"
    if config.authenticate:
        yield "ntp authenticate"
    for number in sorted(config.trusted):
        yield f"ntp trusted-key {number}"
    if config.source:
        yield f"ntp source {config.source}"
    for word in ACCESS:
        if word in config.access:
            yield f"ntp access-group {word} {config.access[word]}"
    if config.master is not None:
        yield "ntp master" if config.master == MASTER_STRATUM else f"ntp master {config.master}"
    if config.most != MOST:
        yield f"ntp max-associations {config.most}"
    yield from sorted(map(str, config.peers.values()))


def _options(each: Broadcast) -> str:
    options = (("key", each.key), ("ttl", each.ttl), ("version", each.version))
    return "".join(f" {word} {value}" for word, value in options if value is not None)


def port_lines(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    """The lines under an interface."""
    port = config.held(NtpPort)
    if port is None:
        return
    if port.disabled:
        yield " ntp disable"
    if port.client:
        yield " ntp broadcast client"
    if port.broadcast is not None:
        to = port.broadcast.address
        yield f" ntp broadcast{f' destination {to}' if to is not None else ''}{_options(port.broadcast)}"
    for group in port.groups:
        yield f" ntp multicast client{'' if group == TIME_GROUP else f' {group}'}"
    for group, each in port.multicasts.items():
        yield f" ntp multicast{'' if group == TIME_GROUP else f' {group}'}{_options(each)}"
