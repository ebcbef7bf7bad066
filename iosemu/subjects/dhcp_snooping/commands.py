"""`ip dhcp snooping …` and `clear ip dhcp snooping …`."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.bridging.ports import CHANNEL
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Output
from iosemu.packets.addresses import MacAddress
from iosemu.subjects.dhcp_snooping.bindings import Binding
from iosemu.subjects.dhcp_snooping.config import SnoopingConfig
from iosemu.subjects.dhcp_snooping.service import DhcpSnooping, Statistics


def vlan(context: Context, vlans: tuple[int, ...]) -> Output:
    """`[no] ip dhcp snooping vlan LIST`."""
    config = context.device.config.of(SnoopingConfig)
    config.vlans = config.vlans - set(vlans) if context.off else config.vlans | set(vlans)
    return None


def bind(context: Context, hwaddr: str, vlan: int, address: IPv4Address, port: str, seconds: int) -> Output:
    """`ip dhcp snooping binding MAC vlan V A.B.C.D interface X expiry N`, N in seconds."""
    switch = context.device
    if port not in switch.switch_ports and not port.startswith(CHANNEL):
        raise CommandError("%Invalid interface")
    station = MacAddress.from_string(hwaddr)
    switch.service(DhcpSnooping).bind(Binding(vlan, station, address, port, switch.now + seconds))
    return None


def clear_bindings(
    context: Context,
    address: IPv4Address | None = None,
    port: str | None = None,
    vlan: int | None = None,
) -> Output:
    """`clear ip dhcp snooping binding * | A.B.C.D | interface X | vlan V`."""
    snooping = context.device.service(DhcpSnooping)
    for each in snooping.bindings:
        if address in (None, each.address) and port in (None, each.port) and vlan in (None, each.vlan):
            snooping.bindings.remove(each)
    return None


def clear_statistics(context: Context) -> Output:
    """`clear ip dhcp snooping statistics`."""
    context.device.service(DhcpSnooping).statistics = Statistics()
    return None
