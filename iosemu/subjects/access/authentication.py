"""Who may log in, and who may reach a higher privilege level."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.line_config import LineConfig, LinesConfig
from iosemu.box.system import SystemConfig
from iosemu.subjects.access.config import AaaConfig, SshConfig
from iosemu.subjects.acl.service import AccessLists


def authenticate(device: Device, username: str, password: str) -> int | None:
    """The privilege level that a login gives (1 to 15), or None when it is refused.

    A box without user accounts (PC, sniffer) lets everyone in.
    """
    system = device.config.find(SystemConfig)
    if system is None:
        return 15
    line = first_vty(device)
    if not accepts(device, login_methods(device.config.of(AaaConfig), line), line, username, password):
        return None
    return granted(device, username)


def first_vty(device: Device) -> LineConfig:
    """The settings of the line that the next client would be given."""
    settings = device.config.find(LinesConfig)
    if settings is None:
        return LineConfig("vty", 0)
    lines = device.lines.vty
    configured = settings.vty
    for line in configured:
        if line.number not in lines or not lines[line.number].busy:
            return line
    return configured[0]


def login_methods(aaa: AaaConfig, line: LineConfig) -> Sequence[str]:
    """How a login on a line is checked; SSH without AAA knows the local users only."""
    if not aaa.new_model:
        return ("local",)
    return aaa.login.get(line.login_list or "default", aaa.login.get("default", ("local",)))


def accepts(device: Device, methods: Sequence[str], line: LineConfig, username: str, password: str) -> bool:
    """Whether a line's login takes a user: one method after the other, while one cannot decide."""
    for method in methods:
        decision = _decide(device, method, line, username, password)
        if decision is not None:
            return decision
    return False


def _decide(device: Device, method: str, line: LineConfig, username: str, password: str) -> bool | None:
    system = device.config.of(SystemConfig)
    if method == "none":
        return True
    if method in ("local", "local-case"):
        if not system.users:
            return None
        user = system.users.get(username)
        return user is not None and bool(user.accepts(password))
    if method == "enable":
        return enable_accepts(device, 15, password) if needs_enable_password(device, 15) else None
    if method == "line":
        return line.password.matches(password) if line.password is not None else None
    return None  # a server group: no server answers in a lab


def granted(device: Device, username: str) -> int:
    """The privilege of a user that has logged in.

    With `aaa new-model` the account's level counts only where `aaa authorization exec` says so.
    """
    system = device.config.of(SystemConfig)
    user = system.users.get(username)
    if user is None:
        return 1
    aaa = device.config.find(AaaConfig)
    if aaa is not None and aaa.new_model:
        line = first_vty(device)
        methods = aaa.exec_.get(line.exec_list or "default", ())
        if not any(method in ("local", "if-authenticated") for method in methods):
            return 1
    return int(user.privilege)


def key_fits(device: Device, username: str, md5: str) -> int | None:
    """The privilege that a public key gives; None when it is not in `ip ssh pubkey-chain`."""
    ssh = device.config.find(SshConfig)
    if ssh is None:
        return None
    keys = ssh.keys.get(username, [])
    return granted(device, username) if any(key.md5 == md5.upper() for key in keys) else None


def admits(device: Device, address: str) -> bool:
    """Whether some vty lets a client with this source address in (`access-class … in`)."""
    configured = device.config.find(LinesConfig)
    if configured is None:
        return True
    return any(line_admits(device, line, address) for line in configured.vty)


def line_admits(device: Device, line: LineConfig, address: str) -> bool:
    """Whether one line's `access-class` lets a client in."""
    if not line.access_class_in:
        return True
    try:
        source = IPv4Address(address)
    except ValueError:
        return True
    lists = device.find(AccessLists)
    return lists is None or lists.permits_address(line.access_class_in, source)


def enable_methods(device: Device) -> Sequence[str]:
    """How `enable` is checked."""
    aaa: AaaConfig = device.config.of(AaaConfig)
    return aaa.enable if aaa.new_model and aaa.enable else ("enable",)


def needs_enable_password(device: Device, level: int) -> bool:
    """Whether there is a password for this privilege level."""
    system = device.config.of(SystemConfig)
    return level in system.enable_secret or level in system.enable_password


def enable_accepts(device: Device, level: int, typed: str) -> bool:
    """Whether `typed` opens privilege `level`; a secret goes before a password."""
    system = device.config.of(SystemConfig)
    stored = system.enable_secret.get(level) or system.enable_password.get(level)
    return stored is not None and stored.matches(typed)
