"""`show ip traffic`: what the IP stack counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from iosemu.handling.context import Context
from iosemu.ip.counters import IpCounters
from iosemu.ip.stack import IpStack
from iosemu.packets.icmp import IcmpType

_OTHERS = (
    "TCP statistics:",
    "  Rcvd: 0 total, 0 checksum errors, 0 no port",
    "  Sent: 0 total",
    "",
    "OSPF statistics:",
    "  Rcvd: 0 total, 0 checksum errors",
    "        0 hello, 0 database desc, 0 link state req",
    "        0 link state updates, 0 link state acks",
    "  Sent: 0 total",
    "        0 hello, 0 database desc, 0 link state req",
    "        0 link state updates, 0 link state acks",
    "",
    "EIGRP-IPv4 statistics:",
    "  Rcvd: 0 total",
    "  Sent: 0 total",
    "",
    "PIMv2 statistics: Sent/Received",
    "  Total: 0/0, 0 checksum errors, 0 format errors",
    "  Registers: 0/0 (0 non-rp, 0 non-sm-group), Register Stops: 0/0,  Hellos: 0/0",
    "  Join/Prunes: 0/0, Asserts: 0/0, grafts: 0/0",
    "  Bootstraps: 0/0, Candidate_RP_Advertisements: 0/0",
    "  State-Refresh: 0/0",
    "",
    "IGMP statistics: Sent/Received",
    "  Total: 0/0, Format errors: 0/0, Checksum errors: 0/0",
    "  Host Queries: 0/0, Host Reports: 0/0, Host Leaves: 0/0 ",
    "  DVMRP: 0/0, PIM: 0/0",
    "",
)
"""Protocols that run nowhere here, so that nothing of them is ever counted."""


def show_ip_traffic(context: Context) -> Iterator[str]:
    """`show ip traffic`."""
    stack = context.device.service(IpStack)
    yield from _ip(stack.counters)
    yield ""
    yield from _icmp(stack.icmp)
    yield ""
    counters = stack.counters
    yield "UDP statistics:"
    yield (
        f"  Rcvd: {counters.udp_received} total, {counters.udp_errors} checksum errors, "
        f"{counters.udp_no_port} no port"
    )
    yield f"  Sent: {counters.udp_sent} total, 0 forwarded broadcasts"
    yield ""
    yield from _OTHERS
    arp = stack.arp.table
    yield "ARP statistics:"
    yield f"  Rcvd: {arp.requests_received} requests, {arp.replies_received} replies, 0 reverse, 0 other"
    yield f"  Sent: {arp.requests_sent} requests, {arp.replies_sent} replies (0 proxy), 0 reverse"
    yield "  Drop due to input queue full: 0"


def _ip(ip: IpCounters) -> Iterator[str]:
    yield "IP statistics:"
    yield f"  Rcvd:  {ip.received} total, {ip.delivered} local destination"
    yield f"         0 format errors, {ip.header_errors} checksum errors, {ip.ttl_expired} bad hop count"
    yield "         0 unknown protocol, 0 not a gateway"
    yield "         0 security failures, 0 bad options, 0 with options"
    yield "  Opts:  0 end, 0 nop, 0 basic security, 0 loose source route"
    yield "         0 timestamp, 0 extended security, 0 record route"
    yield "         0 stream ID, 0 strict source route, 0 alert, 0 cipso, 0 ump"
    yield "         0 other"
    yield f"  Frags: {ip.reassembled} reassembled, 0 timeouts, 0 couldn't reassemble"
    yield f"         {ip.fragmented} fragmented, {ip.fragments_made} fragments, {ip.cannot_fragment} couldn't fragment"
    yield f"  Bcast: {ip.broadcasts_received} received, {ip.broadcasts_sent} sent"
    yield f"  Mcast: {ip.multicasts_received} received, {ip.multicasts_sent} sent"
    yield f"  Sent:  {ip.generated} generated, {ip.forwarded} forwarded"
    yield f"  Drop:  {ip.unresolved} encapsulation failed, 0 unresolved, 0 no adjacency"
    yield f"         {ip.no_route} no route, 0 unicast RPF, {ip.denied} forced drop"
    yield "         0 options denied"


def _icmp(icmp: Any) -> Iterator[str]:
    def received(kind: IcmpType) -> int:
        return int(icmp.received.get(kind, 0))

    def sent(kind: IcmpType) -> int:
        return int(icmp.sent.get(kind, 0))

    yield "ICMP statistics:"
    yield (
        f"  Rcvd: 0 format errors, 0 checksum errors, {received(IcmpType.REDIRECT)} redirects, "
        f"{received(IcmpType.UNREACHABLE)} unreachable"
    )
    yield (
        f"        {received(IcmpType.ECHO)} echo, {received(IcmpType.ECHO_REPLY)} echo reply, "
        "0 mask requests, 0 mask replies, 0 quench"
    )
    yield f"        0 parameter, {received(IcmpType.TIMESTAMP)} timestamp, 0 info request, 0 other"
    yield "        0 irdp solicitations, 0 irdp advertisements"
    yield f"        {received(IcmpType.TIME_EXCEEDED)} time exceeded, 0 info replies"
    yield (
        f"  Sent: {sent(IcmpType.REDIRECT)} redirects, {sent(IcmpType.UNREACHABLE)} unreachable, "
        f"{sent(IcmpType.ECHO)} echo, {sent(IcmpType.ECHO_REPLY)} echo reply"
    )
    yield "        0 mask requests, 0 mask replies, 0 quench, 0 timestamp"
    yield f"        0 info reply, {sent(IcmpType.TIME_EXCEEDED)} time exceeded, 0 parameter problem"
    yield "        0 irdp solicitations, 0 irdp advertisements"
