"""Where IPsec meets the IP stack: what the stack asks before it sends and after it received."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from iosemu.packets.ipv4 import IPv4Packet


@dataclass(frozen=True, slots=True)
class Pass:
    """Send the packet as it is."""


@dataclass(frozen=True, slots=True)
class Drop:
    """Forget the packet; whoever dropped it has counted it."""


@dataclass(frozen=True, slots=True)
class Replace:
    """Send these packets instead (route them anew: an outer header may have another destination).

    They are made by the router itself, so neither output access list nor the hook sees them again.
    """

    packets: tuple[IPv4Packet, ...]


@dataclass(frozen=True, slots=True)
class Protect:
    """Check the output access list on the packet, then send what `apply` makes of it, as with `Replace`.

    `apply` returns nothing when the packet has to be dropped after all.
    """

    apply: Callable[[], tuple[IPv4Packet, ...]]


Verdict = Pass | Drop | Replace | Protect

PASS = Pass()
DROP = Drop()


class CryptoHook(Protocol):
    """The calls an IP stack makes; interfaces are given by their canonical name.

    Order outbound: routing, `outbound`, output access list (on the packet before encryption), encryption,
    fragmentation. Order inbound: input access list, `receive_esp` for protocols
    50 and 51 addressed to this router (UDP 4500 reaches the engine by `IpStack.bind_udp`), `inbound_clear`
    for every other packet, whether it is for this router or to be forwarded.
    """

    def outbound(self, packet: IPv4Packet, interface: str) -> Verdict:
        """Judge a packet about to leave `interface` (forwarded or locally made, before fragmentation)."""
        ...

    def inbound_clear(self, packet: IPv4Packet, interface: str) -> bool:
        """Whether a packet that came in clear on `interface` may stay; False: it should be encrypted."""
        ...

    def receive_esp(self, packet: IPv4Packet, interface: str) -> IPv4Packet | None:
        """Take ESP or AH (reassembled, addressed to this router); the packet inside, or None when refused.

        The stack handles the packet inside as if it had come in on `interface`, without `inbound_clear`.
        """
        ...
