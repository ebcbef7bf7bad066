"""`show ip arp inspection …` (outputs/show_ip_arp_inspection*)."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.interface_types import short_name
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.vlans import VlanConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument
from iosemu.subjects.arp_inspection.config import InspectionConfig, VlanLogging
from iosemu.subjects.arp_inspection.log_buffer import Reason
from iosemu.subjects.arp_inspection.service import ArpInspection, Statistics

_ACL = {"deny": "Deny", "matchlog": "Acl-Match", "none": "None"}


def overview(context: Context) -> Iterator[str]:
    """`show ip arp inspection`."""
    yield from vlans(context)
    yield from statistics(context)


def vlans(context: Context, vlans: tuple[int, ...] = ()) -> Iterator[str]:
    """`show ip arp inspection vlan LIST`."""
    config = context.device.config.of(InspectionConfig)
    numbers = vlans or tuple(sorted(config.vlans))
    database = context.device.config.of(VlanConfig)
    yield ""
    yield f"Source Mac Validation      : {_enabled(config.source_mac)}"
    yield f"Destination Mac Validation : {_enabled(config.destination_mac)}"
    yield f"IP Address Validation      : {_enabled(config.ip)}"
    yield ""
    yield " Vlan     Configuration    Operation   ACL Match          Static ACL"
    yield " ----     -------------    ---------   ---------          ----------"
    for number in numbers:
        on, chosen = number in config.vlans, config.filters.get(number)
        active = "Active" if on and database.usable(number) else "Inactive"
        name, static = (chosen.name, "Yes" if chosen.static else "No") if chosen is not None else ("", "")
        yield f" {number:>4}     {_enabled(on):<13}    {active:<9}   {name:<16}   {static}".rstrip()
    yield ""
    yield " Vlan     ACL Logging      DHCP Logging      Probe Logging"
    yield " ----     -----------      ------------      -------------"
    for number in numbers:
        logging = config.logging.get(number, VlanLogging())
        probe = "Permit" if logging.probe else "Off"
        yield f" {number:>4}     {_ACL[logging.acl]:<11}      {logging.dhcp.capitalize():<12}      {probe}"


def _enabled(on: bool) -> str:
    return "Enabled" if on else "Disabled"


def statistics(context: Context, vlans: tuple[int, ...] = ()) -> Iterator[str]:
    """`show ip arp inspection statistics [vlan LIST]`."""
    inspection = context.device.service(ArpInspection)
    numbers = vlans or tuple(sorted(context.device.config.of(InspectionConfig).vlans))
    rows = [(number, inspection.statistics.get(number, Statistics())) for number in numbers]
    yield ""
    yield " Vlan      Forwarded        Dropped     DHCP Drops      ACL Drops"
    yield " ----      ---------        -------     ----------      ---------"
    for number, row in rows:
        drops, denied = row.reasons[Reason.DHCP_DENY], row.reasons[Reason.ACL_DENY]
        yield f" {number:>4}   {row.forwarded:>12}   {row.dropped:>12}   {drops:>12}   {denied:>12}"
    yield ""
    yield " Vlan   DHCP Permits    ACL Permits  Probe Permits   Source MAC Failures"
    yield " ----   ------------    -----------  -------------   -------------------"
    for number, row in rows:
        by_dhcp, by_list = row.reasons[Reason.DHCP_PERMIT], row.reasons[Reason.ACL_PERMIT]
        probes, sources = row.reasons[Reason.PROBE_PERMIT], row.reasons[Reason.SOURCE_MAC]
        yield f" {number:>4}   {by_dhcp:>12}   {by_list:>12}   {probes:>12}   {sources:>19}"
    yield ""
    yield " Vlan   Dest MAC Failures   IP Validation Failures   Invalid Protocol Data"
    yield " ----   -----------------   ----------------------   ---------------------"
    for number, row in rows:
        destinations, addresses = row.reasons[Reason.DESTINATION_MAC], row.reasons[Reason.IP]
        yield f" {number:>4}   {destinations:>17}   {addresses:>22}   {row.malformed:>21}"


def interfaces(context: Context, port: str | None = None) -> Iterator[str]:
    """`show ip arp inspection interfaces [X]`."""
    bridge, inspection = context.device.service(Bridge), context.device.service(ArpInspection)
    names = [name for name in context.device.interfaces if bridge.is_switchport(name)]
    if port is not None and port not in names:
        raise InvalidArgument("port")
    yield ""
    yield " Interface        Trust State     Rate (pps)    Burst Interval"
    yield " ---------------  -----------     ----------    --------------"
    for name in names if port is None else [port]:
        settings = inspection.port(name)
        limit = settings.limited
        rate, burst = ("None", "N/A") if limit.rate is None else (str(limit.rate), str(limit.burst))
        trust = "Trusted" if settings.trusted else "Untrusted"
        yield f" {short_name(name):<15}  {trust:<11}     {rate:>10}    {burst:>14}"


def log(context: Context) -> Iterator[str]:
    """`show ip arp inspection log`."""
    config, buffer = context.device.config.of(InspectionConfig), context.device.service(ArpInspection).buffer
    yield f"Total Log Buffer Size : {config.entries}"
    yield f"Syslog rate : {config.logs} entries per {config.log_interval} seconds."
    yield "Smartlog is not enabled"
    yield ""
    yield ""
    yield "Interface   Vlan  Sender MAC      Sender IP        Num Pkts   Reason        Time"
    yield "----------  ----  --------------  ---------------  ---------  ------------  ----"
    for each in list(buffer.entries.values()):
        name, vlan, station, address, reason = "--", "--", "--", "--", "--"
        if each.key is not None:
            packet = each.key.packet
            name, vlan, reason = short_name(each.key.port), str(each.key.vlan), each.key.reason.value[2]
            station, address = str(packet.sender_mac), str(packet.sender_ip)
        yield (
            f"{name:<10}  {vlan:<4}  {station:<14}  {address:<15}  {each.count:>9}  {reason:<12}  "
            f"{buffer.time(each.when)}"
        )
