"""DHCP and BOOTP."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.packets.addresses import MacAddress
from iosemu.packets.dhcp import CLIENT_PORT, SERVER_PORT, DhcpMessage, DhcpType, Op, Option, read_addresses
from iosemu.packets.dissect.model import DissectionBuilder

PORTS = (SERVER_PORT, CLIENT_PORT)
_HEADER = 240
"""Octets before the first option, the magic cookie among them."""
_ADDRESSES = {
    Option.SUBNET_MASK, Option.ROUTER, Option.DNS_SERVER, Option.NETBIOS_NAME_SERVER, Option.REQUESTED_ADDRESS,
    Option.SERVER_IDENTIFIER, Option.TFTP_ADDRESS,
}  # fmt: skip
_TEXTS = {Option.HOST_NAME, Option.DOMAIN_NAME, Option.MESSAGE, Option.TFTP_SERVER, Option.BOOTFILE}
_SECONDS = {Option.LEASE_TIME, Option.RENEWAL_TIME, Option.REBINDING_TIME}
_NAMES = {
    Option.SUBNET_MASK: "Subnet Mask", Option.DNS_SERVER: "Domain Name Server", Option.HOST_NAME: "Host Name",
    Option.DOMAIN_NAME: "Domain Name", Option.REQUESTED_ADDRESS: "Requested IP Address",
    Option.LEASE_TIME: "IP Address Lease Time", Option.MESSAGE_TYPE: "DHCP Message Type",
    Option.SERVER_IDENTIFIER: "Server Identifier", Option.PARAMETER_LIST: "Parameter Request List",
    Option.MAXIMUM_SIZE: "Maximum DHCP Message Size", Option.RENEWAL_TIME: "Renewal (T1) Time Value",
    Option.REBINDING_TIME: "Rebinding (T2) Time Value", Option.CLIENT_IDENTIFIER: "Client Identifier",
    Option.RELAY_INFORMATION: "Relay Agent Information",
}  # fmt: skip
"""As RFC 2132 and RFC 3046 call them; the others by the words of their symbols."""


def dissect_dhcp(b: DissectionBuilder, data: bytes, at: int) -> None:
    """A message with its options (RFC 951, RFC 2131, RFC 2132)."""
    message = DhcpMessage.parse(data)
    name = "BOOTP" if message.is_bootp else "DHCP"
    b.layer(name, at, at + len(data))
    b.number("Op", at, 1, {Op.REQUEST: "BOOTREQUEST", Op.REPLY: "BOOTREPLY"})
    b.number("Hardware Type", at + 1, 1)
    b.number("Hops", at + 3, 1)
    b.hexadecimal("Transaction ID", at + 4, 4)
    b.field("Seconds", message.seconds, at + 8, 2)
    b.field("Flags", "broadcast" if message.broadcast else "unicast", at + 10, 2)
    b.field("Client IP Address (ciaddr)", message.client, at + 12, 4)
    b.field("Your IP Address (yiaddr)", message.yours, at + 16, 4)
    b.field("Next Server IP Address (siaddr)", message.server, at + 20, 4)
    b.field("Relay IP Address (giaddr)", message.relay, at + 24, 4)
    station = message.station
    b.field("Client Hardware Address", station or message.hardware.hex(), at + 28, len(message.hardware))
    place = at + _HEADER
    for code, value in message.options:
        while place - at < len(data) and data[place - at] == Option.PAD and code != Option.PAD:
            place += 1
        b.field(_name(code), _value(code, value), place, len(value) + 2)
        place += len(value) + 2
    kind = message.type
    word = kind.name.capitalize() if kind is not None else Op(message.op).name.capitalize()
    kept = f" {message.yours}" if kind in (DhcpType.OFFER, DhcpType.ACK) and int(message.yours) else ""
    b.say(name, f"{word}{kept}  Transaction ID {message.transaction:#010x}")


def _name(code: int) -> str:
    try:
        option = Option(code)
    except ValueError:
        return f"Option {code}"
    return _NAMES.get(option) or option.name.replace("_", " ").title()


def _value(code: int, value: bytes) -> str:
    if code == Option.MESSAGE_TYPE and value and value[0] in set(DhcpType):
        return f"{DhcpType(value[0]).name} ({value[0]})"
    if code in _ADDRESSES and len(value) >= 4:
        return ", ".join(str(each) for each in read_addresses(value))
    if code in _SECONDS and len(value) == 4:
        number = int.from_bytes(value)
        return "infinite" if number == 0xFFFFFFFF else f"{number} s"
    if code in _TEXTS:
        return value.rstrip(b"\0").decode("utf-8", "replace")
    if code == Option.PARAMETER_LIST:
        return ", ".join(_name(each) for each in value)
    if code == Option.MAXIMUM_SIZE:
        return f"{int.from_bytes(value)} octets"
    if code == Option.CLIENT_IDENTIFIER and len(value) == 7 and value[0] == 1:
        return str(MacAddress(value[1:]))
    if code == Option.CLIENT_IDENTIFIER and value[:1] == b"\0" and value[1:].isascii():
        return value[1:].decode("ascii")
    if code == Option.STATIC_ROUTE and len(value) % 8 == 0:
        pairs = (value[each : each + 8] for each in range(0, len(value), 8))
        return ", ".join(f"{IPv4Address(each[:4])} by {IPv4Address(each[4:])}" for each in pairs)
    return "0x" + value.hex()
