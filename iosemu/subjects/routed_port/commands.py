"""What is typed under a subinterface of a router."""

from __future__ import annotations

from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.interface_types import Medium
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument, Output
from iosemu.ip.config import IpSettings
from iosemu.ip.routed import Dot1q, RoutedPorts


def encapsulation(context: Context, vlan: int = 0, native: bool = False) -> Output:
    """`encapsulation dot1Q N [native]` of a subinterface."""
    config: InterfaceConfig = context.target
    tag = config.of(Dot1q)
    if config.parent is None or config.type.medium is Medium.SERIAL:
        raise InvalidArgument("vlan")
    if context.off:
        tag.vlan, tag.native = None, False
        config.of(IpSettings).remove_addresses()
        return None
    other = context.device.service(RoutedPorts).subinterface(config.parent, vlan)
    if other is not None and other.config is not config:
        raise CommandError(
            f"%Configuration of multiple subinterfaces of the same main interface with the same VID"
            f" ({vlan}) is not permitted.\nThis VID is already configured on {other.name}."
        )
    tag.vlan, tag.native = vlan, native
    return None
