"""AAA and SSH in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.access.config import AaaConfig, AaaStyle, LoginConfig, SshConfig


def aaa_lines(device: Device, _render: Render) -> Iterator[str]:
    """The `aaa` lines."""
    aaa: AaaConfig = device.config.of(AaaConfig)
    if not aaa.new_model:
        if device.image.style(AaaStyle).no_aaa:
            yield "no aaa new-model"
        return
    yield "aaa new-model"
    yield "!"
    yield "!"
    for name, words in aaa.login.items():
        yield f"aaa authentication login {name} {' '.join(words)}"
    if aaa.enable:
        yield f"aaa authentication enable default {' '.join(aaa.enable)}"
    for name, words in aaa.exec_.items():
        yield f"aaa authorization exec {name} {' '.join(words)} "
    yield from aaa.commands


def ssh_lines(device: Device, render: Render) -> list[str]:
    """The `ip ssh` and `ip scp` lines."""
    return render("config", device.config.of(SshConfig))


def login_lines(device: Device, render: Render) -> Iterator[str]:
    """The `login` lines."""
    config = device.config.of(LoginConfig)
    if config.block_for is not None:
        seconds, attempts, within = config.block_for
        yield f"login block-for {seconds} attempts {attempts} within {within}"
    yield from render("config", config, only=("delay", "quiet_class"))
    for name, wanted, every in (
        ("failure", config.failure_log, config.failure_every),
        ("success", config.success_log, config.success_every),
    ):
        if wanted:
            yield f"login on-{name} log{f' every {every}' if every > 1 else ''}"
