"""The server: pools, bindings, conflicts (RFC 2131 section 4.3)."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network

from iosemu.net.dhcp import answers
from iosemu.net.dhcp.pools import (
    GRATUITOUS_ARP,
    PING,
    Binding,
    Conflict,
    Noted,
    Origin,
    Ping,
    Pool,
    Reply,
    ServerConfig,
    Statistics,
    highest,
    lowest,
)
from iosemu.packets.dhcp import NOBODY, DhcpMessage, DhcpType, Op, Option, Options

OFFERED = 60.0
"""Seconds that an offered address is kept for who was offered it."""


@dataclass(slots=True)
class _Offer:
    address: IPv4Address
    pool: Pool
    message: DhcpMessage
    origin: Origin
    until: float
    pinging: bool = False


class DhcpServer:
    """Feed it with `receive`; then do what `actions()` says."""

    def __init__(self, is_own: Callable[[IPv4Address], bool]) -> None:
        self.config = ServerConfig()
        self.bindings: dict[IPv4Address, Binding] = {}
        self.conflicts: dict[IPv4Address, Conflict] = {}
        self.statistics = Statistics()
        self.index: dict[str, IPv4Address] = {}
        """The next address that each pool tries."""
        self._is_own = is_own
        self._by_client: dict[tuple[str, bytes], IPv4Address] = {}
        self._offers: dict[IPv4Address, _Offer] = {}
        self._passed_over: dict[IPv4Address, float] = {}
        """Until when each address that somebody answered for is not tried again, where conflicts are not kept."""
        self._ends: list[tuple[float, IPv4Address]] = []
        self._actions: list[Ping | Reply] = []
        self._notes: list[Noted] = []

    def configure(self, config: ServerConfig) -> None:
        """Take a configuration over. Bindings of pools that are gone or cover them no more are forgotten."""
        self.config = config
        pools = {pool.name: pool for pool in config.pools if pool.network is not None}
        for binding in list(self.bindings.values()):
            pool = pools.get(binding.pool)
            if pool is None or pool.network is None or binding.address not in pool.network:
                self._forget(binding.address)
        for name in list(self.index):
            pool = pools.get(name)
            if pool is None or pool.network is None or self.index[name] not in pool.network:
                del self.index[name]

    # --- what is shown ---------------------------------------------------------------------------------

    def all_bindings(self) -> list[Binding]:
        """Manual and automatic ones by address."""
        manual = [
            Binding(pool.host.ip, pool.client_identifier or pool.hardware, pool.name, None, True)
            for pool in self.config.pools
            if pool.host is not None and (pool.client_identifier or pool.hardware)
        ]
        return sorted([*manual, *self.bindings.values()], key=lambda each: each.address)

    def leased(self, pool: str) -> int:
        """How many addresses of a pool are given."""
        return sum(binding.pool == pool for binding in self.bindings.values())

    def current(self, pool: Pool) -> IPv4Address:
        """The address that a pool tries next."""
        assert pool.network is not None
        return self.index.get(pool.name, lowest(pool.network))

    def standing(self, identity: bytes) -> tuple[str, IPv4Address] | None:
        """How far a client is with this server: `tries`, `offered` or `bound`, and the address."""
        for binding in self.all_bindings():
            if binding.identity == identity and not binding.manual:
                return "bound", binding.address
        for address, offer in self._offers.items():
            if offer.message.identity == identity:
                return ("tries" if offer.pinging else "offered"), address
        return None

    # --- what is cleared -------------------------------------------------------------------------------

    def clear_binding(self, address: IPv4Address | None) -> bool:
        """Forget one binding or all; False: there is none."""
        for each in list(self.bindings) if address is None else [address]:
            if each in self.bindings:
                self._forget(each)
            elif address is not None:
                return False
        return True

    def clear_conflict(self, address: IPv4Address | None) -> bool:
        """Forget one conflict or all; False: there is none."""
        if address is None:
            self.conflicts.clear()
            return True
        return self.conflicts.pop(address, None) is not None

    # --- time ------------------------------------------------------------------------------------------

    def next_timer(self) -> float | None:
        """When the next lease ends."""
        while self._ends:
            when, address = self._ends[0]
            binding = self.bindings.get(address)
            if binding is not None and binding.expires == when:
                return when
            heapq.heappop(self._ends)
        return None

    def tick(self, now: float) -> None:
        """Leases end."""
        while (when := self.next_timer()) is not None and when <= now:
            _when, address = heapq.heappop(self._ends)
            self._notes.append(Noted("expired", self.bindings[address].identity, address))
            self.statistics.expired += 1
            self._forget(address)

    def actions(self) -> list[Ping | Reply]:
        """What is to be done, once."""
        actions, self._actions = self._actions, []
        return actions

    def notes(self) -> list[Noted]:
        """What happened, once."""
        notes, self._notes = self._notes, []
        return notes

    # --- messages --------------------------------------------------------------------------------------

    def receive(self, message: DhcpMessage, origin: Origin, now: float) -> bool:
        """A request; False: no pool here is for its client."""
        if message.op != Op.REQUEST:
            return False
        kind = message.type
        if kind is None and not (message.is_bootp and self.config.bootp):
            return False  # a type that only others know, such as a lease query
        if kind in (DhcpType.OFFER, DhcpType.ACK, DhcpType.NAK):
            return False
        places = (message.client,) if message.client != NOBODY else origin.places
        pool = self.pool_for(message, places) or self.pool_for(message, origin.places)
        name = f"DHCP{kind.name}" if kind is not None else "BOOTREQUEST"
        if pool is None and kind not in (DhcpType.DECLINE, DhcpType.RELEASE):
            self._notes.append(Noted("no-pool", message.identity, None, message, origin.interface))
            return False
        self.statistics.received[name] = self.statistics.received.get(name, 0) + 1
        self._notes.append(Noted("received", message.identity, None, message, origin.interface))
        if kind is DhcpType.DECLINE:
            self._declined(message, now)
        elif kind is DhcpType.RELEASE:
            self._released(message)
        elif pool is None:
            return False
        elif kind is DhcpType.REQUEST:
            self._requested(message, pool, origin, now)
        elif kind is DhcpType.INFORM:
            self._reply(DhcpType.ACK, message, pool, None, origin)
        else:
            self._discovered(message, pool, origin, now)
        return True

    def pool_for(self, message: DhcpMessage, places: tuple[IPv4Address, ...]) -> Pool | None:
        """The pool for a client: its own, else the narrowest around where it is."""
        for place in places:
            for pool in self.config.pools:
                if pool.host is not None and pool.is_for(message) and place in self._around(pool):
                    return pool
            fitting = [
                pool for pool in self.config.pools if pool.network is not None and place in pool.network
            ]
            if fitting:
                narrowest = max(
                    fitting, key=lambda pool: pool.network.prefixlen if pool.network is not None else 0
                )
                return narrowest.narrowed(message)
        return None

    def _around(self, pool: Pool) -> IPv4Network:
        """The subnet of a pool for one client: of its mask, else of the pool around it."""
        assert pool.host is not None
        if pool.host.network.prefixlen < 32:
            return pool.host.network
        wider = [
            each.network
            for each in self.config.pools
            if each.network is not None and pool.host.ip in each.network
        ]
        return max(wider, key=lambda network: network.prefixlen) if wider else pool.host.network

    # --- DISCOVER --------------------------------------------------------------------------------------

    def _discovered(self, message: DhcpMessage, pool: Pool, origin: Origin, now: float) -> None:
        if pool.host is not None:
            self._offered(_Offer(pool.host.ip, pool, message, origin, now + OFFERED), now)
            return
        held = self._by_client.get((pool.name, message.identity))
        if held is not None and self._usable(held, pool):
            self._offered(_Offer(held, pool, message, origin, now + OFFERED), now)
            return
        for offer in self._offers.values():
            if (
                offer.message.identity == message.identity
                and offer.pool.name == pool.name
                and offer.until > now
            ):
                offer.message, offer.origin = message, origin
                if not offer.pinging:
                    self._offered(offer, now)
                return
        self._try(message, pool, origin, now)

    def _try(self, message: DhcpMessage, pool: Pool, origin: Origin, now: float) -> None:
        """Find an address and have it pinged, or offer it."""
        address = self._free(message, pool, now)
        if address is None:
            self._notes.append(Noted("exhausted", message.identity, None, message, origin.interface))
            return
        offer = _Offer(address, pool, message, origin, now + OFFERED, self.config.ping)
        self._offers[address] = offer
        if offer.pinging:
            self._actions.append(Ping(address, origin))
        else:
            self._offered(offer, now)

    def pinged(self, address: IPv4Address, answered: bool, now: float) -> None:
        """What became of a `Ping`."""
        offer = self._offers.get(address)
        if offer is None or not offer.pinging:
            return
        offer.pinging = False
        if not answered:
            offer.until = now + OFFERED
            self._offered(offer, now)
            return
        del self._offers[address]
        self._in_conflict(address, PING, now)
        self._try(offer.message, offer.pool, offer.origin, now)

    def _offered(self, offer: _Offer, now: float) -> None:
        if offer.message.is_bootp:
            self._bind(offer.message, replace(offer.pool, lease=None), offer.address, now)
            self._reply(None, offer.message, replace(offer.pool, lease=None), offer.address, offer.origin)
            return
        self._offers[offer.address] = offer
        self._reply(DhcpType.OFFER, offer.message, offer.pool, offer.address, offer.origin)

    def _usable(self, address: IPv4Address, pool: Pool) -> bool:
        """Whether an address may be given from a pool at all."""
        network = pool.network
        return (
            network is not None
            and address in network
            and lowest(network) <= address <= highest(network)
            and pool.gives(address)
            and address not in self.conflicts
            and self._excluded(address) is None
            and not self._is_own(address)
            and all(each.host is None or each.host.ip != address for each in self.config.pools)
        )

    def _excluded(self, address: IPv4Address) -> IPv4Address | None:
        """The last address of the excluded range around one."""
        return next((last for first, last in self.config.excluded if first <= address <= last), None)

    def _free(self, message: DhcpMessage, pool: Pool, now: float) -> IPv4Address | None:
        for address in [each for each, offer in self._offers.items() if offer.until <= now]:
            del self._offers[address]
        for address in [each for each, until in self._passed_over.items() if until <= now]:
            del self._passed_over[address]
        wanted = message.address(Option.REQUESTED_ADDRESS)
        if wanted is not None and self._usable(wanted, pool) and not self._given(wanted):
            return wanted
        for address in self._in_turn(pool):
            if self._usable(address, pool) and not self._given(address):
                assert pool.network is not None
                following = address + 1
                if not pool.ranges:
                    self.index[pool.name] = (
                        following if following <= highest(pool.network) else lowest(pool.network)
                    )
                return address
        return None

    def _given(self, address: IPv4Address) -> bool:
        return address in self.bindings or address in self._offers or address in self._passed_over

    def _in_turn(self, pool: Pool) -> Iterator[IPv4Address]:
        """The addresses of a pool from its index on, then from its start; excluded ranges in one step."""
        assert pool.network is not None
        start, first, last = self.current(pool), lowest(pool.network), highest(pool.network)
        turns = ((start, last), (first, start - 1 if start > first else None))
        for low, high in (
            [(max(low, first), min(high, last)) for low, high in pool.ranges] if pool.ranges else turns
        ):
            at: IPv4Address | None = low
            while at is not None and high is not None and at <= high:
                end = self._excluded(at)
                if end is None:
                    yield at
                    end = at
                at = end + 1 if int(end) < 0xFFFFFFFF else None

    # --- REQUEST ---------------------------------------------------------------------------------------

    def _requested(self, message: DhcpMessage, pool: Pool, origin: Origin, now: float) -> None:
        chosen = message.address(Option.SERVER_IDENTIFIER)
        wanted = message.address(Option.REQUESTED_ADDRESS) or message.client
        if chosen is not None and not self._is_own(chosen):
            offer = self._offers.get(wanted)
            if offer is not None and offer.message.identity == message.identity:
                del self._offers[wanted]  # another server's offer was taken
            return
        if self._is_bound(message, pool, wanted) or self._was_offered(message, wanted, now):
            self._offers.pop(wanted, None)
            self._bind(message, pool, wanted, now)
            self._reply(DhcpType.ACK, message, pool, wanted, origin)
            return
        network = self._around(pool) if pool.host is not None else pool.network
        known = (pool.name, message.identity) in self._by_client or pool.host is not None
        if chosen is not None or known or network is None or wanted not in network or pool.deny_unknown:
            self._reply(DhcpType.NAK, message, pool, None, origin)
        # RFC 2131 section 4.3.2: of a client that is not known nothing is said

    def _is_bound(self, message: DhcpMessage, pool: Pool, address: IPv4Address) -> bool:
        if pool.host is not None:
            return pool.host.ip == address
        held = self._by_client.get((pool.name, message.identity))
        return held == address and self._usable(address, pool)

    def _was_offered(self, message: DhcpMessage, address: IPv4Address, now: float) -> bool:
        offer = self._offers.get(address)
        return (
            offer is not None
            and not offer.pinging
            and offer.message.identity == message.identity
            and offer.until > now
            and self._usable(address, offer.pool)
        )

    def _bind(self, message: DhcpMessage, pool: Pool, address: IPv4Address, now: float) -> None:
        if pool.host is not None:
            return
        held = self._by_client.get((pool.name, message.identity))
        if held is not None and held != address:
            self._forget(held)
        seconds = answers.duration(message, pool)
        expires = None if seconds is None else now + seconds
        self.bindings[address] = Binding(address, message.identity, pool.name, expires)
        self._by_client[pool.name, message.identity] = address
        if expires is not None:
            heapq.heappush(self._ends, (expires, address))

    def restore(self, binding: Binding, now: float) -> bool:
        """Have a binding again that was kept elsewhere; False: it is over, taken, or of no pool's network."""
        address = binding.address
        pool = next((each for each in self.config.pools if each.network and address in each.network), None)
        over = binding.expires is not None and binding.expires <= now
        if pool is None or over or address in self.bindings or self._excluded(address) is not None:
            return False
        self.bindings[address] = replace(binding, pool=pool.name)
        self._by_client[pool.name, binding.identity] = address
        if binding.expires is not None:
            heapq.heappush(self._ends, (binding.expires, address))
        return True

    def _forget(self, address: IPv4Address) -> None:
        binding = self.bindings.pop(address, None)
        if binding is not None:
            self._by_client.pop((binding.pool, binding.identity), None)

    # --- RELEASE, DECLINE ------------------------------------------------------------------------------

    def _released(self, message: DhcpMessage) -> None:
        binding = self.bindings.get(message.client)
        if binding is not None and binding.identity == message.identity:
            self._forget(message.client)

    def _declined(self, message: DhcpMessage, now: float) -> None:
        address = message.address(Option.REQUESTED_ADDRESS)
        binding = self.bindings.get(address) if address is not None else None
        if address is not None and binding is not None and binding.identity == message.identity:
            self._forget(address)
            self._in_conflict(address, GRATUITOUS_ARP, now, message.identity)

    def _in_conflict(self, address: IPv4Address, method: str, now: float, client: bytes = b"") -> None:
        if self.config.conflict_logging:
            self.conflicts[address] = Conflict(address, method, now)
        else:
            self._passed_over[address] = now + OFFERED
        self._notes.append(Noted("conflict", client, address, method=method))

    # --- replies ---------------------------------------------------------------------------------------

    def settings(self, pool: Pool) -> Options:
        """The options of a pool, and those of the pools around it that it has not itself."""
        return answers.settings(self.config, pool)

    def _reply(
        self,
        kind: DhcpType | None,
        request: DhcpMessage,
        pool: Pool,
        address: IPv4Address | None,
        origin: Origin,
    ) -> None:
        message = answers.answer(self.config, kind, request, pool, address, origin.own, self._network(pool))
        sent = f"DHCP{kind.name}" if kind is not None else "BOOTREPLY"
        self.statistics.sent[sent] = self.statistics.sent.get(sent, 0) + 1
        self._notes.append(Noted("sending", request.identity, address, message, origin.interface))
        self._actions.append(Reply(message, request, origin))

    def _network(self, pool: Pool) -> IPv4Network | None:
        """The network whose mask a client is told."""
        return self._around(pool) if pool.host is not None else pool.network
