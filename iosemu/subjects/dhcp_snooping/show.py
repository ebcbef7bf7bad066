"""`show ip dhcp snooping …` (outputs/show_ip_dhcp_snooping*)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address

from iosemu.bridging.vlans import format_vlan_list
from iosemu.handling.context import Context
from iosemu.packets.addresses import MacAddress
from iosemu.subjects.dhcp_snooping.bindings import Binding
from iosemu.subjects.dhcp_snooping.config import SnoopingConfig, SnoopingPort
from iosemu.subjects.dhcp_snooping.service import (
    MISPLACED,
    RATE,
    RELAYED,
    UNKNOWN,
    UNTRUSTED,
    WRONG_MAC,
    DhcpSnooping,
)

_REASONS = (
    "IDB not known",
    "Queue full",
    "Interface is in errdisabled",
    RATE,
    UNTRUSTED,
    RELAYED,
    WRONG_MAC,
    MISPLACED,
    "Insertion of opt82 fail",
    UNKNOWN,
    "Interface Down",
    "Unknown output interface",
    "Misdirected Packets",
    "Packets with Invalid Size",
    "Packets with Invalid Option",
)


def overview(context: Context) -> Iterator[str]:
    """`show ip dhcp snooping`."""
    switch = context.device
    config, snooping = switch.config.of(SnoopingConfig), switch.service(DhcpSnooping)
    yield f"Switch DHCP snooping is {_enabled(config.enabled)}"
    yield "Switch DHCP gleaning is disabled"
    yield "DHCP snooping is configured on following VLANs:"
    yield format_vlan_list(config.vlans) or "none"
    yield "DHCP snooping is operational on following VLANs:"
    yield format_vlan_list(snooping.operational()) or "none"
    yield "DHCP snooping is configured on the following L3 Interfaces:"
    yield ""
    yield f"Insertion of option 82 is {_enabled(config.insertion)}"
    yield "   circuit-id default format: vlan-mod-port"
    yield f"   remote-id: {switch.switch_mac.dotted} (MAC)"
    yield f"Option 82 on untrusted port is {'allowed' if config.allow_untrusted else 'not allowed'}"
    yield f"Verification of hwaddr field is {_enabled(config.verify_mac)}"
    yield f"Verification of giaddr field is {_enabled(config.verify_relay)}"
    yield "DHCP snooping trust/rate is configured on the following Interfaces:"
    yield ""
    yield "Interface                  Trusted    Allow option    Rate limit (pps)"
    yield "-----------------------    -------    ------------    ----------------"
    for name in list(switch.interfaces):
        port = snooping.port(name)
        if port == SnoopingPort():
            continue
        option = _yes(port.trusted or config.allow_untrusted)
        rate = "unlimited" if port.rate is None else str(port.rate)
        yield f"{name:<23}    {_yes(port.trusted):<7}    {option:<12}    {rate}"
        yield "  Custom circuit-ids:"


def _enabled(on: bool) -> str:
    return "enabled" if on else "disabled"


def _yes(on: bool) -> str:
    return "yes" if on else "no"


def bindings(
    context: Context,
    address: IPv4Address | None = None,
    hwaddr: str | None = None,
    port: str | None = None,
    vlan: int | None = None,
) -> Iterator[str]:
    """`show ip dhcp snooping binding`."""
    station = MacAddress.from_string(hwaddr) if hwaddr is not None else None
    table = context.device.service(DhcpSnooping).bindings
    yield from binding_rows(chosen(table, address, station, port, vlan), context.device.now)


def chosen(
    rows: Iterable[Binding],
    address: IPv4Address | None,
    station: MacAddress | None,
    port: str | None,
    vlan: int | None,
) -> list[Binding]:
    """The bindings that fit all that is given."""
    return [
        each
        for each in rows
        if address in (None, each.address)
        and station in (None, each.station)
        and port in (None, each.port)
        and vlan in (None, each.vlan)
    ]


def binding_rows(rows: list[Binding], now: float) -> Iterator[str]:
    """The table of bindings, as all shows have it."""
    yield "MacAddress          IpAddress        Lease(sec)  Type           VLAN  Interface"
    yield "------------------  ---------------  ----------  -------------  ----  --------------------"
    for each in rows:
        yield (
            f"{each.station.colons.upper():<18}  {each.address!s:<15}  {each.lease(now):<10}  "
            f"{each.kind:<13}   {each.vlan:<4}  {each.port}"
        )
    yield f"Total number of bindings: {len(rows)}"


def statistics(context: Context, detail: bool = False) -> Iterator[str]:
    """`show ip dhcp snooping statistics [detail]`."""
    counted = context.device.service(DhcpSnooping).statistics
    dropped = counted.dropped.total()
    if not detail:
        yield f" Packets Forwarded                                     = {counted.forwarded}"
        yield f" Packets Dropped                                       = {dropped}"
        yield f" Packets Dropped From untrusted ports                  = {counted.dropped[UNTRUSTED]}"
        return
    yield f" Packets Processed by DHCP Snooping                    = {counted.forwarded + dropped}"
    yield " Packets Dropped Because"
    for reason in _REASONS:
        yield f"   {reason:<51} = {counted.dropped[reason]}"
