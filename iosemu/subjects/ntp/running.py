"""`ntp …` in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.passwords import hide
from iosemu.box.render import Render
from iosemu.subjects.ntp.config import ACCESS, MASTER_STRATUM, NtpConfig


def ntp_lines(device: Device, _render: Render) -> Iterator[str]:
    """The lines in IOS's order; keys are hidden as by type 7."""
    config = device.config.of(NtpConfig)
    if config.logging:
        yield "ntp logging"
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
    yield from sorted(map(str, config.peers.values()))
