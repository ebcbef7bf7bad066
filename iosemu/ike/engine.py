"""The IKE engine of one router: datagrams, requests and time in; datagrams and events out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address

from iosemu.ike.events import Event
from iosemu.ike.sa import IsakmpSa
from iosemu.ike.types import ChildRequest, Configuration, Datagram, Endpoint


class Engine:
    """Sans-IO IKEv1 for one device.

    Call a method, then take `datagrams()` and `events()`, then ask `next_timer()`. No method raises for what a
    peer sends. Lab time is in seconds.
    """

    def __init__(
        self,
        configuration: Configuration,
        randbytes: Callable[[int], bytes],
        first_conn_id: int = 1001,
    ) -> None:
        self.configuration = configuration
        self._randbytes = randbytes
        self._next_conn_id = first_conn_id
        self._sas: list[IsakmpSa] = []
        self._datagrams: list[Datagram] = []
        self._events: list[Event] = []

    @property
    def sas(self) -> Sequence[IsakmpSa]:
        """The SA table in order of creation, deleted ones included until they are purged. Live: do not keep."""
        return self._sas

    def receive(self, data: bytes, local: Endpoint, peer: Endpoint, now: float) -> None:
        """Take a UDP payload that came to `local` (port 500 or 4500) from `peer`.

        On port 4500 it starts with the non-ESP marker (RFC 3948); a keepalive (one byte FF) is ignored.
        """

    def initiate(self, request: ChildRequest, now: float) -> None:
        """Ask for IPsec SAs: over an SA in QM_IDLE if there is one, else phase 1 is made first.

        A request equal in its peers and selectors to one under way is not repeated. The end is a `ChildUp` or a
        `RequestFailed`. A rekey is the same request again, once the first is done.
        """

    def next_timer(self) -> float | None:
        """Lab time at which `tick` must be called, or None."""
        return None

    def tick(self, now: float) -> None:
        """Do what is due: retransmit, expire, purge, DPD, NAT keepalives."""

    def datagrams(self) -> list[Datagram]:
        """Take what is to be sent, in order."""
        taken, self._datagrams = self._datagrams, []
        return taken

    def events(self) -> list[Event]:
        """Take what has happened, in order."""
        taken, self._events = self._events, []
        return taken

    def delete_sa(self, now: float, conn_id: int | None = None, peer: IPv4Address | None = None) -> int:
        """`clear crypto isakmp [conn-id]`: delete all, or the SA of a conn-id, or all with a peer; tells the peer.

        Returns how many were deleted. IPsec SAs remain.
        """
        return 0

    def delete_child(
        self, local: IPv4Address, peer: IPv4Address, protocol: int, spis: Sequence[int], now: float
    ) -> bool:
        """Tell a peer that IPsec SAs are gone; `spis` are this side's inbound SPIs of one protocol.

        Returns False when there is no ISAKMP SA to say it over.
        """
        return False

    def drop(self, now: float, local: IPv4Address) -> int:
        """An address went away (interface shut, map removed): delete its SAs without a word to the peers."""
        return 0

    def invalid_spi(self, local: IPv4Address, peer: IPv4Address, protocol: int, spi: int, now: float) -> bool:
        """A packet with an unknown SPI came: tell the peer over an SA in QM_IDLE. False when there is none."""
        return False

    def traffic_sent(self, peer: IPv4Address, now: float) -> None:
        """The datapath sent ESP or AH to a peer: drives on-demand DPD."""

    def traffic_received(self, peer: IPv4Address, now: float) -> None:
        """The datapath got valid ESP or AH from a peer: it is alive."""
