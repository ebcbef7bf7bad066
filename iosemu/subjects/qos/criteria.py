"""The criteria of plain class-maps that are about marks and ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iosemu.packets.ipv4 import Protocol
from iosemu.subjects.mqc.config import Criterion
from iosemu.subjects.mqc.protocols import payload_type
from iosemu.subjects.qos.values import dscp_word

if TYPE_CHECKING:
    from iosemu.box.device import Device
    from iosemu.subjects.mqc.sighting import Sighting


@dataclass(frozen=True)
class Dscp(Criterion):
    """`match [ip] dscp A B …`: any of them."""

    values: tuple[int, ...]
    ip: bool = False

    def words(self) -> str:
        """With the blank that IOS leaves at its end."""
        return f"{'ip ' if self.ip else ''}dscp {''.join(f'{dscp_word(each)} ' for each in self.values)}"

    def shown(self) -> str:
        """Each with its number."""
        values = " ".join(f"{dscp_word(each)} ({each})" for each in self.values)
        return f"{'ip' if self.ip else ''} dscp {values}"

    def fits(self, device: Device, seen: Sighting) -> bool:
        """Whether it has one of them."""
        return seen.dscp in self.values


@dataclass(frozen=True)
class Precedence(Criterion):
    """`match [ip] precedence A B …`."""

    values: tuple[int, ...]
    ip: bool = False

    def words(self) -> str:
        """With the blank that IOS leaves at its end."""
        return f"{'ip ' if self.ip else ''}precedence {''.join(f'{each} ' for each in self.values)}"

    def shown(self) -> str:
        """Two blanks between them."""
        return f"{'ip' if self.ip else ''} precedence {'  '.join(map(str, self.values))} "

    def fits(self, device: Device, seen: Sighting) -> bool:
        """Whether it has one of them."""
        return seen.dscp is not None and seen.dscp >> 3 in self.values


@dataclass(frozen=True)
class Cos(Criterion):
    """`match cos A B …`."""

    values: tuple[int, ...]

    def words(self) -> str:
        """As configured."""
        return f"cos {''.join(f' {each}' for each in self.values)}"

    def fits(self, device: Device, seen: Sighting) -> bool:
        """Whether its tag has one of them."""
        return seen.cos in self.values


@dataclass(frozen=True)
class InputInterface(Criterion):
    """`match input-interface X`."""

    name: str

    def words(self) -> str:
        """As configured."""
        return f"input-interface {self.name}"

    def fits(self, device: Device, seen: Sighting) -> bool:
        """Whether it came in there."""
        return seen.came_in == self.name


@dataclass(frozen=True)
class QosGroup(Criterion):
    """`match qos-group N`."""

    value: int

    def words(self) -> str:
        """As configured."""
        return f"qos-group {self.value}"

    def shown(self) -> str:
        """Two blanks before the number."""
        return f"qos-group  {self.value}"

    def fits(self, device: Device, seen: Sighting) -> bool:
        """Whether it was marked with it."""
        return seen.qos_group == self.value


@dataclass(frozen=True)
class PacketLength(Criterion):
    """`match packet length {min N | max N}`: octets of the packet itself."""

    least: int | None = None
    most: int | None = None

    def words(self) -> str:
        """As configured."""
        least = "" if self.least is None else f" min {self.least}"
        return f"packet length{least}{'' if self.most is None else f' max {self.most}'}"

    def fits(self, device: Device, seen: Sighting) -> bool:
        """Whether it is as long as that."""
        return (self.least is None or seen.octets >= self.least) and (
            self.most is None or seen.octets <= self.most
        )


RTP_MEDIA = {"audio": range(24), "video": range(24, 34)}
"""Payload types of each (RFC 3551 section 6)."""


@dataclass(frozen=True)
class RtpMedia(Criterion):
    """`match protocol rtp audio | video`: by the static payload types."""

    media: str

    def words(self) -> str:
        """As configured."""
        return f"protocol rtp {self.media}"

    def fits(self, device: Device, seen: Sighting) -> bool:
        """Whether it is RTP that carries such."""
        return payload_type(seen) in RTP_MEDIA[self.media]


@dataclass(frozen=True)
class RtpPorts(Criterion):
    """`match ip rtp FIRST RANGE`: UDP to one of the even ports from FIRST to FIRST + RANGE."""

    first: int
    more: int

    def words(self) -> str:
        """As configured."""
        return f"ip rtp {self.first} {self.more}"

    def fits(self, device: Device, seen: Sighting) -> bool:
        """Whether it goes to one of them."""
        if seen.packet is None or seen.packet.protocol != Protocol.UDP or seen.ports is None:
            return False
        port = seen.ports[1]
        return not port & 1 and self.first <= port <= self.first + self.more
