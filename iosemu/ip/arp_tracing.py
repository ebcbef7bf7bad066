"""What ARP tells a trace: whether the next hop is known, who is asked for it, and who answers."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.net.arp_table import ArpRelease, Unresolved
from iosemu.net.tracing import End, Kind, Line, Span
from iosemu.packets.arp import ArpOperation, ArpPacket

if TYPE_CHECKING:
    from iosemu.box.interface import Interface


def dotted(mac: bytes) -> str:
    """A station address as IOS writes it."""
    text = mac.hex()
    return f"{text[:4]}.{text[4:8]}.{text[8:]}"


def resolving(
    out: Interface,
    span: Span,
    next_hop: IPv4Address,
    mac: bytes | None,
    packet: bytes,
    policy: Unresolved,
) -> None:
    """The station address of a next hop is known, or not yet."""
    name = out.device.name
    if span.kind is Kind.ARP or not packet:
        return
    if mac is not None:
        span.note(name, "ARP", f"{next_hop} is {dotted(mac)} on {out.name}")
        return
    span.trace.sought.add(int(next_hop))
    if policy is Unresolved.QUEUE:
        span.trace.waiting[packet] = span
        span.note(name, "ARP", f"{next_hop} on {out.name} is not known yet: the packet waits")
    else:
        span.drop(name, "ARP", f"{next_hop} on {out.name} is not known yet: the packet is dropped")


def no_source(out: Interface, span: Span) -> None:
    """ARP cannot ask: there is no address to ask from."""
    line = Line(f"interface {out.name}", ("ip address", "no ip address"))
    span.drop(out.device.name, "ARP", f"{out.name} has no address to ask from", line)


def send(out: Interface, span: Span, packet: ArpPacket, frame: bytes) -> None:
    """Send a request or an answer; followed if it is about a next hop of the packet."""
    asks = packet.operation == ArpOperation.REQUEST
    if int(packet.target_ip if asks else packet.sender_ip) not in span.trace.sought:
        with span.aside():
            out.send(frame)
        return
    with span.turned(Kind.ARP) as turned:
        if asks:
            text = f"who has {packet.target_ip}? tell {packet.sender_ip}, out of {out.name}"
        else:
            text = f"{packet.sender_ip} is {dotted(packet.sender_mac)}"
        turned.note(out.device.name, "ARP", text)
        out.send(frame)


def received(interface: Interface, span: Span, packet: ArpPacket, for_us: bool) -> None:
    """A request or an answer came in."""
    name = interface.device.name
    if packet.operation != ArpOperation.REQUEST:
        span.note(name, "ARP", f"{packet.sender_ip} answered on {interface.name}", end=End.ARRIVED)
    elif for_us:
        span.note(name, "ARP", f"{interface.name} answers for {packet.target_ip}")
    else:
        span.note(name, "ARP", f"{interface.name} is not {packet.target_ip}", end=End.IGNORED)


def filtered(interface: Interface, span: Span, packet: ArpPacket) -> None:
    """Who asks or answers does not belong on the link."""
    text = f"{packet.sender_ip} is in no subnet of {interface.name}: not answered"
    span.drop(interface.device.name, "ARP", text, Line(f"interface {interface.name}", ("ip address",)))


def unanswered(out: Interface, span: Span, given_up: ArpRelease) -> None:
    """Nobody answered; what waited is dropped."""
    text = f"nobody answers for {given_up.address} on {out.name}: the packet is dropped"
    for packet in given_up.packets:
        span.gave_up(out.device.name, packet, text)
