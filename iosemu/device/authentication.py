"""Who may log in, and who may reach a higher privilege level."""

from __future__ import annotations

from typing import Any


def authenticate(device: Any, username: str, password: str) -> int | None:
    """The privilege level that a login gives (1 to 15), or None when it is refused.

    A box without user accounts (PC, sniffer) lets everyone in.
    """
    system = getattr(device.config, "system", None)
    if system is None:
        return 15
    user = system.users.get(username)
    if user is None or not user.accepts(password):
        return None
    return int(user.privilege)


def needs_enable_password(device: Any, level: int) -> bool:
    """Whether `enable` asks for a password for this level."""
    system = device.config.system
    return level in system.enable_secret or level in system.enable_password


def enable_accepts(device: Any, level: int, typed: str) -> bool:
    """Whether `typed` opens privilege `level`; a secret goes before a password."""
    system = device.config.system
    stored = system.enable_secret.get(level) or system.enable_password.get(level)
    return stored is not None and stored.matches(typed)
