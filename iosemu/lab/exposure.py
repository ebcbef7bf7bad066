"""What has to hold before other machines may reach a lab."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from iosemu.box.device import Device
from iosemu.box.line_config import LinesConfig
from iosemu.box.system import SystemConfig
from iosemu.lab.errors import LabError
from iosemu.lab.lab import Lab
from iosemu.subjects.access.config import AaaConfig

KNOWN_PASSWORDS = ("", "admin", "cisco", "Cisco", "cisco123", "Cisco123", "password")
"""Those of the labs and templates that come with iosemu, and what is guessed first."""


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address; a name may be anything."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def has_accounts(device: Device) -> bool:
    """Whether a device asks who somebody is: a PC and a sniffer do not."""
    return device.config.find(LinesConfig) is not None


def refuse_known_passwords(lab: Lab) -> None:
    """Raises LabError, naming them, when accounts have a password that everybody knows."""
    found = [f"{name}: {what}" for name, device in lab.devices.items() for what in weak_accounts(device)]
    if found:
        raise LabError(
            "others would get in with passwords that everybody knows: " + "; ".join(found)
            + ". Change them (and `write memory`), or leave out --listen"
        )  # fmt: skip


def weak_accounts(device: Device) -> Iterator[str]:
    """What of a device opens with a password that everybody knows, or with none."""
    if not has_accounts(device):
        return
    system = device.config.of(SystemConfig)
    for user in system.users.values():
        if any(user.accepts(password) for password in KNOWN_PASSWORDS):
            yield f"user {user.name}"
    for level in sorted({*system.enable_secret, *system.enable_password}):
        stored = system.enable_secret.get(level) or system.enable_password.get(level)
        if stored is not None and any(stored.matches(password) for password in KNOWN_PASSWORDS):
            yield f"enable level {level}" if level != 15 else "enable"
    aaa = device.config.of(AaaConfig)
    if not aaa.new_model:
        return
    if any("none" in methods for methods in aaa.login.values()):
        yield "aaa authentication login with the method none"
    if any("line" in methods for methods in aaa.login.values()):
        for line in device.config.of(LinesConfig).vty:
            if line.password is not None and any(line.password.matches(known) for known in KNOWN_PASSWORDS):
                yield f"line vty {line.number}"
