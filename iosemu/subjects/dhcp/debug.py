"""`debug ip dhcp server …`, `debug dhcp` and the system messages (outputs/debug_ip_dhcp_server)."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.ip.stack import IpStack
from iosemu.net.dhcp.client import Bound, ClientEvent, DhcpClient, Heard, Lost, Sent
from iosemu.net.dhcp.pools import PING, Noted
from iosemu.packets.dhcp import NOBODY, DhcpMessage, DhcpType, dotted
from iosemu.subjects.dhcp.config import CLIENT_DEBUG, DETAILED, SERVER_EVENTS, SERVER_PACKET
from iosemu.subjects.dhcp.entry import entry

DEBUG, WARNING, INFORMATION = 7, 4, 6


def _packet(device: Device, text: str) -> None:
    if device.debugging.on(SERVER_PACKET):
        device.log("", DEBUG, "", f"DHCPD: {text}")


def _event(device: Device, text: str) -> None:
    if device.debugging.on(SERVER_EVENTS):
        device.log("", DEBUG, "", f"DHCPD: {text}")


def inconsistent(device: Device) -> None:
    """A switch inserted option 82 and is not trusted."""
    _packet(device, "inconsistent relay information.")
    _packet(device, "relay information option exists, but giaddr is zero.")


def _name(message: DhcpMessage) -> str:
    kind = message.type
    return f"DHCP{kind.name}" if kind is not None else "BOOTREQUEST"


def server(device: Device, note: Noted) -> None:
    """What the server's engine noted."""
    client, message = dotted(note.client), note.message
    if note.what == "received" and message is not None:
        via = f" through relay {message.relay}" if message.relay != NOBODY else ""
        if not via and message.type is DhcpType.DISCOVER:
            via = f" on interface {note.interface}"
        _packet(device, f"{_name(message)} received from client {client}{via}.")
    elif note.what == "sending" and message is not None:
        address = f" ({note.address})" if note.address is not None else ""
        kind = f"DHCP{message.type.name}" if message.type is not None else "BOOTREPLY"
        _packet(device, f"Sending {kind} to client {client}{address}.")
        if message.type is DhcpType.ACK and note.address is not None:
            _event(device, f"assigned IP address {note.address} to client {client}.")
    elif note.what == "no-pool" and message is not None:
        place = message.relay if message.relay != NOBODY else f"interface {note.interface}"
        _event(device, f"there is no address pool for {place}.")
    elif note.what == "exhausted" and message is not None:
        _event(device, f"subnet has no free addresses for client {client}.")
    elif note.what == "expired":
        _event(device, f"lease of {note.address} for client {client} has expired.")
    elif note.what == "conflict":
        _conflict(device, note)


def _conflict(device: Device, note: Noted) -> None:
    if note.method == PING:
        text = f"DHCP address conflict:  server pinged {note.address}."
        device.log("DHCPD", WARNING, "PING_CONFLICT", text)
    else:
        text = f"DHCP address conflict:  client {dotted(note.client)} declined {note.address}."
        device.log("DHCPD", WARNING, "DECLINE_CONFLICT", text)


def utilization(device: Device, pool: str, high: bool, used: int, total: int, mark: int) -> None:
    """A pool passed one of its utilization marks."""
    word = "high" if high else "low"
    text = (
        f'Pool "{pool}" is in {word} utilization state ({used} addresses used out of {total}). '
        f"Threshold set at {mark}%."
    )
    device.log("DHCPD", INFORMATION, f"{word.upper()}_UTIL", text)


def answered(device: Device, message: DhcpMessage, relay: IPv4Address | None = None) -> None:
    """How a reply leaves."""
    station = message.station
    client = station.dotted if station is not None else dotted(message.hardware)
    if relay is not None:
        _packet(device, f"unicasting BOOTREPLY for client {client} to relay {relay}.")
    elif message.broadcast or message.yours == NOBODY:
        _packet(device, f"broadcasting BOOTREPLY to client {client}.")
    else:
        _packet(device, f"unicasting BOOTREPLY to client {client} ({message.yours}).")


def relayed(device: Device, message: DhcpMessage, own: IPv4Address) -> None:
    """A request goes on to the helpers."""
    _packet(device, f"setting giaddr to {own}.")
    interface = device.service(IpStack).interface_of(own)
    station = message.station
    client = station.dotted if station is not None else dotted(message.hardware)
    if interface is not None:
        _packet(device, f"BOOTREQUEST from {client} forwarded from {interface.name}.")


def client(device: Device, interface: Interface, event: ClientEvent, client: DhcpClient | None) -> None:
    """What a client of this box did."""
    if not device.debugging.on(CLIENT_DEBUG):
        return
    lines: list[str] = []
    known: list[str] = []
    if client is not None and device.debugging.limits(CLIENT_DEBUG) == DETAILED:
        known = list(entry(device, interface.name, client))
    if isinstance(event, Sent):
        word = "".join(("S", event.type.name.capitalize()))
        if event.type is DhcpType.DISCOVER and event.attempt == 1:
            lines.append(f"DHCP: Try 1 to acquire address for {interface.name}")
        lines.append(f"DHCP: {word} attempt # {event.attempt} for entry:")
        lines += known
        lines.append(f"DHCP: {word}: sending {event.octets} byte length DHCP packet")
    elif isinstance(event, Heard):
        lines.append("DHCP: Received a BOOTREP pkt")
        if event.type is DhcpType.OFFER:
            lines.append(f"DHCP: offer received from {event.server}")
        elif event.type is DhcpType.NAK:
            lines.append(f"DHCP: NAK received from {event.server}")
    elif isinstance(event, Bound):
        address = event.lease.address
        lines.append(f"Allocated IP address = {address.ip}  {address.netmask}")
    elif isinstance(event, Lost):
        lines.append(f"DHCP: the address {event.lease.address.ip} of {interface.name} is given up")
    for text in lines:
        device.log("", DEBUG, "", text)
