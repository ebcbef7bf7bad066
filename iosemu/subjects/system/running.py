"""What a box knows about itself, in the running configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.box.system import DEFAULT_ALIASES, SystemConfig


def timestamp_lines(device: Device, _render: Render) -> Iterator[str]:
    """`service timestamps …`."""
    for stream in ("debug", "log"):
        stamps = device.config.of(SystemConfig).timestamps[stream]
        no = "no " if stamps.form == "none" else ""
        words = "" if no else f" {stamps.words()}"
        yield f"{no}service timestamps {stream}{words}"


def encryption_lines(device: Device, _render: Render) -> Iterator[str]:
    """`service password-encryption`."""
    yield f"{'' if device.config.of(SystemConfig).password_encryption else 'no '}service password-encryption"


def hostname_lines(device: Device, _render: Render) -> list[str]:
    """The name of the box."""
    return [f"hostname {device.hostname}"]


def prompt_lines(device: Device, _render: Render) -> list[str]:
    """`prompt`."""
    text = device.config.of(SystemConfig).prompt
    return [f"prompt {text}"] if text else []


def security_lines(device: Device, _render: Render) -> list[str]:
    """`security passwords min-length`."""
    length = device.config.of(SystemConfig).minimum_length
    return [f"security passwords min-length {length}"] if length else []


def enable_lines(device: Device, _render: Render) -> Iterator[str]:
    """`enable secret` and `enable password`."""
    system = device.config.of(SystemConfig)
    for kind, table in (("secret", system.enable_secret), ("password", system.enable_password)):
        for level, stored in sorted(table.items()):
            # What begins like a type needs its own before it, else it would be read as one.
            clear = stored.type == 0 and not re.match(r"\d ", stored.value)
            shown = stored.value if clear else str(stored)
            yield f"enable {kind} {f'level {level} ' if level != 15 else ''}{shown}"


@dataclass(frozen=True)
class DomainStyle:
    """How an image writes the resolver's settings."""

    stem: ClassVar[str] = "domain"
    hyphen: tuple[str, ...] = ("switch",)
    """The styles of boxes that write `ip domain-name`, not `ip domain name`."""


def domain_lines(device: Device, _render: Render) -> Iterator[str]:
    """`ip domain lookup` and `ip domain name`."""
    system = device.config.of(SystemConfig)
    hyphen = device.composition.order.style in device.image.style(DomainStyle).hyphen
    joint = "-" if hyphen else " "
    if not system.domain_lookup:
        yield f"no ip domain{joint}lookup"
    if system.domain_name:
        yield f"ip domain{joint}name {system.domain_name}"
    yield from (f"ip domain{joint}list {name}" for name in system.domain_list)
    for vrf, names in system.vrf_names.items():
        if names.domain_name:
            yield f"ip domain{joint}name vrf {vrf} {names.domain_name}"
        yield from (f"ip domain{joint}list vrf {vrf} {name}" for name in names.domain_list)


def name_server_lines(device: Device, _render: Render) -> list[str]:
    """`ip name-server`."""
    system = device.config.of(SystemConfig)
    lines = [f"ip name-server {server}" for server in system.name_servers]
    for vrf, names in system.vrf_names.items():
        lines += [f"ip name-server vrf {vrf} {server}" for server in names.name_servers]
    return lines


def user_lines(device: Device, _render: Render) -> Iterator[str]:
    """`username …`."""
    for user in device.config.of(SystemConfig).users.values():
        text = f"username {user.name}"
        if user.privilege != 1:
            text += f" privilege {user.privilege}"
        if user.secret is not None:
            text += f" secret {user.secret}"
        elif user.password is not None:
            text += f" password {user.password}"
        elif user.no_password:
            text += " nopassword"
        yield text
        if user.access_class:
            yield f"username {user.name} access-class {user.access_class}"
        if not user.hangs_up:
            yield f"username {user.name} nohangup"
        if not user.escapes:
            yield f"username {user.name} noescape"
        if user.autocommand:
            yield f"username {user.name} autocommand {user.autocommand}"


def banner_lines(device: Device, _render: Render) -> Iterator[str]:
    """`banner …` with its text."""
    banners = device.config.of(SystemConfig).banners
    for name in ("exec", "incoming", "login", "motd", "prompt-timeout", "slip-ppp"):
        if name in banners:
            yield from f"banner {name} ^C{banners[name]}^C".split("\n")


def privilege_lines(device: Device, _render: Render) -> list[str]:
    """`privilege MODE level N COMMAND`."""
    names = {"config": "configure", "config-if": "interface", "config-line": "line"}
    return [
        f"privilege {names.get(mode, mode)} level {level} {command}"
        for (mode, command), level in device.config.of(SystemConfig).privileges.items()
    ]


def alias_lines(device: Device, _render: Render) -> list[str]:
    """The `alias` lines that a fresh box does not have."""
    return [
        f"alias {'configure' if mode == 'config' else mode} {name} {meaning}"
        for (mode, name), meaning in device.config.of(SystemConfig).aliases.items()
        if DEFAULT_ALIASES.get((mode, name)) != meaning
    ]
