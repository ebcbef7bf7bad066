"""The command line of a PC: ping, ipconfig, tracert, arp, in the words of Packet Tracer's."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, NetmaskValueError
from typing import Any

from iosemu.box.device import Device
from iosemu.box.system import SystemConfig, User
from iosemu.box.timestamps import local_time
from iosemu.handling.context import Context
from iosemu.handling.effects import (
    Close,
    CommandError,
    Effect,
    Interrupted,
    Output,
    Steps,
    Wait,
    WaitFor,
    Write,
)
from iosemu.handling.passwords import make_password
from iosemu.ip.config import IpSettings
from iosemu.ip.probe import Answer, Probe
from iosemu.ip.resolver import Resolver
from iosemu.ip.stack import IpStack
from iosemu.net.arp_table import ArpKind
from iosemu.packets.icmp import IcmpType
from iosemu.subjects.hosts.lookup import resolve
from iosemu.subjects.pc.config import HostConfig
from iosemu.subjects.pc.service import HostClients, NetworkCards
from iosemu.subjects.ping.probing import answer_to, pause_after

TIMEOUT = 4.0
"""Seconds that ping waits for a reply, as Windows does."""
INTERVAL = 1.0
RENEWAL = 60.0
"""Seconds that `ipconfig /renew` waits for a server."""
HOPS = 30
LETTERS = bytes(range(ord("a"), ord("w") + 1))
"""What Windows fills an echo with, again and again."""
HELP = {
    "?": "Display the list of available commands",
    "arp": "Display the arp table",
    "dot1x": "Prove the identity of this host to its switch port (IEEE 802.1X)",
    "exit": "Quit this session",
    "help": "Display the list of available commands",
    "ipconfig": "Display network configuration for each network adapter",
    "nslookup": "DNS Lookup",
    "ping": "Send echo messages",
    "tracert": "Trace route to destination",
}


def show_help(context: Context) -> Iterator[str]:
    """`help`, `?`."""
    yield "Available Commands:"
    for name, text in list(HELP.items()):
        yield f"  {name:<15}{text}"


def leave(context: Context) -> list[Effect]:
    """`exit`."""
    return [Close()]


def ipconfig(context: Context, **_keywords: Any) -> Iterator[str]:
    """`ipconfig [/all]`."""
    host = context.device
    everything = "/all" in context.words
    interface = host.service(NetworkCards).card
    address = interface.config.of(IpSettings).address
    yield ""
    yield "FastEthernet0 Connection:(default port)"
    yield ""
    if everything:
        yield f"   Connection-specific DNS Suffix..: {host.config.of(HostConfig).domain}"
        yield f"   Physical Address................: {str(interface.mac).upper()}"
    rows = [("IPv4 Address", address.ip if address else "0.0.0.0")]  # noqa: S104 - what an unset address reads
    rows.append(("Subnet Mask", address.netmask if address else "0.0.0.0"))  # noqa: S104
    rows.append(("Default Gateway", host.config.of(HostConfig).gateway or "0.0.0.0"))  # noqa: S104
    if everything:
        rows += _lease_rows(host)
        rows.append(("DNS Servers", host.config.of(HostConfig).dns_server or "0.0.0.0"))  # noqa: S104
    for label, value in rows:
        yield f"   {label:.<32}: {value}"
    yield ""


def _lease_rows(host: Device) -> list[tuple[str, Any]]:
    """Who gave the address, and until when."""
    enabled = host.service(NetworkCards).card.config.of(IpSettings).dhcp
    client = host.service(HostClients).clients.get(host.service(NetworkCards).card.name)
    rows: list[tuple[str, Any]] = [("DHCP Enabled", "Yes" if enabled else "No")]
    if client is not None and client.lease is not None:
        rows.append(("DHCP Servers", client.lease.server))
        ends = client.expires()
        rows.append(
            ("Lease Expires", "Never" if ends is None else f"{local_time(host, ends):%Y-%m-%d %H:%M:%S}")
        )
    return rows


def use_dhcp(context: Context) -> None:
    """`ipconfig dhcp`, also of a start-up file: the address comes from a server."""
    context.device.service(NetworkCards).use_dhcp()


def renew(context: Context) -> Steps:
    """`ipconfig /renew`: ask for an address, or for more time, and say what came."""
    host = context.device
    clients, card = host.service(HostClients), host.service(NetworkCards).card
    client = clients.clients.get(card.name)
    if client is None:
        raise CommandError("The port is not in DHCP mode (ipconfig dhcp).")
    before = client.counts["ACK"]
    clients.renew(card.name)
    yield WaitFor(lambda: client.counts["ACK"] > before, RENEWAL, clients.settled)
    if client.counts["ACK"] <= before:
        yield "DHCP request failed."
        return
    yield from _told(host)


def release(context: Context) -> Iterator[str]:
    """`ipconfig /release`: give the address back."""
    host = context.device
    clients, card = host.service(HostClients), host.service(NetworkCards).card
    if card.name not in clients.clients:
        raise CommandError("The port is not in DHCP mode (ipconfig dhcp).")
    clients.release(card.name)
    yield from _told(host)


def _told(host: Device) -> Iterator[str]:
    config, address = (
        host.config.of(HostConfig),
        host.service(NetworkCards).card.config.of(IpSettings).address,
    )
    unset = "0.0.0.0"  # noqa: S104 - what an unset address reads
    yield ""
    for label, value in (
        ("IP Address", address.ip if address else unset),
        ("Subnet Mask", address.netmask if address else unset),
        ("Default Gateway", config.gateway or unset),
        ("DNS Server", config.dns_server or unset),
    ):
        yield f"   {label:.<32}: {value}"
    yield ""


def configure(
    context: Context, address: IPv4Address, mask: IPv4Address, gateway: IPv4Address | None = None
) -> Output:
    """`ipconfig ADDRESS MASK [GATEWAY]`."""
    host = context.device
    try:
        prefix = IPv4Network(f"0.0.0.0/{mask}")
    except (NetmaskValueError, ValueError):
        prefix = None
    if prefix is None or int(prefix.netmask) != int(mask):
        raise CommandError("Invalid subnet mask.")
    new = IPv4Interface((int(address), prefix.prefixlen))
    if address.is_multicast or (
        prefix.prefixlen < 31 and address in (new.network.network_address, new.network.broadcast_address)
    ):
        raise CommandError("Invalid IP address.")
    if gateway is not None and gateway not in new.network:
        raise CommandError("The default gateway is not in the same subnet as the IP address.")
    host.service(NetworkCards).set_address(new, gateway)
    return None


def dns_server(context: Context, address: IPv4Address | None = None) -> Output:
    """`dns-server ADDRESS` of a start-up file."""
    context.device.config.of(HostConfig).dns_server = None if context.negated else address
    return None


def user(context: Context, name: str, level: int = 1, encoding: str = "", secret: str = "") -> Output:
    """`username NAME [privilege N] password [0 | 7] X` of a start-up file: who may log in by SSH."""
    users = context.device.config.of(SystemConfig).users
    if context.negated:
        users.pop(name, None)
    else:
        users[name] = User(name, level, password=make_password(context, "password", encoding, secret))
    return None


def _milliseconds(answer: Answer) -> str:
    return "time<1ms" if answer.milliseconds < 1 else f"time={answer.milliseconds}ms"


def _reply(answer: Answer, size: int) -> str:
    message = answer.message
    if message.type == IcmpType.ECHO_REPLY:
        return f"Reply from {answer.source}: bytes={size} {_milliseconds(answer)} TTL={answer.ttl}"
    if message.type == IcmpType.TIME_EXCEEDED:
        return f"Reply from {answer.source}: TTL expired in transit."
    if message.type == IcmpType.UNREACHABLE and message.code == 4:
        return "Packet needs to be fragmented but DF set."
    return f"Reply from {answer.source}: Destination host unreachable."


def ping(
    context: Context,
    host: IPv4Address | str,
    count: int = 4,
    size: int = 32,
    ttl: int = 128,
    timeout: int = 4000,
    **keywords: Any,
) -> Steps:
    """`ping [-n COUNT] [-l SIZE] [-i TTL] [-w MILLISECONDS] [-t] HOST`."""
    device = context.device
    address = yield from _translated(device, host)
    if address is None:
        yield f"Ping request could not find host {host}. Please check the name and try again."
        return
    endless = "-t" in context.words
    stack = device.service(IpStack)
    yield ""
    yield f"Pinging {address} with {size} bytes of data:"
    yield ""
    identifier = device.rng.randrange(1, 0x10000)
    payload = (LETTERS * (size // len(LETTERS) + 1))[:size]
    answers: list[Answer] = []
    sent = 0
    try:
        while endless or sent < count:
            sent += 1
            with Probe(stack, address, stack.source_for(address)) as probe:
                probe.echo(identifier, sent & 0xFFFF, payload, ttl=ttl)
                yield answer_to(probe, timeout / 1000)
                yield from pause_after(probe)
            answer = probe.answer
            yield "Request timed out." if answer is None else _reply(answer, size)
            if answer is not None and answer.message.type == IcmpType.ECHO_REPLY:
                answers.append(answer)
            if answer is not None and (endless or sent < count):
                yield Wait(INTERVAL)
    except Interrupted:
        yield ""
    yield from _statistics(address, sent, answers)


def _statistics(address: IPv4Address, sent: int, answers: list[Answer]) -> Iterator[str]:
    received = len(answers)
    lost = sent - received
    percent = lost * 100 // sent if sent else 0
    yield ""
    yield f"Ping statistics for {address}:"
    yield f"    Packets: Sent = {sent}, Received = {received}, Lost = {lost} ({percent}% loss),"
    if answers:
        times = [answer.milliseconds for answer in answers]
        yield "Approximate round trip times in milli-seconds:"
        average = sum(times) // len(times)
        yield f"    Minimum = {min(times)}ms, Maximum = {max(times)}ms, Average = {average}ms"
    yield ""


def tracert(context: Context, host: IPv4Address | str) -> Steps:
    """`tracert HOST`."""
    device = context.device
    address = yield from _translated(device, host)
    if address is None:
        yield f"Unable to resolve target system name {host}."
        return
    stack = device.service(IpStack)
    identifier = device.rng.randrange(1, 0x10000)
    yield ""
    yield f"Tracing route to {address} over a maximum of {HOPS} hops: "
    yield ""
    sequence = 0
    try:
        for ttl in range(1, HOPS + 1):
            yield Write(f"  {ttl:<3}")
            answer: Answer | None = None
            for _probe in range(3):
                sequence += 1
                with Probe(stack, address, stack.source_for(address)) as probe:
                    probe.echo(identifier, sequence, bytes(64), ttl=ttl)
                    yield answer_to(probe, TIMEOUT)
                    answer = probe.answer or answer
                    came = probe.answer
                yield Write(f" {'*' if came is None else f'{came.milliseconds} ms':<9}")
            yield f" {answer.source}" if answer is not None else " Request timed out."
            if answer is not None and answer.message.type != IcmpType.TIME_EXCEEDED:
                break
    except Interrupted:
        yield ""
        yield "Control-C"
        yield "^C"
        return
    yield ""
    yield "Trace complete."
    yield ""


def arp_table(context: Context) -> Iterator[str]:
    """`arp -a`."""
    host = context.device
    entries = sorted(
        (each for each in host.service(IpStack).arp.table if each.kind is not ArpKind.INTERFACE),
        key=lambda each: each.address,
    )
    if not entries:
        yield "No ARP Entries Found"
        return
    yield "  Internet Address      Physical Address      Type"
    for each in entries:
        yield f"  {each.address!s:<22}{each.mac!s:<22}{each.kind.value}"


def clear_arp(context: Context) -> Output:
    """`arp -d`."""
    context.device.service(IpStack).arp.clear()
    return None


def _translated(device: Device, host: IPv4Address | str) -> Generator[str | Effect, Any, IPv4Address | None]:
    """The address of a host, of which the name server may know."""
    found = resolve(device, host)
    if found is not None:
        return found
    resolver = device.service(Resolver)
    known = resolver.known(str(host))
    if known:
        return known[0]
    lookup = resolver.look_up(str(host))
    try:
        if not lookup.done:
            yield WaitFor(lambda: lookup.done, None, lookup.changed)
        return lookup.addresses[0] if lookup.addresses else None
    finally:
        resolver.close(lookup)


def nslookup(context: Context, name: str, server: IPv4Address | None = None) -> Steps:
    """`nslookup NAME [SERVER]`."""
    device = context.device
    resolver = device.service(Resolver)
    servers = [server] if server is not None else resolver.servers()
    if not servers:
        yield "*** Can't find server address: no DNS server is configured"
        return
    yield ""
    yield f"Server: [{servers[0]}]"
    yield f"Address:  {servers[0]}"
    yield ""
    lookup = resolver.look_up(name, servers)
    try:
        if not lookup.done:
            yield WaitFor(lambda: lookup.done, None, lookup.changed)
    finally:
        resolver.close(lookup)
    answer = lookup.answer
    if answer is None:
        silent = "*** Request to UnKnown timed-out"
        yield silent if lookup.silent else f"*** UnKnown can't find {name}: Non-existent domain."
        return
    if not answer.authoritative:
        yield "Non-authoritative answer:"
    yield f"Name:\t{answer.name or name}"
    yield f"Address:\t{answer.addresses[0]}"
    yield from (f"\t\t{each}" for each in answer.addresses[1:])
    yield ""
