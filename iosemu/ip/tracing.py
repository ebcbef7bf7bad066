"""What the IPv4 stack tells a trace: which route, what for whom, why no further.

Each function is called only while a trace is on (`scheduler.context`); none changes anything.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.ip.arp_tracing import dotted
from iosemu.net.route import Hop, RouteSource
from iosemu.net.tracing import End, Ends, Kind, Line, Span
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.icmp import IcmpMessage, IcmpType
from iosemu.packets.ipv4 import IPv4Packet, Protocol

if TYPE_CHECKING:
    from iosemu.box.interface import Interface
    from iosemu.ip.path import Path, Transit
    from iosemu.ip.stack import IpStack
    from iosemu.ip.vrf import Vrf

_WRAPPINGS = {Protocol.GRE: "GRE", Protocol.ESP: "ESP", Protocol.AH: "AH"}
_NAT_T = 4500
_ICMP = {
    (IcmpType.UNREACHABLE, 0): "network unreachable",
    (IcmpType.UNREACHABLE, 1): "host unreachable",
    (IcmpType.UNREACHABLE, 2): "protocol unreachable",
    (IcmpType.UNREACHABLE, 3): "port unreachable",
    (IcmpType.UNREACHABLE, 4): "fragmentation needed",
    (IcmpType.UNREACHABLE, 13): "administratively prohibited",
    (IcmpType.TIME_EXCEEDED, 0): "TTL exceeded",
    (IcmpType.TIME_EXCEEDED, 1): "reassembly time exceeded",
}
_KINDS = {IcmpType.ECHO: "echo request", IcmpType.ECHO_REPLY: "echo reply", IcmpType.REDIRECT: "redirect"}


def describe(packet: IPv4Packet) -> str:
    """A packet in a few words: `ICMP echo request 10.0.0.1 > 10.0.0.2`."""
    source, destination, data = str(packet.source), str(packet.destination), packet.payload
    what = _WRAPPINGS.get(Protocol(packet.protocol)) if packet.protocol in set(Protocol) else None
    if packet.fragment_offset:
        what = "fragment"
    elif packet.protocol == Protocol.ICMP:
        message = _icmp(packet)
        what = "ICMP" if message is None else f"ICMP {icmp_words(message)}"
    elif packet.protocol in (Protocol.TCP, Protocol.UDP) and len(data) >= 4:
        name = "TCP" if packet.protocol == Protocol.TCP else "UDP"
        source += f":{int.from_bytes(data[:2])}"
        destination += f":{int.from_bytes(data[2:4])}"
        if _is_wrapping(packet):
            name = "ESP in UDP"
        what = name + (_flags(data) if packet.protocol == Protocol.TCP else "")
    return f"{what or f'IP protocol {packet.protocol}'} {source} > {destination}"


def _icmp(packet: IPv4Packet) -> IcmpMessage | None:
    try:
        return IcmpMessage.parse(packet.payload, verify=False)
    except MalformedPacket:
        return None


def icmp_words(message: IcmpMessage) -> str:
    """`echo request`, `port unreachable` …"""
    for kind, words in _KINDS.items():
        if message.type == kind:
            return words
    for (kind, code), words in _ICMP.items():
        if (message.type, message.code) == (kind, code):
            return words
    return f"type {message.type} code {message.code}"


def _flags(data: bytes) -> str:
    flags = data[13] if len(data) > 13 else 0
    names = [name for bit, name in ((2, "SYN"), (16, "ACK"), (4, "RST"), (1, "FIN")) if flags & bit]
    return f" {' '.join(names)}" if names else ""


def _is_wrapping(packet: IPv4Packet) -> bool:
    """Whether another packet is in it: GRE, ESP, AH, or ESP in UDP (RFC 3948)."""
    if packet.protocol in _WRAPPINGS:
        return True
    data = packet.payload
    return (
        packet.protocol == Protocol.UDP
        and not packet.fragment_offset
        and len(data) > 12
        and _NAT_T in (int.from_bytes(data[:2]), int.from_bytes(data[2:4]))
        and data[8:12] != bytes(4)
    )


def _ends(packet: IPv4Packet) -> Ends:
    return Ends(int(packet.source), int(packet.destination))


# --- made here -------------------------------------------------------------------------------------------


def kind_of(span: Span, packet: IPv4Packet) -> Kind | None:
    """What a packet that is made here because of another is to the trace; None: it is not followed."""
    if span.wrapping or span.ends is None:
        return span.kind
    if int(packet.destination) != span.ends.source or span.kind is Kind.ARP:
        return None
    message = _icmp(packet) if packet.protocol == Protocol.ICMP else None
    if message is not None and message.is_error:
        return None if message.type == IcmpType.REDIRECT else Kind.ERROR
    if span.kind is not Kind.PACKET:
        return None  # an answer is not answered
    return Kind.ANSWER


def send(
    stack: IpStack, span: Span, packet: IPv4Packet, interface: str | None, bypass: bool, vrf: Vrf | None
) -> bool:
    """Send a packet that was made here because of another: followed if it carries or answers that one."""
    kind = kind_of(span, packet)
    if kind is None:
        span.note(stack.device.name, "besides", f"sends {describe(packet)}")
        with span.aside():
            return stack.send(packet, interface=interface, bypass=bypass, vrf=vrf)
    with span.turned(kind) as turned:
        octets = f"{packet.total_length} octets, TTL {packet.ttl}"
        turned.note(stack.device.name, "sends", f"{describe(packet)}, {octets}")
        turned.ends, turned.made = _ends(packet), packet
        return stack.send(packet, interface=interface, bypass=bypass, vrf=vrf)


def send_protected(stack: IpStack, span: Span, packets: tuple[IPv4Packet, ...], vrf: Vrf) -> bool:
    """Send what IPsec made of a packet; nothing where it dropped it after all."""
    if not packets and not span.ended:
        span.drop(stack.device.name, "IPsec", "it could not be protected")
    with span.wrapped():
        sent = [stack.send(each, bypass=True, vrf=vrf) for each in packets]
    return bool(sent) and all(sent)


def send_by_link(
    stack: IpStack,
    span: Span,
    packet: IPv4Packet,
    out: Interface,
    link: Callable[[IPv4Packet, Interface, IPv4Address], bool] | None,
    next_hop: IPv4Address | None,
) -> bool:
    """Send a packet out of an interface that is no Ethernet: a tunnel, a line."""
    with span.wrapped():
        sent = link is not None and link(packet, out, next_hop or packet.destination)
    if out.kind == "Loopback" or out.kind == "Null":
        span.note(stack.device.name, "interface", f"{out.name} leads nowhere", end=End.DROPPED)
    elif not sent and not span.ended:
        span.drop(stack.device.name, "interface", f"{out.name} does not take it")
    return sent


# --- in --------------------------------------------------------------------------------------------------


def arrived(stack: IpStack, span: Span, transit: Transit) -> None:
    """A packet came in on an interface, or out of another one that came in there."""
    packet, interface = transit.packet, transit.came_in
    assert interface is not None
    span.ends = _ends(packet)
    span.note(stack.device.name, "in", f"on {interface.name}: {describe(packet)}, TTL {packet.ttl}")


def for_group(stack: IpStack, span: Span, interface: Interface, station: bytes) -> None:
    """A frame came for a virtual router: this box is the one that forwards for it now."""
    duty = stack.virtual.duties.get((interface.name, station))
    if duty is None or station == bytes(interface.mac):  # `standby use-bia`: one's own frames look the same
        return
    text = f"{duty.role} of {duty.protocol} group {duty.group} on {interface.name}, {dotted(station)}"
    span.note(stack.device.name, "first hop", text, Line(f"interface {interface.name}", (duty.line,)))


def run(stack: IpStack, span: Span, path: Path, transit: Transit, start: int = 0) -> bool:
    """Pass the hooks of a path one by one; whose hook ends the way says why, or it is said for it."""
    for stage, hook in path.stages(start):
        if not hook(transit):
            if not span.ended:
                name = stage.name.lower().replace("_", " ")
                span.drop(stack.device.name, name, "the packet ends here")
            return False
    return True


def no_address(interface: Interface, span: Span) -> None:
    """IP does not run on the interface."""
    line = Line(f"interface {interface.name}", ("ip address", "no ip address"))
    span.drop(interface.device.name, "in", f"{interface.name} has no IP address", line)


def malformed(interface: Interface, span: Span) -> None:
    """The header is wrong."""
    span.drop(interface.device.name, "in", f"on {interface.name}: the IP header is malformed")


def not_ours(stack: IpStack, span: Span, transit: Transit) -> None:
    """Neither for this box nor to be forwarded."""
    name, packet = stack.device.name, transit.packet
    if transit.link_broadcast or packet.destination.is_multicast:
        span.note(name, "local", "a broadcast or multicast that nobody here takes", end=End.IGNORED)
    else:
        line = Line("", ("no ip routing",))
        span.drop(
            name, "local", f"{packet.destination} is not an address of this box, which does not route", line
        )


def delivered(stack: IpStack, span: Span, packet: IPv4Packet) -> None:
    """A packet is for this box; it arrived, unless another one is in it."""
    name, data = stack.device.name, packet.payload
    if _is_wrapping(packet):
        span.note(name, "local", f"for this box: {describe(packet)}")
        return
    text = describe(packet)
    if packet.protocol == Protocol.UDP and len(data) >= 4:
        port = int.from_bytes(data[2:4])
        if span.kind is Kind.PACKET and not stack.listens(port):
            text += f"; nothing listens on UDP port {port}"
    message = _icmp(packet) if packet.protocol == Protocol.ICMP else None
    if message is not None and message.type == IcmpType.REDIRECT:
        span.note(name, "local", text, end=End.IGNORED)
        return
    span.note(name, "local", f"for this box: {text}", end=End.ARRIVED)


def untaken(stack: IpStack, span: Span, packet: IPv4Packet, before: int) -> None:
    """After a packet with another one in it was handed on: nothing has been said about that since."""
    if _is_wrapping(packet) and len(span.trace.notes) == before:
        what = (
            "no tunnel here is from these addresses, with this key"
            if packet.protocol == Protocol.GRE
            else ("nothing here opens it")
        )
        span.drop(stack.device.name, "local", what)


def waits_for_fragments(stack: IpStack, span: Span) -> None:
    """A piece of a packet came."""
    span.note(stack.device.name, "local", "a fragment: waits for the others", end=End.IGNORED)


# --- through and out -------------------------------------------------------------------------------------


def expired(stack: IpStack, span: Span) -> None:
    """TTL."""
    span.drop(stack.device.name, "TTL", "the TTL is used up here")


def routed(stack: IpStack, span: Span, destination: IPv4Address, hop: Hop, vrf: Vrf) -> None:
    """A route was chosen."""
    route = hop.route
    source = route.process or route.source.name.lower()
    over = f" via {hop.next_hop}" if hop.next_hop is not None else ", directly"
    table = f" in VRF {vrf.name}" if vrf.name else ""
    text = f"{destination} by {route.network} ({source}{table}){over} out of {hop.interface}"
    span.note(stack.device.name, "route", text, *_route_lines(hop, vrf.name))


def _route_lines(hop: Hop, vrf: str = "") -> tuple[Line, ...]:
    route = hop.route
    head = f"ip route vrf {vrf}" if vrf else "ip route"
    network = f"{route.network.network_address} {route.network.netmask}"
    if route.source is RouteSource.STATIC:
        way = " ".join(str(each) for each in (route.interface, route.next_hop) if each is not None)
        gateway = ("ip default-gateway", "ipconfig") if route.network.prefixlen == 0 else ()
        return (Line("", (f"{head} {network} {way}", f"{head} {network}", *gateway)),)
    if route.source in (RouteSource.CONNECTED, RouteSource.LOCAL):
        return (Line(f"interface {hop.interface}", ("ip address", "ip unnumbered")), Line("", ("ipconfig",)))
    return (Line(f"router {route.process}"),) if route.process else ()


def no_route(
    stack: IpStack, span: Span, destination: IPv4Address, hop: Hop | None, silent: bool = False
) -> None:
    """There is none, or it leads to Null0."""
    said = "" if not silent else "; it says nothing about it (no ip unreachables)"
    if hop is None:
        lines = (Line("", ("ip default-gateway", "no ip routing", "ipconfig")),)
        span.drop(stack.device.name, "route", f"there is no route to {destination}{said}", *lines)
    else:
        text = f"{destination} by {hop.route.network} leads to {hop.interface}{said}"
        span.drop(stack.device.name, "route", text, *_route_lines(hop))


def directed_broadcast(stack: IpStack, span: Span, out: Interface) -> None:
    """Not forwarded."""
    line = Line(f"interface {out.name}", ("ip directed-broadcast",))
    span.drop(stack.device.name, "route", "a directed broadcast, which is not passed on", line)


def too_large(stack: IpStack, span: Span, packet: IPv4Packet, out: Interface, mtu: int) -> None:
    """It may not be fragmented."""
    line = Line(f"interface {out.name}", ("ip mtu", "mtu"))
    text = (
        f"{packet.total_length} octets are more than the MTU of {mtu}, and the packet may not be fragmented"
    )
    span.drop(stack.device.name, "MTU", text, line)


def fragmented(stack: IpStack, span: Span, mtu: int, pieces: int) -> None:
    """It is."""
    span.note(stack.device.name, "MTU", f"sent in {pieces} fragments: the MTU is {mtu}")
