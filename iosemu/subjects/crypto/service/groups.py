"""What the crypto engine asks of GDOI, whose SAs shows list among its own; `subjects/gdoi` answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Protocol

from iosemu.ike.sa import IsakmpSa
from iosemu.subjects.crypto.config.maps import CryptoMapEntry
from iosemu.subjects.crypto.service.flow import CryptoFlow


@dataclass(frozen=True, slots=True)
class RekeySa:
    """The SA of rekeys, as `show crypto isakmp sa` has it."""

    responder: IPv4Address
    initiator: IPv4Address
    conn_id: int
    shown_state: str = "GDOI_REKEY"
    status: str = "ACTIVE"


class GroupKeys(Protocol):
    """Groups that have their keys by GDOI."""

    def sas(self) -> Iterator[IsakmpSa]:
        """The ISAKMP SAs of port 848."""
        ...

    def rekey_sas(self) -> Sequence[RekeySa]:
        """The SAs that rekeys come under."""
        ...

    def flows(self, interface: str, entry: CryptoMapEntry) -> Sequence[CryptoFlow]:
        """What a group protects on an interface."""
        ...

    def clear_isakmp(self, conn_id: int | None, peer: IPv4Address | None, local: IPv4Address | None) -> None:
        """Delete ISAKMP SAs."""
        ...


class NoGroups:
    """A box without GDOI."""

    def sas(self) -> Iterator[IsakmpSa]:
        """There is none."""
        return iter(())

    def rekey_sas(self) -> Sequence[RekeySa]:
        """There is none."""
        return ()

    def flows(self, interface: str, entry: CryptoMapEntry) -> Sequence[CryptoFlow]:
        """There is none."""
        return ()

    def clear_isakmp(self, conn_id: int | None, peer: IPv4Address | None, local: IPv4Address | None) -> None:
        """There is none."""
