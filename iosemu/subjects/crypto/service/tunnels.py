"""What the crypto engine asks of tunnel interfaces; `subjects/tunnel` answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Protocol

from iosemu.ike.types import Identity
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.subjects.crypto.config.maps import CryptoMap, CryptoMapEntry
from iosemu.subjects.crypto.service.flow import CryptoFlow


@dataclass(frozen=True, slots=True)
class Visitor:
    """A peer that comes under a profile with `virtual-template`."""

    template: int
    local: IPv4Address
    peer: IPv4Address
    identity: Identity | None
    profile: str
    """The IKEv2 or the ISAKMP profile."""
    version: int
    """Of IKE."""
    gre: bool | None = None
    """What the peer wants to have protected, where that decides (`mode auto`): GRE packets, or any."""


class ProtectedTunnels(Protocol):
    """Tunnel interfaces with `tunnel protection`; each amounts to a crypto map of its own."""

    def any(self) -> bool:
        """Whether there is one."""
        ...

    def has(self, name: str) -> bool:
        """Whether an interface is a tunnel."""
        ...

    def maps(self) -> Iterator[tuple[str, CryptoMap]]:
        """Names of the protected tunnels, with what stands for their crypto map."""
        ...

    def map_of(self, name: str) -> CryptoMap | None:
        """What stands for the crypto map of one."""
        ...

    def maps_towards(self, peer: IPv4Address) -> Iterator[tuple[str, CryptoMap]]:
        """Names of the protected tunnels, with what of their crypto map may concern a peer."""
        ...

    def facing(self, name: str, peer: IPv4Address) -> CryptoMapEntry | None:
        """The entry for a far end of a multipoint tunnel; None for other interfaces."""
        ...

    def entry_of(self, flow: CryptoFlow) -> CryptoMapEntry | None:
        """The entry that a tunnel's flow stands under."""
        ...

    def is_clone(self, name: str) -> bool:
        """Whether an interface was made from a template."""
        ...

    def template_entry(self, visitor: Visitor) -> CryptoMapEntry | None:
        """What an interface made for a peer would protect; None: there is no such template."""
        ...

    def admit(self, visitor: Visitor) -> tuple[str, CryptoMapEntry] | None:
        """The interface of a peer, made from the template when it is new, and what it protects."""
        ...

    def interface_for(self, local: IPv4Address, peer: IPv4Address, identity: Identity | None) -> str | None:
        """The interface that was made for a peer."""
        ...

    def make_access(self, template: int, outside: str) -> str | None:
        """An interface for an Easy VPN client on `outside`, from a template or (0) from none; None: no such one."""
        ...

    def point_access(self, name: str, destination: IPv4Address | None, *, lender: str = "") -> None:
        """Let the interface of a client have another far end, and the address of another interface."""
        ...

    def remove_access(self, name: str) -> None:
        """Remove the interface of a client."""
        ...

    def users_of(self, profile: str) -> list[str]:
        """The tunnels that name an IPsec profile."""
        ...

    def source_of(self, name: str) -> IPv4Address | None:
        """The address that a tunnel's packets come from."""
        ...

    def transport_interface(self, name: str) -> str | None:
        """The interface that a tunnel's packets leave by."""
        ...

    def transport_mtu(self, name: str) -> int:
        """The MTU of the interface that a tunnel's packets leave by."""
        ...

    def front(self, name: str) -> str:
        """The routing instance of a tunnel's packets, empty for the default one."""
        ...

    def sealed(self, name: str, packet: IPv4Packet) -> None:
        """A packet left through a virtual tunnel interface."""
        ...

    def is_vti(self, name: str) -> bool:
        """Whether an interface is an IPsec virtual tunnel interface."""
        ...

    def home(self, packet: IPv4Packet, vrf: str, *, inbound: bool = False) -> str | None:
        """The protected tunnel that an outer packet, in a routing instance, belongs to."""
        ...

    def opened(self, name: str, inner: IPv4Packet) -> None:
        """Take a packet that came out of the SAs of a virtual tunnel interface."""
        ...

    def sas_changed(self, name: str) -> None:
        """SAs of an interface came or went."""
        ...

    def refused(self, name: str) -> None:
        """The SAs of an interface could not be had."""
        ...


class NoTunnels:
    """A box without tunnel interfaces."""

    def any(self) -> bool:
        """There is none."""
        return False

    def has(self, name: str) -> bool:
        """There is none."""
        return False

    def maps(self) -> Iterator[tuple[str, CryptoMap]]:
        """There is none."""
        return iter(())

    def map_of(self, name: str) -> CryptoMap | None:
        """There is none."""
        return None

    def maps_towards(self, peer: IPv4Address) -> Iterator[tuple[str, CryptoMap]]:
        """There is none."""
        return iter(())

    def facing(self, name: str, peer: IPv4Address) -> CryptoMapEntry | None:
        """There is none."""
        return None

    def entry_of(self, flow: CryptoFlow) -> CryptoMapEntry | None:
        """There is none."""
        return None

    def is_clone(self, name: str) -> bool:
        """There is none."""
        return False

    def template_entry(self, visitor: Visitor) -> CryptoMapEntry | None:
        """There is none."""
        return None

    def admit(self, visitor: Visitor) -> tuple[str, CryptoMapEntry] | None:
        """There is none."""
        return None

    def interface_for(self, local: IPv4Address, peer: IPv4Address, identity: Identity | None) -> str | None:
        """There is none."""
        return None

    def make_access(self, template: int, outside: str) -> str | None:
        """There is none."""
        return None

    def point_access(self, name: str, destination: IPv4Address | None, *, lender: str = "") -> None:
        """There is none."""

    def remove_access(self, name: str) -> None:
        """There is none."""

    def users_of(self, profile: str) -> list[str]:
        """There is none."""
        return []

    def source_of(self, name: str) -> IPv4Address | None:
        """There is none."""
        return None

    def transport_interface(self, name: str) -> str | None:
        """There is none."""
        return None

    def transport_mtu(self, name: str) -> int:
        """That of Ethernet."""
        return 1500

    def front(self, name: str) -> str:
        """There is none."""
        return ""

    def sealed(self, name: str, packet: IPv4Packet) -> None:
        """There is none."""

    def is_vti(self, name: str) -> bool:
        """There is none."""
        return False

    def home(self, packet: IPv4Packet, vrf: str, *, inbound: bool = False) -> str | None:
        """There is none."""
        return None

    def opened(self, name: str, inner: IPv4Packet) -> None:
        """There is none."""

    def sas_changed(self, name: str) -> None:
        """Nobody minds."""

    def refused(self, name: str) -> None:
        """Nobody minds."""
