"""The client's state machine (RFC 2131 section 4.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address, IPv4Interface

from iosemu.packets.dhcp import (
    BROADCAST_FLAG,
    INFINITE,
    NOBODY,
    DhcpMessage,
    DhcpType,
    Op,
    Option,
)

EVERYBODY = IPv4Address("255.255.255.255")
FIRST_WAIT, LONGEST_WAIT = 4.0, 64.0
"""Seconds between two tries; each wait is twice the one before (RFC 2131 section 4.1)."""
TRIES = 4
"""After so many REQUESTs without an answer the client begins again."""
SHORTEST_RENEWAL = 60.0
"""Seconds between two REQUESTs to renew (RFC 2131 section 4.4.5)."""
AFTER_CONFLICT = 10.0
"""Seconds after a DECLINE (RFC 2131 section 3.1)."""


class ClientState(IntEnum):
    """What the client does; the numbers are those that IOS prints (5, 7 and 10 are known from outputs)."""

    OFF = 0
    INITIAL = 1
    REBOOTING = 2
    SELECTING = 3
    REQUESTING = 4
    BOUND = 5
    RENEWING = 7
    REBINDING = 8
    PURGING = 10
    """Released: nothing is asked for until somebody says so."""


@dataclass(frozen=True, slots=True)
class Lease:
    """What a server gave; times in seconds of the lab's clock."""

    address: IPv4Interface
    server: IPv4Address
    duration: float | None
    """Seconds; None: for ever."""
    renewal: float
    rebinding: float
    routers: tuple[IPv4Address, ...] = ()
    name_servers: tuple[IPv4Address, ...] = ()
    domain: str = ""
    message: DhcpMessage | None = None
    """The ACK, with all its options."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to send."""

    message: DhcpMessage
    destination: IPv4Address
    source: IPv4Address


@dataclass(frozen=True, slots=True)
class Bound:
    """The client has an address; `renewed`: it had it before."""

    lease: Lease
    renewed: bool = False


@dataclass(frozen=True, slots=True)
class Lost:
    """The address is no longer the client's: released, refused or expired."""

    lease: Lease


@dataclass(frozen=True, slots=True)
class Sent:
    """A message left; which try it was."""

    type: DhcpType
    attempt: int
    octets: int


@dataclass(frozen=True, slots=True)
class Heard:
    """A message that was for this client."""

    type: DhcpType
    server: IPv4Address


ClientEvent = Bound | Lost | Sent | Heard


