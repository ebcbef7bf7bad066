"""`ip policy route-map`, `ip local policy route-map` and `debug ip policy`."""

from __future__ import annotations

from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.subjects.policy.config import DEBUG, PolicyConfig, PolicyPort


def interface_policy(context: Context, name: str = "") -> None:
    """`[no] ip policy route-map NAME`."""
    context.edited(InterfaceConfig).of(PolicyPort).route_map = None if context.off else name


def local_policy(context: Context, name: str = "") -> None:
    """`[no] ip local policy route-map NAME`."""
    context.device.config.of(PolicyConfig).local_policy = None if context.off else name


def debug(context: Context) -> str:
    """`[no] debug ip policy`."""
    return context.device.debugging.set(DEBUG, not context.silenced)
