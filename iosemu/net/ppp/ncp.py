"""IPCP (RFC 1332) and CDPCP, Cisco's control protocol for CDP."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address

from iosemu.net.ppp.control import ControlProtocol, Judged
from iosemu.net.ppp.happenings import Happening
from iosemu.packets.ppp import IpcpOption, Option, PppProtocol

NO_ADDRESS = IPv4Address(0)


class Ipcp(ControlProtocol):
    """The addresses of both ends."""

    protocol = PppProtocol.IPCP

    def __init__(self, happened: list[Happening]) -> None:
        super().__init__(happened)
        self.address: IPv4Address | None = None
        """What this end says it is; None: it wants to be told."""
        self.offer: IPv4Address | None = None
        """What an other end is told that wants to be told."""
        self.own: IPv4Address | None = None
        """What came out of it."""
        self.peer: IPv4Address | None = None
        self._ask = True

    def reset(self) -> None:
        """Ask for everything again."""
        self.own, self.peer, self._ask = self.address, None, True

    def request(self) -> Sequence[Option]:
        """This end's address, or 0.0.0.0 to be told one (section 3.3)."""
        return [Option(IpcpOption.ADDRESS, (self.own or NO_ADDRESS).packed)] if self._ask else []

    def judge(self, options: Sequence[Option]) -> Judged:
        """The other end may have any address but none, and but ours."""
        judged = Judged()
        for each in options:
            if each.kind != IpcpOption.ADDRESS or len(each.value) != 4:
                judged.rejects.append(each)
                continue
            address = IPv4Address(each.value)
            if address == NO_ADDRESS or address == self.own:
                if self.offer is None or self.offer == address:
                    judged.rejects.append(each)
                else:
                    judged.naks.append(Option(each.kind, self.offer.packed))
        return judged

    def accepted(self, options: Sequence[Option]) -> None:
        """Take the other end's address."""
        self.peer = next((IPv4Address(each.value) for each in options), None)

    def nakked(self, options: Sequence[Option]) -> None:
        """Take the address that is given, where one was asked for."""
        for each in options:
            if each.kind == IpcpOption.ADDRESS and len(each.value) == 4 and self.address is None:
                self.own = IPv4Address(each.value)

    def rejected(self, options: Sequence[Option]) -> None:
        """Ask no more for what the other end does not know."""
        self._ask = self._ask and all(each.kind != IpcpOption.ADDRESS for each in options)


class Cdpcp(ControlProtocol):
    """Has no options."""

    protocol = PppProtocol.CDPCP

    def request(self) -> Sequence[Option]:
        """Nothing."""
        return ()

    def judge(self, options: Sequence[Option]) -> Judged:
        """Nothing is known."""
        return Judged(rejects=list(options))
