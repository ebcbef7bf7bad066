"""The way of a packet through a box: the hooks that it passes, in their order.

Each stage has a place of its own in one of the lists below; a service puts its hook there while it has
something to do (`stack.incoming.hook(In.ACCESS_LIST, …)`), and takes it away again. Between In and Out stand local
delivery (with a list of its own), TTL and routing (`ip.stack`); after Out come encryption, fragmentation and the link.

What a tunnel hands over (a decrypted packet, one out of GRE) enters the first list behind the stages that its
outer packet has passed; what the crypto engine made leaves without the second.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iosemu.box.interface import Interface
    from iosemu.ip.vrf import Vrf
    from iosemu.net.routing import Hop
    from iosemu.packets.ipv4 import IPv4Packet


class In(IntEnum):
    """The stages of a packet that came in on an interface, first to last."""

    DISCOVERY = 0
    """NBAR counts what comes in by protocol."""
    FLOW = 1
    """NetFlow counts what comes in, whatever becomes of it."""
    ACCESS_LIST = 2
    """`ip access-group … in`, on the packet as it came."""
    QUALITY = 3
    """Policy-maps mark and police (`service-policy input`)."""
    CLEAR_TEXT = 4
    """IPsec refuses what should have come encrypted; judged by the addresses that the packet came with."""
    TRANSLATION = 5
    """NAT from outside to inside."""
    HELPER = 6
    """`ip helper-address` sends broadcasts on."""
    SEGMENT_SIZE = 7
    """`ip tcp adjust-mss`."""
    POLICY = 8
    """Policy routing chooses the way of a packet that is not for this box."""


class Made(IntEnum):
    """The stages of a packet that was made here, before it is routed."""

    POLICY = 1
    """Local policy routing chooses its way."""


class Local(IntEnum):
    """The stages of a packet that is for this box, and of one that it protected itself, as it leaves."""

    INSPECTION = 1
    """A firewall decides about the box itself."""


class Out(IntEnum):
    """The stages of a packet that was routed, first to last."""

    SEGMENT_SIZE = 1
    """`ip tcp adjust-mss`."""
    INSPECTION = 2
    """A firewall keeps sessions, and decides what may begin one, by the addresses of the inside."""
    TRANSLATION = 3
    """NAT from inside to outside."""
    CRYPTO_MAP = 4
    """IPsec finds what is to be protected; what has no SA yet ends here."""
    ACCESS_LIST = 5
    """`ip access-group … out`, on forwarded packets, as they are before encryption."""
    SHORTCUT = 6
    """NHRP notices what leaves by the tunnel that it came in on."""
    FLOW = 7
    """NetFlow sees where packets leave."""
    DISCOVERY = 8
    """NBAR counts what leaves by protocol."""


@dataclass(slots=True)
class Transit:
    """A packet on its way, and what the stages have found out about it."""

    packet: IPv4Packet
    came_in: Interface | None
    """None: made here."""
    vrf: Vrf
    """The instance that it is routed in: that of where it came in, or of who made it."""
    out: Interface | None = None
    """Where it is to leave; None while that is not decided."""
    hop: Hop | None = None
    came_from: bytes | None = None
    """The station address that its frame came from; None: it came in no Ethernet frame."""
    came_to: bytes | None = None
    """The station address that its frame was for, likewise."""
    far_end: IPv4Address | None = None
    """The far end of the tunnel that it came out of, where that has several."""
    carries: Transit | None = None
    """What is in the packet, where this box put it there: the packet of a tunnel, or what it encrypted."""
    pre_classify: bool = False
    """What it is carried in is classified by it."""
    qos_group: int = 0
    """What `set qos-group` made of it."""
    flow: object = None
    """The flow that it was counted in as it came."""
    link_broadcast: bool = False
    """Its frame was not for this box alone."""
    protect: Callable[[], tuple[IPv4Packet, ...]] | None = None
    """Makes the packets that leave in its place; none when it has to be dropped after all."""
    outside: Vrf | None = None
    """The instance that those packets are routed in; None: that of `out`."""


Hook = Callable[[Transit], bool]
"""Looks at a packet, and may change what the transit holds; False: its way ends here."""


class Path:
    """One list of hooks."""

    __slots__ = ("_hooks", "_starts", "any")

    def __init__(self) -> None:
        self._hooks: list[tuple[IntEnum, Hook]] = []
        self._starts: dict[int, tuple[Hook, ...]] = {}
        self.any = False
        """There is a hook: what passes none looks here first."""

    def hook(self, stage: IntEnum, hook: Hook) -> None:
        """Let packets pass `hook` at this stage, behind the hooks that are there already."""
        self._hooks.append((stage, hook))
        self._hooks.sort(key=lambda entry: entry[0])
        self._starts.clear()
        self.any = True

    def unhook(self, hook: Hook) -> None:
        """Take a hook away; nothing happens where it is not there."""
        self._hooks = [entry for entry in self._hooks if entry[1] != hook]
        self._starts.clear()
        self.any = bool(self._hooks)

    def stages(self, start: int = 0) -> list[tuple[IntEnum, Hook]]:
        """The hooks from a stage on, each with its stage."""
        return [(stage, hook) for stage, hook in self._hooks if stage >= start]

    def run(self, transit: Transit, start: int = 0) -> bool:
        """Pass the stages from `start` on; False: the way of the packet ended."""
        hooks = self._starts.get(start)
        if hooks is None:
            hooks = self._starts[start] = tuple(hook for stage, hook in self._hooks if stage >= start)
        for hook in hooks:  # noqa: SIM110 - `all` over a generator costs each packet more than the hooks do
            if not hook(transit):
                return False
        return True
