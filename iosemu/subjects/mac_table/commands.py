"""The MAC address table: `show mac address-table …`, ageing, static entries, clearing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.bridging.bridge import Bridge, MacEntry
from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument, Output
from iosemu.packets.addresses import MacAddress
from iosemu.subjects.mac_table.config import AGING, MacTableConfig

_CPU = (
    "0100.0ccc.cccc",
    "0100.0ccc.cccd",
    *(f"0180.c200.{number:04x}" for number in range(0x11)),
    "ffff.ffff.ffff",
)
"""Addresses that every Catalyst sends to its processor."""


def _table(context: Context, keep: Callable[[MacEntry], bool], system: bool) -> Iterator[str]:
    switch = context.device
    yield "          Mac Address Table"
    yield "-------------------------------------------"
    yield ""
    yield "Vlan    Mac Address       Type        Ports"
    yield "----    -----------       --------    -----"
    count = 0
    if system and switch.model.facts.get("lists_cpu_addresses", False):
        for address in _CPU:
            count += 1
            yield f" All    {address}    STATIC      CPU"
    for entry in list(switch.service(Bridge).mac_entries()):
        if keep(entry):
            count += 1
            kind = "STATIC" if entry.static else "DYNAMIC pv" if entry.replica else "DYNAMIC"
            yield f"{entry.vlan:4}    {entry.address.dotted}    {kind:<10}  {short_name(entry.port)}"
    yield f"Total Mac Addresses for this criterion: {count}"


def show(
    context: Context,
    dynamic: bool = False,
    static: bool = False,
    hwaddr: str | None = None,
    port: str | None = None,
    vlan_id: int | None = None,
) -> Iterator[str]:
    """`show mac address-table [dynamic|static] [address A] [interface I] [vlan N]`."""

    def keep(entry: MacEntry) -> bool:
        return (
            (not dynamic or not entry.static)
            and (not static or entry.static)
            and hwaddr in (None, entry.address.dotted)
            and port in (None, entry.port)
            and vlan_id in (None, entry.vlan)
        )

    return _table(context, keep, system=not dynamic and hwaddr is None and port is None and vlan_id is None)


def show_etherswitch(
    context: Context,
    dynamic: bool = False,
    static: bool = False,
    hwaddr: str | None = None,
    port: str | None = None,
    vlan_id: int | None = None,
) -> Iterator[str]:
    """`show mac-address-table …` of an EtherSwitch module, which lists the addresses of its VLAN interfaces, too."""
    switch = context.device
    rows = [
        (each.vlan, each.address, each.port, "Static" if each.static else "Dynamic")
        for each in _entries(switch)
    ]
    own = [
        (int(each.name.removeprefix("Vlan")), each.mac, each.name, "Self")
        for each in switch.interfaces.of_kind("Vlan")
        if each.admin_up
    ]
    yield "Destination Address  Address Type  VLAN  Destination Port"
    yield "-------------------  ------------  ----  --------------------"
    for vlan, address, name, kind in sorted(
        [*own, *rows], key=lambda row: (row[0], row[3] != "Self", row[1])
    ):
        if (
            (not dynamic or kind == "Dynamic")
            and (not static or kind == "Static")
            and hwaddr in (None, address.dotted)
            and port in (None, name)
            and vlan_id in (None, vlan)
        ):
            yield f"{address.dotted:<23} {kind:<12}{vlan:>4}     {name}"


def _entries(switch: Device) -> list[MacEntry]:
    return list(switch.service(Bridge).mac_entries())


def show_count(context: Context) -> Iterator[str]:
    """`show mac address-table count`."""
    switch = context.device
    entries = list(switch.service(Bridge).mac_entries())
    for vlan in sorted({entry.vlan for entry in entries} | {1}):
        here = [entry for entry in entries if entry.vlan == vlan]
        static = sum(entry.static for entry in here)
        yield ""
        yield f"Mac Entries for Vlan {vlan}:"
        yield "---------------------------"
        yield f"Dynamic Address Count  : {len(here) - static}"
        yield f"Static  Address Count  : {static}"
        yield f"Total Mac Addresses    : {len(here)}"
    yield ""
    yield f"Total Mac Address Space Available: {8192 - len(entries)}"
    yield ""


def show_aging_time(context: Context) -> Iterator[str]:
    """`show mac address-table aging-time`."""
    yield f"Global Aging Time:  {context.device.config.of(MacTableConfig).aging:3}"
    yield "Vlan    Aging Time"
    yield "----    ----------"


def aging_time(context: Context, seconds: int = AGING) -> Output:
    """`mac address-table aging-time N` in seconds; 0 keeps entries for ever."""
    if not context.negated and 0 < seconds < 10:
        raise InvalidArgument("seconds")
    context.device.config.of(MacTableConfig).aging = AGING if context.off else seconds
    return None


def static(context: Context, hwaddr: str, vlan_id: int, port: str | None = None) -> Output:
    """`[no] mac address-table static A vlan N interface I`."""
    switch = context.device
    if context.negated:
        switch.config.of(MacTableConfig).static.pop((vlan_id, MacAddress.from_string(hwaddr)), None)
    elif port is not None:
        if not switch.service(Bridge).is_switchport(port):
            raise InvalidArgument("port")
        switch.config.of(MacTableConfig).static[vlan_id, MacAddress.from_string(hwaddr)] = port
    return None


def clear(
    context: Context,
    hwaddr: str | None = None,
    port: str | None = None,
    vlan_id: int | None = None,
) -> Output:
    """`clear mac address-table dynamic …`."""
    mac = None if hwaddr is None else MacAddress.from_string(hwaddr)
    context.device.service(Bridge).clear_macs(mac, port, vlan_id)
    return None
