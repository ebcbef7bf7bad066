"""Configuration payloads: what a client is given, and the networks that either end tells (RFC 7296, 2.19 and 3.15).

IKE_AUTH request: CP(CFG_REQUEST)    response: CP(CFG_REPLY)
INFORMATIONAL request: CP(CFG_SET)   response: CP(CFG_ACK)
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network

from iosemu.ikev2 import events
from iosemu.ikev2.machine import Machine
from iosemu.ikev2.message import Message
from iosemu.ikev2.numbers import Attribute, ConfigType, ExchangeType
from iosemu.ikev2.payloads import Configuration, Payload
from iosemu.ikev2.sa import IkeSa
from iosemu.ikev2.tasks import QueuedTask

Attributes = tuple[tuple[int, bytes], ...]


class ConfigSet(QueuedTask):
    """Tell the peer attributes, the networks of this side among them."""

    EXCHANGE = ExchangeType.INFORMATIONAL

    def __init__(self, attributes: Attributes) -> None:
        self.attributes = attributes

    def payloads(self, machine: Machine, sa: IkeSa) -> list[Payload] | None:
        """The configuration payload."""
        return [Configuration(ConfigType.SET, self.attributes)]

    def answered(self, machine: Machine, sa: IkeSa, message: Message) -> None:
        """The peer has taken what it wanted of it."""


def take(machine: Machine, sa: IkeSa, payload: Configuration, tag: object = None) -> list[Payload]:
    """Report what a peer tells; what it is answered with."""
    machine.emit(events.ConfigurationTold, sa, payload.attributes, tag)
    if payload.type != ConfigType.SET:
        return []
    return [Configuration(ConfigType.ACK, tuple((kind, b"") for kind, _value in payload.attributes))]


def addresses(attributes: Attributes, wanted: int) -> list[IPv4Address]:
    """The addresses that stand in attributes of one kind; empty ones ask only."""
    return [IPv4Address(value) for kind, value in attributes if kind == wanted and len(value) == 4]


def networks(attributes: Attributes) -> list[IPv4Network]:
    """The networks of INTERNAL_IP4_SUBNET; ones that are none are left out."""
    found = []
    for kind, value in attributes:
        if kind != Attribute.IP4_SUBNET or len(value) != 8:
            continue
        try:
            found.append(IPv4Network((value[:4], str(IPv4Address(value[4:])))))
        except ValueError:
            continue
    return found


def subnet_attributes(told: Iterable[IPv4Network]) -> Attributes:
    """INTERNAL_IP4_SUBNET for each network."""
    return tuple(
        (int(Attribute.IP4_SUBNET), each.network_address.packed + each.netmask.packed) for each in told
    )
