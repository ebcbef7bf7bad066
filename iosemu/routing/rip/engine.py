"""`router rip` as a sans-IO engine (RFC 1058, RFC 2453, RFC 2082; ROUTING.md 5).

Time, randomness and datagrams are passed in. Every call takes lab time in seconds and may leave datagrams in
`packets()`, networks for the routing table in `changes()` and facts in `events()`; `next_timer()` says when `tick` is
due.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Network

from iosemu.packets.errors import MalformedPacket
from iosemu.routing.rip.config import InterfaceConfig, NoPolicy, Policy, ProcessConfig
from iosemu.routing.rip.database import Given, Known, Path
from iosemu.routing.rip.events import Datagram, Event, Ignored, Lost, Received, Sending
from iosemu.routing.rip.learning import Database
from iosemu.routing.rip.packets import (
    GROUP,
    INFINITY,
    PORT,
    AuthenticationMode,
    Command,
    Entry,
    Message,
    Proof,
    build,
    messages,
    parse,
)
from iosemu.routing.rip.updates import Advertised, advertised, entry, network_of

BROADCAST = IPv4Address("255.255.255.255")
_DEFAULT = IPv4Network("0.0.0.0/0")
_GONE_UPDATES = 4
_ANY = IPv4Address(0)


class Rip:
    """One process. `random` gives floats in [0, 1)."""

    def __init__(
        self, config: ProcessConfig, random: Callable[[], float], now: float, policy: Policy | None = None
    ) -> None:
        self.config = config
        self.policy: Policy = policy or NoPolicy()
        self.random = random
        self.database = Database(config)
        self.interfaces: dict[str, InterfaceConfig] = {}
        self.gateways: dict[IPv4Address, float] = {}
        """Who was heard, and when last."""
        self.next_update = now + self._interval()
        self._triggered: float | None = None
        self._quiet_until = now
        """Before that no second triggered update goes out (RFC 2453 3.10.1)."""
        self._sequences: dict[tuple[str, IPv4Address], int] = {}
        self._default_gone: dict[str, int] = {}
        """Interfaces that our default went out of, with the updates that still say that it is gone."""
        self._paced: list[tuple[float, int, Datagram, Sending]] = []
        """A heap of what waits for `output-delay`, by time and order."""
        self._made = 0
        self._out: list[Datagram] = []
        self._events: list[Event] = []

    # --- what changes ----------------------------------------------------------------------------------

    def configure(self, config: ProcessConfig, now: float) -> None:
        """Another configuration of the process; new timers count from now."""
        old, self.config = self.config, config
        self.database.config = config
        if old.timers.update != config.timers.update:
            self.next_update = now + self._interval()
        if config.default_originate:
            self._default_gone.clear()
        for name in self.interfaces:
            if old.default_to(name) and not config.default_to(name):
                self._default_gone[name] = _GONE_UPDATES
        defaults = [(each.default_originate, each.default_interfaces) for each in (old, config)]
        if defaults[0] != defaults[1] or old.auto_summary != config.auto_summary:
            for known in self.database:
                known.changed = True
            self._trigger(now)

    def interface_up(self, config: InterfaceConfig, now: float) -> None:
        """RIP runs on an interface that is up, or its configuration is another."""
        old = self.interfaces.get(config.name)
        if old is not None and old.addresses != config.addresses:
            self.interface_down(config.name, now)
            old = None
        self.interfaces[config.name] = config
        if old is not None:
            return
        for address in config.addresses:
            self.database.connect(address.network, config.name)
        if not config.passive:
            self._request(config, now)
        self._trigger(now)

    def interface_down(self, name: str, now: float) -> None:
        """RIP no longer runs there, or the interface went down."""
        config = self.interfaces.pop(name, None)
        if config is None:
            return
        for address in config.addresses:
            self.database.disconnect(address.network, name, now)
        self.database.forget_interface(name, now)
        for key in [key for key in self._sequences if key[0] == name]:
            del self._sequences[key]
        self._trigger(now)

    def redistribute(self, gone: Iterable[IPv4Network], come: Iterable[Given], now: float) -> None:
        """Routes that other protocols give."""
        self.database.give(gone, come, now)
        self._trigger(now)

    def clear(self, now: float, network: IPv4Network | None = None) -> None:
        """Forget what was learned, of one network or of all, and ask for it again."""
        self.database.clear(network)
        for config in self.interfaces.values():
            if not config.passive:
                self._request(config, now)

    # --- packets ---------------------------------------------------------------------------------------

    def receive(self, interface: str, source: IPv4Address, port: int, data: bytes, now: float) -> None:
        """A datagram came to UDP port 520."""
        config = self.interfaces.get(interface)
        if config is None or any(source == each.ip for each in config.addresses):
            return
        try:
            message, proof = parse(data)
        except MalformedPacket as error:
            self._ignore(interface, source, data[1] if len(data) > 1 else 0, str(error))
            return
        if message.command is Command.RESPONSE and port != PORT:
            self._ignore(interface, source, message.version, "bad source port")
        elif (
            self.config.validate_source
            and not config.unnumbered
            and not any(source in each.network for each in config.addresses)
        ):
            self._ignore(interface, source, message.version, "bad source")
        elif min(message.version, 2) not in config.receive and message.command is Command.RESPONSE:
            self._ignore(interface, source, message.version, "illegal version")
        elif not self._proven(config, source, message, proof):
            self._ignore(interface, source, message.version, "invalid authentication")
        else:
            self._events.append(Received(interface, source, message))
            if message.command is Command.REQUEST:
                self._answer(config, source, port, message, now)
            else:
                self._learn(config, source, message, now)

    def _proven(
        self, config: InterfaceConfig, source: IPv4Address, message: Message, proof: Proof | None
    ) -> bool:
        if config.authentication is None or config.keys is None:
            return proof is None  # RFC 2453 4.1: authenticated messages are not for those without a key
        if message.version == 1:
            return False
        if proof is None or proof.mode is not config.authentication:
            return False
        if not any(proof.shows(key) for key in config.keys.accepting()):
            return False
        if proof.mode is AuthenticationMode.MD5:
            known = (config.name, source)
            if proof.sequence and proof.sequence < self._sequences.get(known, 0):
                return False  # RFC 2082 3.2.2: an old message again
            self._sequences[known] = proof.sequence
        return True

    def _learn(self, config: InterfaceConfig, source: IPv4Address, message: Message, now: float) -> None:
        self.gateways[source] = now
        for told in message.entries:
            network = network_of(told, message.version, config)
            if network is None or not 0 < told.metric <= INFINITY:
                self._ignore(config.name, source, message.version, f"bad route {told.address}")
                continue
            if told.metric < INFINITY and not self.policy.accepts(config.name, source, network):
                continue
            metric = told.metric + self.policy.offset(False, config.name, network)
            gateway = source
            if told.next_hop != _ANY and told.next_hop in config.address.network:
                if any(told.next_hop == each.ip for each in config.addresses):
                    continue  # the way would lead back to us
                gateway = told.next_hop
            path = Path(gateway, source, config.name, now, told.tag)
            self.database.learn(network, min(metric, INFINITY), path, now)
        self._trigger(now)

    def _answer(
        self, config: InterfaceConfig, source: IPv4Address, port: int, message: Message, now: float
    ) -> None:
        if config.passive and source not in self.config.neighbors:
            return
        version = min(message.version, 2)
        if message.whole_table:
            self._send_entries(config, version, source, port, self._entries(config, version), now)
        elif message.entries:
            told = [self._lookup(each, version, config) for each in message.entries]
            self._send_entries(config, version, source, port, told, now)

    def _lookup(self, asked: Entry, version: int, config: InterfaceConfig) -> Entry:
        """RFC 2453 3.9.1: the metric of a network that was asked for; no split horizon."""
        network = network_of(asked, version, config)
        known = self.database.known.get(network) if network is not None else None
        metric = known.told if known is not None else INFINITY
        return Entry(asked.address, asked.mask, asked.next_hop, metric, asked.tag)

    # --- updates ---------------------------------------------------------------------------------------

    def _interval(self) -> float:
        # 25.7 to 31.5 s were measured for 30 (ROUTING.md 5)
        return self.config.timers.update * (0.855 + 0.195 * self.random())

    def _rows(self, config: InterfaceConfig, version: int) -> list[Advertised]:
        known: list[Known] = list(self.database)
        rows = list(advertised(known, config, version, self.config.auto_summary, self.policy))
        default = self.config.default_to(config.name)
        if default or (config.name in self._default_gone and all(each.network != _DEFAULT for each in rows)):
            rows = [each for each in rows if each.network != _DEFAULT]
            rows.insert(0, Advertised(_DEFAULT, 1 if default else INFINITY, changed=True))
        return rows

    def _entries(self, config: InterfaceConfig, version: int, changed_only: bool = False) -> list[Entry]:
        return [
            entry(each, version) for each in self._rows(config, version) if each.changed or not changed_only
        ]

    def _update(self, now: float, *, changed_only: bool = False) -> None:
        for config in self.interfaces.values():
            for version in config.send:
                for destination in self._destinations(config, version):
                    told = self._entries(config, version, changed_only)
                    if told:
                        self._send_entries(config, version, destination, PORT, told, now, changed_only)
        for known in self.database.known.values():
            known.changed = False
        self._default_gone = {name: left - 1 for name, left in self._default_gone.items() if left > 1}

    def _destinations(self, config: InterfaceConfig, version: int) -> list[IPv4Address]:
        if config.loopback:
            return []
        own = [each for each in sorted(self.config.neighbors) if each in config.address.network]
        if config.passive:
            return own
        return [GROUP if version > 1 and not config.v2_broadcast else BROADCAST, *own]

    def _send_entries(
        self,
        config: InterfaceConfig,
        version: int,
        destination: IPv4Address,
        port: int,
        told: list[Entry],
        now: float,
        triggered: bool = False,
    ) -> None:
        authenticated = config.authentication is not None and version > 1
        for number, message in enumerate(messages(version, told, authenticated)):
            delay = number * self.config.output_delay
            self._send(config, destination, port, message, now, triggered, delay)

    def _send(
        self,
        config: InterfaceConfig,
        destination: IPv4Address,
        port: int,
        message: Message,
        now: float,
        triggered: bool = False,
        delay: float = 0.0,
    ) -> None:
        if config.loopback:
            return
        key = config.keys.sending() if config.keys is not None and config.authentication else None
        payload = build(message, config.authentication, key, int(now) + 1)
        datagram = Datagram(config.name, config.address.ip, destination, port, payload)
        sending = Sending(config.name, config.address.ip, destination, message, triggered)
        if delay:
            self._made += 1
            heapq.heappush(self._paced, (now + delay, self._made, datagram, sending))
            return
        self._out.append(datagram)
        self._events.append(sending)

    def _request(self, config: InterfaceConfig, now: float) -> None:
        for version in config.send:
            for destination in self._destinations(config, version):
                self._send(config, destination, PORT, Message(Command.REQUEST, version, (), True), now)

    def _trigger(self, now: float) -> None:
        """Plan a triggered update when something changed."""
        self._note_losses()
        if self._triggered is None and any(each.changed for each in self.database.known.values()):
            due = max(now, self._quiet_until)
            if not self._is_near_update(due):
                self._triggered = due

    def _is_near_update(self, when: float) -> bool:
        """Whether the next update tells what changed soon enough."""
        return self.next_update - when <= self.config.flash_threshold

    def _note_losses(self) -> None:
        lost, self.database.lost = self.database.lost, []
        self._events += [Lost(network) for network in lost]
        noted, self.database.noted = self.database.noted, []
        self._events += noted

    def _ignore(self, interface: str, source: IPv4Address, version: int, reason: str) -> None:
        self._events.append(Ignored(interface, source, version, reason))

    # --- time and results ------------------------------------------------------------------------------

    def next_timer(self) -> float:
        """Lab time at which `tick` is due."""
        ageing = self.database.next_timer()
        paced = self._paced[0][0] if self._paced else None
        return min(each for each in (self.next_update, self._triggered, ageing, paced) if each is not None)

    def tick(self, now: float) -> None:
        """Do what is due: updates, triggered updates, old routes."""
        while self._paced and self._paced[0][0] <= now:
            _, _, datagram, sending = heapq.heappop(self._paced)
            if datagram.interface in self.interfaces:
                self._out.append(datagram)
                self._events.append(sending)
        self.database.tick(now)
        self._trigger(now)
        if self.next_update <= now:
            self.next_update = now + self._interval()
            self._triggered = None
            self._update(now)
        elif self._triggered is not None and self._triggered <= now:
            self._triggered = None
            if self._is_near_update(now):
                return
            self._quiet_until = now + 1 + 4 * self.random()
            self._update(now, changed_only=True)

    def packets(self) -> list[Datagram]:
        """What is to be sent since the last call."""
        out, self._out = self._out, []
        return out

    def events(self) -> list[Event]:
        """What happened since the last call."""
        events, self._events = self._events, []
        return events

    def changes(self) -> list[IPv4Network]:
        """The networks whose learned routes are to be read again from `database.known`."""
        touched, self.database.touched = self.database.touched, {}
        return list(touched)
