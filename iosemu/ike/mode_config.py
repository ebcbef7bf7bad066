"""Numbers of the transaction exchange, and values of its attributes.

draft-dukes-ike-mode-cfg-02 (configuration), draft-beaulieu-ike-xauth-02 (users), and the private attributes that
Cisco's clients ask for (Unity).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address, IPv4Network

from iosemu.ike.sa_payload import Attribute


class ConfigKind(IntEnum):
    """What an attribute payload is (draft-dukes-ike-mode-cfg-02, 3.2)."""

    REQUEST = 1
    REPLY = 2
    SET = 3
    ACK = 4


class ConfigAttribute(IntEnum):
    """Attributes of a configuration (draft-dukes-ike-mode-cfg-02, 3.3; Unity from 28672)."""

    IP4_ADDRESS = 1
    IP4_NETMASK = 2
    IP4_DNS = 3
    IP4_NBNS = 4
    ADDRESS_EXPIRY = 5
    APPLICATION_VERSION = 7
    IP4_SUBNET = 13
    BANNER = 28672
    SAVE_PASSWORD = 28673
    DEFAULT_DOMAIN = 28674
    SPLIT_DNS = 28675
    SPLIT_INCLUDE = 28676
    INCLUDE_LOCAL_LAN = 28678
    PFS = 28679
    BACKUP_SERVER = 28681


class XauthAttribute(IntEnum):
    """Attributes of extended authentication (draft-beaulieu-ike-xauth-02, 6.2)."""

    TYPE = 16520
    USER_NAME = 16521
    USER_PASSWORD = 16522
    PASSCODE = 16523
    MESSAGE = 16524
    CHALLENGE = 16525
    DOMAIN = 16526
    STATUS = 16527
    NEXT_PIN = 16528
    ANSWER = 16529


GENERIC = 0
"""XAUTH_TYPE: a name and a password."""
FAIL, OK = 0, 1
"""XAUTH_STATUS."""
PASSWORDS = (XauthAttribute.USER_PASSWORD, XauthAttribute.PASSCODE)

Attributes = tuple[Attribute, ...]


@dataclass(frozen=True, slots=True)
class SplitNetwork:
    """A network that is reached through the tunnel (Unity's split include: 14 octets each)."""

    network: IPv4Network
    protocol: int = 0
    source_port: int = 0
    destination_port: int = 0

    def to_bytes(self) -> bytes:
        """As in the attribute."""
        packed = self.network.network_address.packed + self.network.netmask.packed
        return packed + struct.pack("!HHH", self.protocol, self.source_port, self.destination_port)


def asked(kinds: Iterable[int]) -> Attributes:
    """Attributes without a value: a request for them."""
    return tuple(Attribute(int(kind), b"", basic=False) for kind in kinds)


def text(kind: int, value: str) -> Attribute:
    """An attribute of text."""
    return Attribute(int(kind), value.encode("utf-8", "replace"), basic=False)


def address(kind: int, value: IPv4Address) -> Attribute:
    """An attribute that is an address."""
    return Attribute(int(kind), value.packed, basic=False)


def subnet(network: IPv4Network) -> Attribute:
    """A network that is behind whoever says so (INTERNAL_IP4_SUBNET: address and mask)."""
    data = network.network_address.packed + network.netmask.packed
    return Attribute(int(ConfigAttribute.IP4_SUBNET), data, basic=False)


def subnets_of(attributes: Attributes, most: int = 64) -> list[IPv4Network]:
    """The networks that are named so, at most so many; what is no network is left out."""
    networks: list[IPv4Network] = []
    for each in attributes:
        if each.type == ConfigAttribute.IP4_SUBNET and len(each.data) == 8:
            with suppress(ValueError):
                networks.append(IPv4Network((each.data[:4], str(IPv4Address(each.data[4:])))))
    return networks[:most]


def split_include(networks: Sequence[SplitNetwork]) -> Attributes:
    """The attribute of all split networks; nothing where there is none."""
    data = b"".join(each.to_bytes() for each in networks)
    return (Attribute(int(ConfigAttribute.SPLIT_INCLUDE), data, basic=False),) if data else ()


def first(attributes: Attributes, kind: int) -> Attribute | None:
    """The first attribute of a kind."""
    return next((each for each in attributes if each.type == kind), None)


def text_of(attributes: Attributes, kind: int) -> str:
    """The text of the first attribute of a kind; empty where there is none."""
    found = first(attributes, kind)
    return found.data.decode("utf-8", "replace").rstrip("\0") if found is not None else ""


def addresses_of(attributes: Attributes, kind: int) -> list[IPv4Address]:
    """The addresses in all attributes of a kind; values of another length are left out."""
    found = (each.data for each in attributes if each.type == kind)
    return [IPv4Address(data) for data in found if len(data) == 4]


def split_networks(attributes: Attributes, most: int = 64) -> list[SplitNetwork]:
    """The networks of all split includes, at most so many; what is no network is left out."""
    networks: list[SplitNetwork] = []
    for each in attributes:
        if each.type != ConfigAttribute.SPLIT_INCLUDE:
            continue
        for at in range(0, len(each.data) - 13, 14):
            try:
                network = IPv4Network((each.data[at : at + 4], str(IPv4Address(each.data[at + 4 : at + 8]))))
            except ValueError:
                continue
            networks.append(SplitNetwork(network, *struct.unpack_from("!HHH", each.data, at + 8)))
    return networks[:most]
