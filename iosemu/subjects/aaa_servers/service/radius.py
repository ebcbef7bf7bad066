"""RADIUS of a box: its two source ports, and what is known of each server."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.ip.stack import IpStack
from iosemu.net.aaa.radius_client import Note, Noted, RadiusClient, RadiusTarget, RadiusTransaction
from iosemu.net.scheduler import Timer
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.packets.radius import (
    OLD_ACCOUNTING_PORT,
    OLD_AUTHENTICATION_PORT,
    AcctStatusType,
    Attributes,
    RadiusAttribute,
    RadiusCode,
)
from iosemu.packets.udp import UdpDatagram
from iosemu.subjects.aaa_servers.config import ServersConfig
from iosemu.subjects.aaa_servers.service import debug
from iosemu.subjects.aaa_servers.service.counters import RadiusState, RequestCounters

Place = tuple[IPv4Address, int, int]
WARNING = 4
MINUTE = 60.0


class Radius:
    """Requests of this box; `states` outlives what is configured."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.states: dict[Place, RadiusState] = {}
        self.identifiers = {OLD_AUTHENTICATION_PORT: 0, OLD_ACCOUNTING_PORT: 0}
        """The identifier that each source port used last."""
        self.cleared = 0.0
        """Lab time since which the counters count."""
        self.revived: list[Callable[[], None]] = []
        """Who is told that a dead server answers again."""
        self._sources: dict[RadiusTransaction, IPv4Address | None] = {}
        self._source: IPv4Address | None = None
        self._timer: Timer | None = None
        randbytes = device.rng.randbytes
        self._authentication = RadiusClient(
            randbytes, partial(self._send, OLD_AUTHENTICATION_PORT), self._note, accounting=False
        )
        self._accounting = RadiusClient(
            randbytes, partial(self._send, OLD_ACCOUNTING_PORT), self._note, accounting=True
        )

    def state(self, target: RadiusTarget) -> RadiusState:
        """What is known of a server."""
        place = target.address, target.authentication_port, target.accounting_port
        found = self.states.get(place)
        if found is None:
            found = self.states[place] = RadiusState(since=self.device.now, heard=self.device.now)
        return found

    def stop(self) -> None:
        """The power goes."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._authentication.give_up()
        self._accounting.give_up()

    def outstanding(self, *, accounting: bool) -> int:
        """Requests without an answer."""
        return len(self._accounting if accounting else self._authentication)

    def request(
        self,
        targets: Iterable[RadiusTarget],
        attributes: Attributes,
        source: IPv4Address | None,
        password: bytes | None = None,
        *,
        accounting: bool = False,
    ) -> RadiusTransaction:
        """Ask; servers that are dead are passed over unless all are."""
        stack = self.device.service(IpStack)
        for port in self.identifiers:
            if not stack.listens(port):
                stack.bind_udp(port, self._receive, vrf=None)
        asked = list(targets)
        alive = [each for each in asked if not self.dead(each)] or asked
        self._source = source
        client = self._accounting if accounting else self._authentication
        transaction = client.request(alive, attributes, self.device.now, password)
        self._plan()
        return transaction

    def dead(self, target: RadiusTarget) -> bool:
        """Whether a server is to be passed over now; it is tried again after `deadtime`."""
        state = self.state(target)
        if state.dead and self.device.now >= state.dead_until:
            self._alive(target, state)
        return state.dead

    def _send(self, port: int, transaction: RadiusTransaction, data: bytes) -> None:
        source = self._sources.setdefault(transaction, self._source)
        target = transaction.target
        far = target.accounting_port if transaction.accounting else target.authentication_port
        stack = self.device.service(IpStack)
        vrf = stack.find_vrf(target.vrf)
        if vrf is not None:
            stack.send_udp(source, port, target.address, far, data, vrf=vrf)
        counters = self._counters(transaction, target)
        counters.largest = max(counters.largest, len(data))

    def _receive(self, packet: IPv4Packet, datagram: UdpDatagram, interface: str) -> None:
        accounting = datagram.destination_port == OLD_ACCOUNTING_PORT
        client = self._accounting if accounting else self._authentication
        vrf = self.device.service(IpStack).vrf_of(interface).name
        client.receive(datagram.payload, packet.source, datagram.source_port, vrf)
        self._plan()

    def _plan(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        times = [each for each in (self._authentication.next_timer(), self._accounting.next_timer()) if each]
        self._timer = self.device.scheduler.at(min(times), self._due) if times else None

    def _due(self) -> None:
        self._timer = None
        self._authentication.tick(self.device.now)
        self._accounting.tick(self.device.now)
        self._plan()

    def _counters(self, transaction: RadiusTransaction, target: RadiusTarget) -> RequestCounters:
        state = self.state(target)
        return state.accounting if transaction.accounting else state.authentication

    def _note(self, noted: Noted) -> None:
        debug.radius(self.device, noted)
        transaction, target = noted.transaction, noted.target
        if transaction is None or target is None:
            return
        counters = self._counters(transaction, target)
        match noted.what:
            case Note.SENT | Note.FAILED_OVER:
                counters.requests += 1
                counters.failovers += noted.what is Note.FAILED_OVER
                self._count_status(counters, transaction, answered=False)
                port = OLD_ACCOUNTING_PORT if transaction.accounting else OLD_AUTHENTICATION_PORT
                self.identifiers[port] = transaction.identifier
            case Note.RETRANSMITTED:
                counters.retransmissions += 1
            case Note.TIMED_OUT:
                counters.timeouts += 1
                self._silent(target)
            case Note.GAVE_UP:
                counters.failures += 1
                self._sources.pop(transaction, None)
            case Note.FORGED:
                counters.incorrect += 1
            case Note.UNEXPECTED:
                counters.unexpected += 1
            case Note.ANSWERED:
                self._answered(counters, noted, transaction)
                self._heard(target)

    def _answered(self, counters: RequestCounters, noted: Noted, transaction: RadiusTransaction) -> None:
        assert noted.packet is not None
        self._sources.pop(transaction, None)
        counters.successes += 1
        delay = round((self.device.now - transaction.sent_at) * 1000)
        counters.delays += delay
        counters.longest = max(counters.longest, delay)
        counters.largest = max(counters.largest, len(noted.packet.to_bytes()))
        match noted.packet.code:
            case RadiusCode.ACCESS_ACCEPT:
                counters.accepts += 1
            case RadiusCode.ACCESS_REJECT:
                counters.rejects += 1
            case RadiusCode.ACCESS_CHALLENGE:
                counters.challenges += 1
            case RadiusCode.ACCOUNTING_RESPONSE:
                self._count_status(counters, transaction, answered=True)

    def _count_status(
        self, counters: RequestCounters, transaction: RadiusTransaction, *, answered: bool
    ) -> None:
        if not transaction.accounting:
            return
        status = next(
            int.from_bytes(value, "big")
            for kind, value in transaction.attributes
            if kind == RadiusAttribute.ACCT_STATUS_TYPE
        )
        if status == AcctStatusType.START:
            counters.start_answers += answered
            counters.starts += not answered
        elif status == AcctStatusType.STOP:
            counters.stop_answers += answered
            counters.stops += not answered
        else:
            counters.interim_answers += answered
            counters.interims += not answered

    def _silent(self, target: RadiusTarget) -> None:
        """A timeout more; `radius-server dead-criteria` says when that is enough."""
        state, config = self.state(target), self.device.config.of(ServersConfig)
        state.silent += 1
        if state.dead or (config.dead_time is None and config.dead_tries is None):
            return
        now = self.device.now
        if state.silent < (config.dead_tries or 1) or now - state.heard < (config.dead_time or 0):
            return
        state.dead, state.dead_count = True, state.dead_count + 1
        state.previous, state.since = now - state.since, now
        deadtime = config.deadtime if target.deadtime is None else target.deadtime
        state.dead_until = now + MINUTE * (deadtime or 0)
        text = f"RADIUS server {target.place} is not responding."
        self.device.log("RADIUS", WARNING, "RADIUS_DEAD", text)
        if not deadtime:
            self._alive(target, state)

    def _heard(self, target: RadiusTarget) -> None:
        state = self.state(target)
        state.silent, state.heard = 0, self.device.now
        if state.dead:
            self._alive(target, state)

    def _alive(self, target: RadiusTarget, state: RadiusState) -> None:
        now = self.device.now
        state.dead, state.silent = False, 0
        state.dead_total += now - state.since
        state.previous, state.since = now - state.since, now
        text = f"RADIUS server {target.place} is being marked alive."
        self.device.log("RADIUS", WARNING, "RADIUS_ALIVE", text)
        for tell in self.revived:
            tell()
