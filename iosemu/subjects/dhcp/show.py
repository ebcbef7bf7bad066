"""`show ip dhcp …` and `show dhcp …` (outputs/show_ip_dhcp_*, outputs/show_dhcp_lease)."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.timestamps import local_time
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.ip.dhcp import AddressClients
from iosemu.net.dhcp.pools import Binding, Pool, first_and_last
from iosemu.net.dhcp.server import DhcpServer
from iosemu.packets.dhcp import Option, dotted, read_addresses
from iosemu.subjects.dhcp.config import DhcpConfig, HelperAddresses
from iosemu.subjects.dhcp.database import WHEN, DhcpDatabase
from iosemu.subjects.dhcp.entry import entry
from iosemu.subjects.dhcp.service import DhcpServices

MEMORY, FOR_POOL, FOR_BINDING = 23_061, 1_056, 8_460
"""Octets of the server itself, of each pool, of each binding (from outputs/show_ip_dhcp_server_statistics)."""
RECEIVED = ("BOOTREQUEST", "DHCPDISCOVER", "DHCPREQUEST", "DHCPDECLINE", "DHCPRELEASE", "DHCPINFORM")
SENT = ("BOOTREPLY", "DHCPOFFER", "DHCPACK", "DHCPNAK")


def bindings(context: Context, address: IPv4Address | None = None) -> Iterator[str]:
    """`show ip dhcp binding [A.B.C.D]`."""
    device = context.device
    found = {
        name: [each for each in engine.all_bindings() if address in (None, each.address)]
        for name, engine in device.service(DhcpServices).engines.items()
    }
    if address is not None and not any(found.values()):
        raise CommandError(f"% Binding {address} is not in the database.")
    for name, held in found.items():
        if name and not held:
            continue
        if name:
            yield ""
        yield (
            f"Bindings from VRF pool {name}:" if name else "Bindings from all pools not associated with VRF:"
        )
        yield "IP address          Client-ID/              Lease expiration        Type"
        yield f"{'':20}Hardware address/"
        yield f"{'':20}User name"
        for each in held:
            yield from _binding(device, each)


def _binding(device: Device, binding: Binding) -> Iterator[str]:
    """One binding; an identifier that is too long for its column goes on in the next lines."""
    identity = dotted(binding.identity)
    parts = [identity[at : at + 20] for at in range(0, len(identity), 20)] or [""]
    kind = "Manual" if binding.manual else "Automatic"
    ends = "Infinite" if binding.expires is None else _moment(device, binding.expires, "%b %d %Y %I:%M %p")
    yield f"{binding.address!s:<20}{parts[0]:<24}{ends:<24}{kind}"
    for part in parts[1:]:
        yield f"{'':20}{part}"


def _moment(device: Device, when: float, form: str) -> str:
    return f"{local_time(device, when):{form}}"


def pools(context: Context, name: str | None = None) -> Iterator[str]:
    """`show ip dhcp pool [NAME]`."""
    engines = context.device.service(DhcpServices).engines.items()
    wanted = [
        (vrf, engine, each)
        for vrf, engine in engines
        for each in engine.config.pools
        if name in (None, each.name)
    ]
    if name is not None and not wanted:
        raise CommandError(f"% Pool {name} is not in the database.")
    for vrf, engine, each in wanted:
        yield ""
        yield f"Pool {each.name} :"
        marks = context.device.config.of(DhcpConfig).pools[each.name]
        high = marks.high.percent if marks.high is not None else 100
        low = marks.low.percent if marks.low is not None else 0
        yield f" Utilization mark (high/low)    : {high} / {low}"
        yield " Subnet size (first/next)       : 0 / 0 "
        yield from _pool(vrf, engine, each)


def _pool(vrf: str, engine: DhcpServer, pool: Pool) -> Iterator[str]:
    total = leased = 0
    if pool.network is not None:
        first, last = first_and_last(pool.network)
        total, leased = int(last) - int(first) + 1, engine.leased(pool.name)
    elif pool.host is not None:
        total = leased = 1
    yield f" Total addresses                : {total}"
    yield f" Leased addresses               : {leased}"
    yield " Pending event                  : none"
    if vrf:
        yield f" VRF name                       : {vrf}"
    if pool.network is not None:
        yield " 1 subnet is currently in the pool :"
        yield " Current index        IP address range                    Leased addresses"
        yield f" {engine.current(pool)!s:<21}{first!s:<17}- {last!s:<18}{leased}"
    else:
        yield " 0 subnet is currently in the pool"


def conflicts(context: Context, address: IPv4Address | None = None) -> Iterator[str]:
    """`show ip dhcp conflict [A.B.C.D]`."""
    device = context.device
    engines = device.service(DhcpServices).engines.items()
    found = [(each, vrf) for vrf, engine in engines for each in engine.conflicts.values()]
    if address is not None and all(each.address != address for each, _vrf in found):
        raise CommandError(f"% Conflict {address} is not in the database.")
    yield "IP address        Detection method   Detection time          VRF"
    for each, vrf in sorted(found, key=lambda one: (one[0].address, one[1])):
        if address in (None, each.address):
            when = _moment(device, each.when, "%b %d %Y %I:%M %p")
            yield f"{each.address!s:<18}{each.method:<19}{when}" + (f"     {vrf}" if vrf else "")


def statistics(context: Context) -> Iterator[str]:
    """`show ip dhcp server statistics`."""
    server = context.device.service(DhcpServices)
    every = [each for engine in server.engines.values() for each in engine.all_bindings()]
    manual = sum(each.manual for each in every)
    counted = server.engine.statistics
    count = sum(len(engine.config.pools) for engine in server.engines.values())
    memory = MEMORY + FOR_POOL * count + FOR_BINDING * len(every)
    for label, value in (
        ("Memory usage", memory),
        ("Address pools", count),
        ("Database agents", 0),
        ("Automatic bindings", len(every) - manual),
        ("Manual bindings", manual),
        ("Expired bindings", counted.expired),
        ("Malformed messages", counted.malformed),
        ("Secure arp entries", 0),
    ):
        yield f"{label:<21}{value}"
    yield ""
    yield "Message              Received"
    yield from (f"{name:<21}{counted.received.get(name, 0)}" for name in RECEIVED)
    yield ""
    yield "Message              Sent"
    yield from (f"{name:<21}{counted.sent.get(name, 0)}" for name in SENT)


def imported(context: Context) -> Iterator[str]:
    """`show ip dhcp import`: what pools with `import all` have from another server."""
    device = context.device
    found = device.service(DhcpServices).imported()
    for pool in device.config.of(DhcpConfig).pools.values():
        if not pool.import_all:
            continue
        yield f"Address Pool Name: {pool.name}"
        for label, code in (
            ("Domain Name Server(s)", Option.DNS_SERVER),
            ("NetBIOS Name Server(s)", Option.NETBIOS_NAME_SERVER),
        ):
            if code in found:
                yield f"{label}: {' '.join(map(str, read_addresses(found[code])))}"
        if Option.DOMAIN_NAME in found:
            yield f"Domain Name Option: {found[Option.DOMAIN_NAME].decode('utf-8', 'replace')}"


def leases(context: Context) -> Iterator[str]:
    """`show dhcp lease`."""
    device = context.device
    for name, client in device.service(AddressClients).clients.items():
        yield from entry(device, name, client)


def servers(context: Context) -> Iterator[str]:
    """`show dhcp server`: the servers that this box is a client of."""
    for client in context.device.service(AddressClients).clients.values():
        lease = client.lease
        if lease is None or lease.message is None:
            continue
        count = client.counts
        yield f"   DHCP server: ANY ({lease.server})"
        yield f"    Leases:   {count['leases']}"
        answers = f"Acks: {count['ACK']}     Naks: {count['NAK']}"
        yield f"    Offers:   {count['OFFER']}      Requests: {count['REQUEST']}     {answers}"
        yield f"    Declines: {count['DECLINE']}      Releases: {count['RELEASE']}     Bad:  {count['bad']}"
        for number, each in enumerate(lease.name_servers[:2]):
            yield f"    DNS{number}:   {each}"
        yield f"    Subnet: {lease.address.netmask}   DNS Domain: {lease.domain}"


def trusted_sources(context: Context) -> Iterator[str]:
    """`show ip dhcp relay information trusted-sources` (Cisco's command reference)."""
    device = context.device
    if device.config.of(DhcpConfig).relay_trust_all:
        yield "All interfaces are trusted source of relay agent information option"
        return
    names = [
        name
        for name, interface in device.interfaces.items()
        if (held := interface.config.held(HelperAddresses)) is not None and held.trusted
    ]
    yield "List of trusted sources of relay agent information option:"
    for at in range(0, len(names), 4):
        yield "".join(f"{name:<20}" for name in names[at : at + 4]).rstrip()


def databases(context: Context, url: str = "") -> Iterator[str]:
    """`show ip dhcp database [URL]`, as in outputs/show_ip_dhcp_database."""
    device = context.device
    settings = device.config.of(DhcpConfig).databases
    for each, agent in device.service(DhcpDatabase).agents.items():
        if url not in ("", each):
            continue
        read, written = (
            "Never" if when is None else f"{local_time(device, when):{WHEN}}"
            for when in (agent.read, agent.written)
        )
        yield f"URL       :    {each}"
        yield f"Read      :    {read}"
        yield f"Written   :    {written}"
        yield f"Status    :    {agent.status}"
        yield f"Delay     :    {settings[each].delay} seconds"
        yield f"Timeout   :    {settings[each].timeout} seconds"
        yield f"Failures  :    {agent.failures}"
        yield f"Successes :    {agent.successes}"
        yield ""
