"""The ARP cache of one interface or host (RFC 826, RFC 1122 section 2.3.2), sans-IO.

`resolve` says what to do with a packet for a next hop; `receive` takes ARP packets; `tick` repeats and
gives up requests and ages entries. Each returns what is to be sent.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address

from iosemu.packets.addresses import BROADCAST, MacAddress
from iosemu.packets.arp import ArpOperation, ArpPacket

AGEING_TIME = 14400.0
"""Seconds an entry lives without being confirmed; IOS's `arp timeout` default of four hours."""
RETRY_INTERVAL = 1.0
"""Seconds between requests for one address; RFC 1122 asks for no more than one a second."""
RETRIES = 3
"""Requests before the address counts as unreachable."""
POLL_AHEAD = 60.0
"""Seconds before its end at which a router asks an entry's owner again (the unicast poll of RFC 1122, 2.3.2.1)."""
QUEUE_LIMIT = 3
"""Packets a host keeps per unresolved address; RFC 1122 asks for at least one."""


class Unresolved(Enum):
    """What happens to a packet that meets an entry without an address."""

    DROP = "drop"
    """The packet is lost and causes the request (IOS)."""
    QUEUE = "queue"
    """The packet waits for the reply (hosts)."""


class ArpKind(Enum):
    """How an entry came to be."""

    DYNAMIC = "dynamic"
    STATIC = "static"
    INTERFACE = "interface"
    """The device's own address."""


@dataclass(slots=True)
class ArpEntry:
    """A resolved address; `updated` is the lab time at which it was learned or confirmed."""

    address: IPv4Address
    mac: MacAddress
    interface: str
    kind: ArpKind
    updated: float
    polled: bool = False
    """The owner was asked to confirm it; answered, the entry begins anew."""
    asked: int = 0
    """How often since `refresh`; 0: it was not."""
    asked_at: float = 0.0

    def age(self, now: float) -> float | None:
        """Seconds since the entry was confirmed; None for an entry that does not age."""
        return now - self.updated if self.kind is ArpKind.DYNAMIC else None


@dataclass(slots=True)
class ArpPending:
    """An address that has been asked for; `interface` is where the requests go out."""

    address: IPv4Address
    interface: str
    source: IPv4Address
    next_retry: float
    sent: int = 1
    queue: list[bytes] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ArpSend:
    """An ARP packet to send: to `destination` (None = broadcast) out of `interface`."""

    interface: str
    packet: ArpPacket
    destination: MacAddress | None = None


@dataclass(frozen=True, slots=True)
class ArpRelease:
    """Waiting packets whose next hop is known now (`mac`), or will not be (None: host unreachable)."""

    interface: str
    address: IPv4Address
    mac: MacAddress | None
    packets: tuple[bytes, ...]


ArpAction = ArpSend | ArpRelease


