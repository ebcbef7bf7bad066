"""The ARP cache: `show ip arp`, `arp`, `clear arp-cache`."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.handling.effects import Output
from iosemu.handling.vrf import found_vrf
from iosemu.ip.debug import ARP_PACKET
from iosemu.ip.stack import IpStack
from iosemu.net.arp_table import ArpKind
from iosemu.packets.addresses import MacAddress
from iosemu.subjects.routing.config import RoutesConfig

HEADER = "Protocol  Address          Age (min)  Hardware Addr   Type   Interface"


def show_ip_arp(
    context: Context,
    address: IPv4Address | None = None,
    interface: str | None = None,
    mac: str | None = None,
    vrf: str = "",
) -> Iterator[str]:
    """`show arp`, `show ip arp [vrf V] [A.B.C.D | INTERFACE | H.H.H]`."""
    stack = context.device.service(IpStack)
    named = interface is not None and not vrf
    arp = (stack.vrf_of(interface or "") if named else found_vrf(context.device, vrf)).arp.table
    now = context.device.now
    rows: list[tuple[IPv4Address, str]] = []
    for entry in arp:
        if interface not in (None, entry.interface) or (mac is not None and str(entry.mac) != mac):
            continue
        age = entry.age(now)
        minutes = "-" if age is None else str(int(age // 60))
        where = entry.interface if entry.kind is not ArpKind.STATIC else ""
        row = f"Internet  {entry.address!s:<15} {minutes:>9}   {entry.mac}  ARPA   {where}"
        rows.append((entry.address, row.rstrip()))
    for pending in arp.pending if mac is None else ():
        if interface in (None, pending.interface):
            row = f"Internet  {pending.address!s:<15} {0:>9}   Incomplete      ARPA"
            rows.append((pending.address, row))
    rows = [row for row in sorted(rows) if address in (None, row[0])]
    if rows or address is None:
        yield HEADER
    for _address, text in rows:
        yield text


def clear_arp(context: Context) -> Output:
    """`clear arp-cache`."""
    for each in context.device.service(IpStack).vrfs.values():
        each.arp.refresh()
    return None


def static_entry(context: Context, address: IPv4Address, mac: str = "") -> Output:
    """`arp A.B.C.D H.H.H arpa`."""
    table = context.device.service(IpStack).arp.table
    static = context.device.config.of(RoutesConfig).static_arp
    if context.off:
        static.pop(address, None)
        table.remove(address)
    else:
        static[address] = mac
        table.add("", address, MacAddress.from_string(mac), context.device.now, ArpKind.STATIC)
    return None


def show_summary(context: Context) -> Iterator[str]:
    """`show ip arp summary`: what is in the caches of all VRFs."""
    tables = [vrf.arp.table for vrf in context.device.service(IpStack).vrfs.values()]
    kinds = [entry.kind for table in tables for entry in table]
    incomplete = sum(len(table.pending) for table in tables)
    rows = {
        "Total number of entries in the ARP table": len(kinds) + incomplete,
        "Total number of Dynamic ARP entries": kinds.count(ArpKind.DYNAMIC),
        "Total number of Incomplete ARP entries": incomplete,
        "Total number of Interface ARP entries": kinds.count(ArpKind.INTERFACE),
        "Total number of Static ARP entries": kinds.count(ArpKind.STATIC),
        "Total number of Alias ARP entries": 0,
        "Total number of Simple Application ARP entries": 0,
        "Total number of Application Alias ARP entries": 0,
        "Total number of Application Timer ARP entries": 0,
    }
    yield from (f"{text}: {count}." for text, count in rows.items())


def debug(context: Context) -> str:
    """`[no] debug arp`."""
    return context.device.debugging.set(ARP_PACKET, not context.silenced)
