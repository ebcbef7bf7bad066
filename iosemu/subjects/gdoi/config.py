"""`crypto gdoi group NAME`, and what of it can be debugged."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address

from iosemu.box.debugging import DebugFlag
from iosemu.ike.types import Encryption, Identity, IdType

LEVELS = ("error", "terse", "event", "detail", "packet")
"""Of `debug crypto gdoi`, each with all before it."""
AREAS = ("gm", "infra", "ks", "replay")
GROUP = "GDOI"
GENERIC = {level: DebugFlag(f"GDOI Generic {level.capitalize()} level", GROUP) for level in LEVELS}
OF_AREA = {area: DebugFlag(f"GDOI {area.upper()}", GROUP) for area in AREAS}
FLAGS = (*GENERIC.values(), *OF_AREA.values())


class RekeyAlgorithm(Enum):
    """`rekey algorithm`: cipher, and bits of the key of AES; the value is what shows call it."""

    DES = (Encryption.DES, 0, "DES")
    TRIPLE_DES = (Encryption.TRIPLE_DES, 0, "3DES")
    AES_128 = (Encryption.AES, 128, "AES")
    AES_192 = (Encryption.AES, 192, "AES")
    AES_256 = (Encryption.AES, 256, "AES")

    @property
    def encryption(self) -> Encryption:
        """The cipher."""
        return self.value[0]

    @property
    def octets(self) -> int:
        """Of the key."""
        return {Encryption.DES: 8, Encryption.TRIPLE_DES: 24}.get(self.encryption, self.value[1] // 8)


@dataclass
class GroupIpsecSa:
    """`sa ipsec N`: an SA of the group's policy."""

    number: int
    profile: str | None = None
    access_list: str | None = None
    replay_time: bool = False
    """Told by the clock of the group, not by a window of packets."""
    replay_window: int | None = 64
    """Packets or seconds; None: `no replay`."""


@dataclass
class Redundancy:
    """`redundancy`: this key server is one of several."""

    priority: int = 1
    """The greatest leads."""
    peers: list[IPv4Address] = field(default_factory=list)


@dataclass
class LocalServer:
    """`server local`: this box is the key server."""

    address: IPv4Address | None = None
    algorithm: RekeyAlgorithm = RekeyAlgorithm.TRIPLE_DES
    lifetime: int = 86400
    """Seconds of the KEK."""
    retransmit: int = 10
    """Seconds between repetitions of a rekey."""
    repetitions: int = 2
    key: str | None = None
    """The label of the RSA keys that sign rekeys."""
    unicast: bool = False
    """Rekeys go to each member; without it they would be multicast."""
    authorized: int | None = None
    """The standard access list of who may be a member."""
    registration_interface: str | None = None
    """Members are answered there only."""
    sas: dict[int, GroupIpsecSa] = field(default_factory=dict)
    redundancy: Redundancy | None = None

    def sa(self, number: int) -> GroupIpsecSa:
        """The SA of a number, made when new."""
        if number not in self.sas:
            self.sas[number] = GroupIpsecSa(number)
            self.sas = dict(sorted(self.sas.items()))
        return self.sas[number]


@dataclass
class GdoiGroup:
    """One group, as its key server or its member has it."""

    name: str
    number: int | None = None
    address: IPv4Address | None = None
    """The identity, where it is an address."""
    servers: list[IPv4Address] = field(default_factory=list)
    """Key servers, tried in turn."""
    local: LocalServer | None = None
    client_interface: str | None = None
    """The interface whose address registers."""

    @property
    def identity(self) -> Identity | None:
        """As it stands in messages (RFC 6407, 5.1)."""
        if self.number is not None:
            return Identity(IdType.KEY_ID, self.number.to_bytes(4, "big"))
        return Identity.address(self.address) if self.address is not None else None

    @property
    def shown_identity(self) -> str:
        """As shows print it."""
        return str(self.number) if self.number is not None else str(self.address or 0)


@dataclass
class GdoiConfig:
    """All groups by name."""

    groups: dict[str, GdoiGroup] = field(default_factory=dict)