class DhcpClient:
    """One client on one interface. Feed it, then take `outgoing()` and `events()`; call `tick` at `next_timer`."""

    def __init__(
        self,
        hardware: bytes,
        options: tuple[tuple[int, bytes], ...],
        random: Callable[[], float],
        *,
        broadcast: bool = True,
        size: int = 0,
    ) -> None:
        """`options` go into each request; `broadcast` asks for answers by broadcast; `size`: padded to these octets."""
        self.hardware = hardware
        self.options = options
        self.state = ClientState.OFF
        self.lease: Lease | None = None
        self.transaction = 0
        self.retries = 0
        self.due: float | None = None
        self.counts: Counter[str] = Counter()
        """Messages by type, `leases` that were had, `bad` messages."""
        self._random = random
        self.broadcast = broadcast
        self._size = size
        self._offer: DhcpMessage | None = None
        self._bound_at = 0.0
        self._asked_at = 0.0
        self._began_at = 0.0
        self._outgoing: list[Outgoing] = []
        self._events: list[ClientEvent] = []

    # --- what is asked of it ---------------------------------------------------------------------------

    def start(self, now: float) -> None:
        """Ask for an address, from the beginning."""
        self._drop()
        self._begin(now)

    def renew(self, now: float) -> None:
        """Ask for more time, or for an address where there is none."""
        if self.lease is None:
            self.start(now)
            return
        self.state, self.retries = ClientState.RENEWING, 0
        self._new_transaction()
        self._ask_again(now)

    def resume(self, now: float) -> None:
        """The cable is in again, perhaps in another network: ask whether the address still holds (INIT-REBOOT)."""
        end = self.expires()
        if self.state is ClientState.PURGING:
            return
        if self.lease is None or (end is not None and now >= end):
            self.start(now)
            return
        self.state, self.retries, self._began_at = ClientState.REBOOTING, 0, now
        self._new_transaction()
        self._confirm(now)

    def pause(self) -> None:
        """The cable is out: nothing is sent, and the address is kept."""
        self.due = None

    def release(self, now: float) -> None:
        """Give the address back and ask for none."""
        if self.lease is not None:
            self._new_transaction()
            identifier = (Option.SERVER_IDENTIFIER, self.lease.server.packed)
            self._send(DhcpType.RELEASE, now, identifier, client=self.lease.address.ip)
        self._drop()
        self.state, self.due = ClientState.PURGING, None

    def decline(self, now: float) -> None:
        """Somebody else has the address that was given: tell the server and begin again after a while."""
        lease = self.lease
        if lease is None:
            return
        self._drop()
        self._send(
            DhcpType.DECLINE,
            now,
            (Option.REQUESTED_ADDRESS, lease.address.ip.packed),
            (Option.SERVER_IDENTIFIER, lease.server.packed),
        )
        self.state, self.due = ClientState.INITIAL, now + AFTER_CONFLICT

    def stop(self) -> None:
        """The interface is gone or was configured otherwise: nothing is said to anybody."""
        self._drop()
        self.state, self.due = ClientState.OFF, None

    def next_timer(self) -> float | None:
        """When `tick` is to be called."""
        return self.due

    def outgoing(self) -> list[Outgoing]:
        """The messages to send, once."""
        out, self._outgoing = self._outgoing, []
        return out

    def events(self) -> list[ClientEvent]:
        """What happened since the last call."""
        events, self._events = self._events, []
        return events

    def expires(self) -> float | None:
        """When the lease ends."""
        if self.lease is None or self.lease.duration is None:
            return None
        return self._bound_at + self.lease.duration

    # --- time ------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """What is due."""
        if self.due is None or now < self.due:
            return
        self.due = None
        if self.state in (ClientState.INITIAL, ClientState.OFF):
            self._begin(now)
        elif self.state is ClientState.SELECTING:
            self._discover(now)
        elif self.state is ClientState.REQUESTING:
            if self.retries >= TRIES:
                self._begin(now)
            else:
                self._request(now)
        elif self.state is ClientState.REBOOTING:
            self._confirm(now)
        elif self.state is ClientState.BOUND:
            self.renew(now)
        else:
            self._ask_again(now)

    def _wait(self, now: float) -> None:
        longest = min(FIRST_WAIT * 2 ** (self.retries - 1), LONGEST_WAIT)
        self.due = now + longest - 1 + 2 * self._random()

    def _begin(self, now: float) -> None:
        self.state, self.retries, self._offer, self._began_at = ClientState.SELECTING, 0, None, now
        self._new_transaction()
        self._discover(now)

    def _discover(self, now: float) -> None:
        self.retries += 1
        self._send(DhcpType.DISCOVER, now)
        self._wait(now)

    def _request(self, now: float) -> None:
        assert self._offer is not None
        self.retries += 1
        if self.retries == 1:
            self._asked_at = now
        identifier = self._offer.option(Option.SERVER_IDENTIFIER) or self._offer.server.packed
        self._send(
            DhcpType.REQUEST,
            now,
            (Option.SERVER_IDENTIFIER, identifier),
            (Option.REQUESTED_ADDRESS, self._offer.yours.packed),
        )
        self._wait(now)

    def _confirm(self, now: float) -> None:
        lease = self.lease
        assert lease is not None
        if self.retries >= TRIES:  # nobody answers: the lease holds until it ends (RFC 2131 section 3.2)
            self.state = ClientState.BOUND
            self.due = None if lease.duration is None else max(self._bound_at + lease.renewal, now)
            return
        self.retries += 1
        self._asked_at = now
        self._send(DhcpType.REQUEST, now, (Option.REQUESTED_ADDRESS, lease.address.ip.packed))
        self._wait(now)

    def _ask_again(self, now: float) -> None:
        """Renew with the server, later with anybody, until the lease is over (RFC 2131 section 4.4.5)."""
        lease, end = self.lease, self.expires()
        assert lease is not None
        if end is not None and now >= end:
            self._drop()
            self._begin(now)
            return
        rebinding = self._bound_at + lease.rebinding
        if end is not None and now >= rebinding:
            self.state = ClientState.REBINDING
        self.retries += 1
        self._asked_at = now
        to = lease.server if self.state is ClientState.RENEWING else EVERYBODY
        self._send(DhcpType.REQUEST, now, client=lease.address.ip, to=to)
        if end is None:
            self.due = now + SHORTEST_RENEWAL
            return
        until = rebinding if self.state is ClientState.RENEWING else end
        self.due = min(now + max((until - now) / 2, SHORTEST_RENEWAL), until)

    # --- messages --------------------------------------------------------------------------------------

    def receive(self, message: DhcpMessage, now: float) -> None:
        """A message to the client's port."""
        if message.op != Op.REPLY or message.hardware != self.hardware:
            return
        if message.transaction != self.transaction or message.type is None:
            self.counts["bad"] += message.type is None
            return
        self.counts[message.type.name] += 1
        server = message.address(Option.SERVER_IDENTIFIER) or message.server
        if message.type is DhcpType.OFFER and self.state is ClientState.SELECTING:
            if message.yours == NOBODY:
                return
            self._events.append(Heard(message.type, server))
            self.state, self.retries, self._offer = ClientState.REQUESTING, 0, message
            self._request(now)
        elif message.type in (DhcpType.ACK, DhcpType.NAK) and self.state in (
            ClientState.REQUESTING,
            ClientState.REBOOTING,
            ClientState.RENEWING,
            ClientState.REBINDING,
        ):
            self._events.append(Heard(message.type, server))
            if message.type is DhcpType.ACK:
                self._accept(message, server, now)
            else:
                self._drop()
                self._begin(now)

    def _accept(self, message: DhcpMessage, server: IPv4Address, now: float) -> None:
        mask = message.address(Option.SUBNET_MASK)
        seconds = message.number(Option.LEASE_TIME)
        if (
            not seconds
            or message.yours.is_multicast
            or message.yours.is_loopback
            or not int(message.yours) >> 24
        ):
            return
        try:
            address = (
                IPv4Interface(f"{message.yours}/{mask}")
                if mask
                else IPv4Interface((int(message.yours), _classful(message.yours)))
            )
        except ValueError:
            return
        duration = None if seconds == INFINITE else float(seconds)
        renewal = float(message.number(Option.RENEWAL_TIME) or seconds / 2)
        rebinding = float(message.number(Option.REBINDING_TIME) or seconds * 7 / 8)
        lease = Lease(
            address,
            server,
            duration,
            renewal,
            rebinding,
            message.addresses(Option.ROUTER),
            message.addresses(Option.DNS_SERVER),
            (message.option(Option.DOMAIN_NAME) or b"").rstrip(b"\0").decode("ascii", "replace"),
            message,
        )
        renewed = self.lease is not None and self.lease.address == address
        if self.lease is not None and not renewed:
            self._drop()
        self.lease, self.state, self.retries, self._bound_at = lease, ClientState.BOUND, 0, self._asked_at
        self.due = None if duration is None else self._bound_at + renewal
        self.counts["leases"] += not renewed
        self._events.append(Bound(lease, renewed))

    def _drop(self) -> None:
        if self.lease is not None:
            lease, self.lease = self.lease, None
            self._events.append(Lost(lease))

    def _new_transaction(self) -> None:
        self.transaction = int(self._random() * 0x100000000)

    def _send(
        self,
        kind: DhcpType,
        now: float,
        *options: tuple[int, bytes],
        client: IPv4Address = NOBODY,
        to: IPv4Address | None = None,
    ) -> None:
        if to is None:
            to = self.lease.server if kind is DhcpType.RELEASE and self.lease is not None else EVERYBODY
        own = self.options
        if kind in (DhcpType.RELEASE, DhcpType.DECLINE):
            own = tuple(each for each in own if each[0] == Option.CLIENT_IDENTIFIER)
        broadcast = self.broadcast and client == NOBODY and kind in (DhcpType.DISCOVER, DhcpType.REQUEST)
        message = DhcpMessage(
            Op.REQUEST,
            self.transaction,
            self.hardware,
            ((Option.MESSAGE_TYPE, bytes((kind,))), *options, *own),
            client=client,
            seconds=min(int(now - self._began_at), 0xFFFF) if kind is DhcpType.DISCOVER else 0,
            flags=BROADCAST_FLAG if broadcast else 0,
        )
        octets = message.to_bytes()
        if len(octets) < self._size:
            message = DhcpMessage.parse(octets.ljust(self._size, b"\0"))
        self.counts[kind.name] += 1
        self._outgoing.append(Outgoing(message, to, client))
        self._events.append(Sent(kind, max(self.retries, 1), max(len(octets), self._size)))


def _classful(address: IPv4Address) -> int:
    """The mask of an address whose server told none."""
    first = int(address) >> 24
    return 8 if first < 128 else 16 if first < 192 else 24
