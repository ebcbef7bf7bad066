"""Who comes to a box over the lab's own network to use a terminal line, and who gives him a shell."""

from __future__ import annotations

from typing import Protocol

from iosemu.net.signal import Signal


class RemoteUser(Protocol):
    """Somebody at the other end of a connection: what he types, and what is printed for him."""

    signal: Signal
    """He typed, takes more, or has hung up."""

    @property
    def address(self) -> str:
        """Where from."""
        ...

    @property
    def vrf(self) -> str:
        """The name of the routing instance that he comes from; empty: the default one."""
        ...

    @property
    def open(self) -> bool:
        """He has not hung up, or what he typed before was not read."""
        ...

    @property
    def settled(self) -> bool:
        """What was printed has arrived."""
        ...

    @property
    def unread(self) -> int:
        """Octets that came and were not read."""
        ...

    @property
    def clogged(self) -> bool:
        """What was printed last has not gone yet."""
        ...

    def read(self) -> bytes:
        """What he typed since the last call."""
        ...

    def write(self, data: bytes) -> None:
        """Print for him."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...


class Terminals(Protocol):
    """The terminal lines of one box, as its services reach them."""

    def admits(self, protocol: str, address: str, vrf: str = "") -> bool:
        """Whether a line is free for a user from `address` in a VRF who comes by `protocol` (`telnet`)."""
        ...

    def answer(self, user: RemoteUser) -> bool:
        """Give him a shell; False when there is none for him."""
        ...