class ArpTable:
    """ARP for all interfaces of one device.

    `mac_of(interface)` gives the hardware address to ask and answer with; dynamic entries vanish after
    `ageing_time` seconds.
    """

    def __init__(
        self,
        mac_of: Callable[[str], MacAddress],
        policy: Unresolved = Unresolved.DROP,
        ageing_time: float = AGEING_TIME,
        retry_interval: float = RETRY_INTERVAL,
        retries: int = RETRIES,
    ) -> None:
        self._mac_of = mac_of
        self.policy = policy
        self.ageing_time = ageing_time
        self._ageing_times: dict[str, float] = {}
        self.retry_interval = retry_interval
        self.retries = retries
        self._entries: dict[IPv4Address, ArpEntry] = {}
        self._by_interface: dict[str, dict[IPv4Address, ArpEntry]] = {}
        self._pending: dict[IPv4Address, ArpPending] = {}
        self._times: list[tuple[float, int, ArpEntry | ArpPending]] = []
        """A heap of when something happens to an entry or a request; what changed since then lies there in vain."""
        self._noted = 0
        self._expired: list[IPv4Address] = []
        self.requests_received = 0
        self.replies_received = 0
        self.requests_sent = 0
        self.replies_sent = 0

    def __iter__(self) -> Iterator[ArpEntry]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def pending(self) -> list[ArpPending]:
        """The addresses asked for and not yet answered (IOS shows them as Incomplete)."""
        return list(self._pending.values())

    def lookup(self, address: IPv4Address) -> ArpEntry | None:
        """The entry of an address, if it is resolved."""
        return self._entries.get(address)

    def ageing_of(self, interface: str) -> float:
        """Seconds that dynamic entries of an interface live."""
        return self._ageing_times.get(interface, self.ageing_time)

    def set_ageing(self, interface: str, seconds: float) -> None:
        """Let dynamic entries of an interface live this long."""
        if self.ageing_of(interface) == seconds:
            return
        self._ageing_times[interface] = seconds
        for entry in self._by_interface.get(interface, {}).values():
            self._note(entry)

    def resolve(
        self, interface: str, source: IPv4Address, address: IPv4Address, packet: bytes, now: float
    ) -> tuple[MacAddress | None, list[ArpAction]]:
        """The hardware address of next hop `address` for `packet`.

        With an address, send the packet to it. Without one, send the actions; the packet is dropped or kept
        for a later `ArpRelease`, as the policy says. `source` is the protocol address to ask with.
        """
        entry = self._entries.get(address)
        if entry is not None and (entry.kind is not ArpKind.DYNAMIC or self._expires(entry) > now):
            return entry.mac, []
        pending = self._pending.get(address)
        actions: list[ArpAction] = []
        if pending is None:
            pending = ArpPending(address, interface, source, now + self.retry_interval)
            self._pending[address] = pending
            self._note(pending)
            actions.append(self._request(pending))
        if self.policy is Unresolved.QUEUE:
            pending.queue.append(packet)
            del pending.queue[:-QUEUE_LIMIT]
        return None, actions

    def receive(
        self,
        interface: str,
        packet: ArpPacket,
        own_address: Callable[[IPv4Address], bool],
        now: float,
        station: Callable[[ArpPacket], MacAddress | None] | None = None,
    ) -> list[ArpAction]:
        """Take an ARP packet that came in on `interface` (RFC 826, "Packet Reception").

        `own_address(ip)` says whether this interface answers for `ip` (its own addresses, or proxy ARP). A
        sender that is known is updated by any packet; an unknown one is learned only from a packet meant for us.
        `station(packet)` says what a request is answered with: the interface's own unless told otherwise, None
        for no answer (virtual routers).
        """
        if packet.operation == ArpOperation.REQUEST:
            self.requests_received += 1
        else:
            self.replies_received += 1
        actions: list[ArpAction] = []
        sender = packet.sender_ip
        for_us = own_address(packet.target_ip)
        if int(sender) and not own_address(sender) and not packet.sender_mac.is_multicast:
            known = self._entries.get(sender)
            if known is not None or for_us or sender in self._pending:
                actions += self.learn(interface, sender, packet.sender_mac, now)
        if for_us and packet.operation == ArpOperation.REQUEST:
            mac = self._mac_of(interface) if station is None else station(packet)
            if mac is not None:
                self.replies_sent += 1
                actions.append(ArpSend(interface, packet.reply(mac), packet.sender_mac))
        return actions

    def passed_by(self, *, request: bool) -> None:
        """Count a packet that is of no concern."""
        if request:
            self.requests_received += 1
        else:
            self.replies_received += 1

    def concerns(self, address: IPv4Address) -> bool:
        """Whether anything is known of an address, or it is asked for."""
        return address in self._entries or address in self._pending

    def learn(self, interface: str, address: IPv4Address, mac: MacAddress, now: float) -> list[ArpAction]:
        """Note a dynamic entry (static and own ones stay as they are) and release what waited for it."""
        known = self._entries.get(address)
        if known is not None and known.kind is not ArpKind.DYNAMIC:
            return []
        self._enter(ArpEntry(address, mac, interface, ArpKind.DYNAMIC, now))
        return self._release(address, mac)

    def add(
        self,
        interface: str,
        address: IPv4Address,
        mac: MacAddress,
        now: float,
        kind: ArpKind = ArpKind.STATIC,
    ) -> list[ArpAction]:
        """Enter a static entry or the device's own address."""
        self._enter(ArpEntry(address, mac, interface, kind, now))
        return self._release(address, mac)

    def remove(self, address: IPv4Address) -> bool:
        """Forget an entry of any kind; False if there is none."""
        self._pending.pop(address, None)
        entry = self._entries.pop(address, None)
        if entry is None:
            return False
        del self._by_interface[entry.interface][address]
        return True

    def clear(self, interface: str | None = None) -> list[IPv4Address]:
        """Forget the dynamic entries (of one interface) and what is being asked for; the addresses of the entries."""
        entries = self._entries if interface is None else self._by_interface.get(interface, {})
        gone = [entry.address for entry in entries.values() if entry.kind is ArpKind.DYNAMIC]
        for pending in list(self._pending.values()):
            if interface in (None, pending.interface):
                del self._pending[pending.address]
        for address in gone:
            self.remove(address)
        return gone

    def refresh(self, now: float) -> list[ArpAction]:
        """Ask the owners of all dynamic entries anew; who does not answer `retries` requests is forgotten."""
        self._pending.clear()
        actions: list[ArpAction] = []
        for entry in [each for each in self._entries.values() if each.kind is ArpKind.DYNAMIC]:
            entry.polled, entry.asked, entry.asked_at = True, 1, now
            self._note(entry)
            actions += self._ask(entry)
        return actions

    def interface_down(self, interface: str) -> list[IPv4Address]:
        """Forget what was learned on an interface that lost its line protocol, and its own addresses."""
        gone = self.clear(interface)
        entries = self._by_interface.get(interface, {}).values()
        own = [entry.address for entry in entries if entry.kind is ArpKind.INTERFACE]
        for address in own:
            self.remove(address)
        return gone + own

    def forget(self, interface: str) -> None:
        """Forget everything about an interface that is no more."""
        self.clear(interface)
        for address in list(self._by_interface.get(interface, ())):
            self.remove(address)
        self._by_interface.pop(interface, None)

    def announce(self, interface: str, address: IPv4Address) -> ArpSend:
        """A gratuitous ARP for an address of our own, as sent when an interface comes up (RFC 5227)."""
        mac = self._mac_of(interface)
        return ArpSend(interface, ArpPacket(ArpOperation.REPLY, mac, address, BROADCAST, address))

    def next_timer(self) -> float | None:
        """Lab time of the next retry or expiry."""
        while self._times and not self._is_due(*self._times[0]):
            heapq.heappop(self._times)
        return self._times[0][0] if self._times else None

    def tick(self, now: float) -> list[ArpAction]:
        """Repeat and give up requests; entries near their end are polled, those whose time is over vanish."""
        due: list[ArpEntry | ArpPending] = []
        while (when := self.next_timer()) is not None and when <= now:
            due.append(heapq.heappop(self._times)[2])
        actions: list[ArpAction] = []
        for each in due:
            if isinstance(each, ArpPending):
                actions.append(self._retry(each, now))
            elif (poll := self._age(each, now)) is not None:
                actions.append(poll)
        return actions

    def expired(self) -> list[IPv4Address]:
        """The addresses whose time was over since somebody last asked."""
        expired, self._expired = self._expired, []
        return expired

    def _retry(self, pending: ArpPending, now: float) -> ArpAction:
        if pending.sent >= self.retries:
            del self._pending[pending.address]
            return ArpRelease(pending.interface, pending.address, None, tuple(pending.queue))
        pending.sent += 1
        pending.next_retry = now + self.retry_interval
        self._note(pending)
        return self._request(pending)

    def _age(self, entry: ArpEntry, now: float) -> ArpAction | None:
        if entry.asked and self._expires(entry) > now:
            entry.asked, entry.asked_at = entry.asked + 1, now
            self._note(entry)
            return next(iter(self._ask(entry)), None)
        if self._expires(entry) <= now:
            # what is being asked for already is asked for further on
            pending = self._pending.get(entry.address)
            self.remove(entry.address)
            if pending is not None:
                self._pending[entry.address] = pending
            self._expired.append(entry.address)
            return None
        entry.polled = True
        self._note(entry)
        return next(iter(self._ask(entry)), None)

    def _ask(self, entry: ArpEntry) -> list[ArpAction]:
        """A request to the owner of an entry alone."""
        source = self._own_address(entry.interface)
        if source is None:
            return []
        self.requests_sent += 1
        request = ArpPacket.request(self._mac_of(entry.interface), source, entry.address)
        return [ArpSend(entry.interface, request, entry.mac)]

    def _enter(self, entry: ArpEntry) -> None:
        known = self._entries.get(entry.address)
        if known is not None and known.interface != entry.interface:
            del self._by_interface[known.interface][entry.address]
        self._entries[entry.address] = entry
        self._by_interface.setdefault(entry.interface, {})[entry.address] = entry
        self._note(entry)

    def _note(self, item: ArpEntry | ArpPending) -> None:
        """Remember when something happens to it next."""
        if isinstance(item, ArpPending):
            when = item.next_retry
        elif item.kind is ArpKind.DYNAMIC:
            when = self._due(item)
        else:
            return
        self._noted += 1
        heapq.heappush(self._times, (when, self._noted, item))

    def _is_due(self, when: float, _number: int, item: ArpEntry | ArpPending) -> bool:
        """Whether what was noted still holds."""
        if isinstance(item, ArpPending):
            return self._pending.get(item.address) is item and item.next_retry == when
        return self._entries.get(item.address) is item and self._due(item) == when

    def _own_address(self, interface: str) -> IPv4Address | None:
        for entry in self._by_interface.get(interface, {}).values():
            if entry.kind is ArpKind.INTERFACE:
                return entry.address
        return None

    def _due(self, entry: ArpEntry) -> float:
        """When something happens to a dynamic entry: a poll, or its end."""
        end = self._expires(entry)
        if entry.asked:
            return min(end, entry.asked_at + self.retry_interval)
        poll = end - POLL_AHEAD
        return poll if self.policy is Unresolved.DROP and not entry.polled and poll > entry.updated else end

    def _expires(self, entry: ArpEntry) -> float:
        end = entry.updated + self.ageing_of(entry.interface)
        return min(end, entry.asked_at + self.retry_interval) if entry.asked >= self.retries else end

    def _request(self, pending: ArpPending) -> ArpSend:
        self.requests_sent += 1
        mac = self._mac_of(pending.interface)
        return ArpSend(pending.interface, ArpPacket.request(mac, pending.source, pending.address))

    def _release(self, address: IPv4Address, mac: MacAddress) -> list[ArpAction]:
        pending = self._pending.pop(address, None)
        if pending is None or not pending.queue:
            return []
        return [ArpRelease(pending.interface, address, mac, tuple(pending.queue))]
