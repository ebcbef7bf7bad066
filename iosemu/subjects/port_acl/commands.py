"""`mac access-group NAME in` and `show mac access-group`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.interface_config import InterfaceConfig
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.switchport import Switchport
from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument, Output
from iosemu.subjects.port_acl.config import MacAccessGroup


def group(context: Context, name: str) -> Output:
    """`[no] mac access-group NAME in`."""
    config = context.edited(InterfaceConfig)
    if config.held(Switchport) is None:
        raise InvalidArgument("mac")
    config.of(MacAccessGroup).inbound = "" if context.off else name
    return None


def show(context: Context, port: str | None = None) -> Iterator[str]:
    """`show mac access-group [interface X]`."""
    bridge = context.device.service(Bridge)
    ports = [name for name in context.device.interfaces if bridge.is_switchport(name)]
    if port is not None and port not in ports:
        raise InvalidArgument("port")
    for name in ports if port is None else [port]:
        held = context.device.interfaces[name].config.held(MacAccessGroup)
        yield f"Interface {name}:"
        yield f"   Inbound access-list is {(held is not None and held.inbound) or 'not set'}"
