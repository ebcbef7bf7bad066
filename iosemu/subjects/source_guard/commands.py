"""`ip verify source` and `ip source binding`."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.interface_config import InterfaceConfig
from iosemu.bridging.switchport import Switchport
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument, Output
from iosemu.packets.addresses import MacAddress
from iosemu.subjects.source_guard.config import SourceBindings, SourceVerification, StaticBinding


def verify(context: Context, port_security: bool = False) -> Output:
    """`[no] ip verify source [port-security]`."""
    config = context.edited(InterfaceConfig)
    if config.held(Switchport) is None:
        raise InvalidArgument("verify")
    config.of(SourceVerification).by = "" if context.off else "ip-mac" if port_security else "ip"
    return None


def bind(context: Context, hwaddr: str, vlan: int, address: IPv4Address, port: str) -> Output:
    """`[no] ip source binding MAC vlan V A.B.C.D interface X`."""
    rows, key = context.device.config.of(SourceBindings).rows, (vlan, MacAddress.from_string(hwaddr))
    if port not in context.device.switch_ports:
        raise CommandError("%Invalid interface")
    if not context.off:
        rows[key] = StaticBinding(address, port)
    elif rows.get(key) == StaticBinding(address, port):
        del rows[key]
    return None
