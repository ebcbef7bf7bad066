"""AAA and SSH in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.access.config import TRIES, AaaConfig, AaaStyle, AccountingList, LoginConfig, SshConfig


def new_model_lines(device: Device, _render: Render) -> Iterator[str]:
    """`aaa new-model`, before the groups of servers."""
    if device.config.of(AaaConfig).new_model:
        yield "aaa new-model"
        yield "!"
        yield "!"
    elif device.image.style(AaaStyle).no_aaa:
        yield "no aaa new-model"


def aaa_lines(device: Device, _render: Render) -> Iterator[str]:
    """The method lists."""
    aaa: AaaConfig = device.config.of(AaaConfig)
    if not aaa.new_model:
        return
    if aaa.attempts != TRIES:
        yield f"aaa authentication attempts login {aaa.attempts}"
    for kind in ("banner", "fail-message"):
        if kind in aaa.messages:
            yield from f"aaa authentication {kind} ^C{aaa.messages[kind]}^C".split("\n")
    for kind in ("password-prompt", "username-prompt"):
        if kind in aaa.messages:
            yield f'aaa authentication {kind} "{aaa.messages[kind]}"'
    for name, words in aaa.login.items():
        yield f"aaa authentication login {name} {' '.join(words)}"
    for name, words in aaa.ppp.items():
        yield f"aaa authentication ppp {name} {' '.join(words)}"
    if aaa.enable:
        yield f"aaa authentication enable default {' '.join(aaa.enable)}"
    if aaa.dot1x:
        yield f"aaa authentication dot1x default {' '.join(aaa.dot1x)}"
    if aaa.console:
        yield "aaa authorization console"
    if aaa.config_commands:
        yield "aaa authorization config-commands"
    for name, words in aaa.exec_.items():
        yield f"aaa authorization exec {name} {' '.join(words)} "
    for (level, name), words in aaa.command_lists.items():
        yield f"aaa authorization commands {level} {name} {' '.join(words)} "
    for name, words in aaa.network.items():
        yield f"aaa authorization network {name} {' '.join(words)} "
    if aaa.update_new or aaa.update_minutes is not None:
        new = " newinfo" if aaa.update_new else ""
        yield f"aaa accounting update{new}{f' periodic {aaa.update_minutes}' if aaa.update_minutes else ''}"
    if aaa.accounting_dot1x is not None:
        yield f"aaa accounting dot1x default {_accounting(aaa.accounting_dot1x)}"
    for name, told in aaa.accounting_exec.items():
        yield f"aaa accounting exec {name} {_accounting(told)}"
    for (level, name), told in aaa.accounting_commands.items():
        yield f"aaa accounting commands {level} {name} {_accounting(told)}"
    if aaa.accounting_system is not None:
        yield f"aaa accounting system default {_accounting(aaa.accounting_system)}"
    yield from aaa.commands


def _accounting(told: AccountingList) -> str:
    return " ".join((told.action, *told.methods))


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
