"""Subjects that IOS knows and that run nowhere here: what their show commands print when not configured."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.handling.effects import Output
from iosemu.ip.config import primary_address
from iosemu.ip.routed import Dot1q
from iosemu.subjects.ip.show.ip import listed, status


def nothing(context: Context) -> Output:
    """A table that prints nothing while its protocol does not run."""
    return None


def ipv6_interface_brief(context: Context) -> Iterator[str]:
    """`show ipv6 interface brief`: interfaces without an IPv6 address."""
    for interface in list(listed(context.device)):
        line = "up" if interface.protocol_up else "down"
        yield f"{interface.name:<27}[{status(interface)}/{line}]"
        yield "    unassigned"


def ipv6_neighbors(context: Context) -> Output:
    """`show ipv6 neighbors`."""
    return "IPv6 Address                              Age Link-layer Addr State Interface"


def vlans(context: Context) -> Output:
    """`show vlans` of a router: its 802.1Q subinterfaces, and what they counted."""
    device = context.device
    found = [each for each in listed(device) if each.config.of(Dot1q).vlan is not None]
    if not found:
        return ["", "No Virtual LANs configured.", ""]
    rows: list[str] = []
    for each in sorted(found, key=lambda each: each.config.of(Dot1q).vlan or 0):
        rows += ["", f"Virtual LAN ID:  {each.config.of(Dot1q).vlan} (IEEE 802.1Q Encapsulation)", ""]
        rows += [f"   vLAN Trunk Interface:   {each.name}", ""]
        if each.config.of(Dot1q).native:
            rows += [
                f" This is configured as native Vlan for the following interface(s) :\n{each.config.parent}",
                "",
            ]
        rows.append("   Protocols Configured:   Address:              Received:        Transmitted:")
        address = primary_address(each.config)
        if address is not None:
            counters = each.counters
            rows.append(
                f"           {'IP':<16}{address!s:<22}{counters.in_packets:>9}{counters.out_packets:>20}"
            )
    return [line for row in [*rows, ""] for line in row.split("\n")]


def sessions(context: Context) -> Output:
    """`show sessions`: nobody goes on from here by Telnet."""
    return "% No connections open"
