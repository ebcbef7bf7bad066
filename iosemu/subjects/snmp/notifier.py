"""Traps and informs on their way: a message for each host, and those again that nobody has acknowledged."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.ip.config import primary_address
from iosemu.ip.stack import IpStack
from iosemu.net.scheduler import Timer
from iosemu.net.snmp.agent import Agent
from iosemu.net.snmp.originator import RemoteEngine
from iosemu.net.snmp.usm import UsmUser, secured
from iosemu.packets.snmp import (
    SNMP_PORT,
    CommunityMessage,
    Oid,
    Pdu,
    PduType,
    ScopedPdu,
    SecureMessage,
    TrapV1,
    VarBind,
    Version,
    oid,
    ticks,
)
from iosemu.subjects.snmp.config import EngineAddress, HostLine, SnmpConfig, UserLine
from iosemu.subjects.snmp.mibs.system import UPTIME, product

SNMP_TRAPS = (1, 3, 6, 1, 6, 3, 1, 1, 5)
TRAP_OID = (1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0)
SOURCE_PORT = 49152
SESSION_TIMEOUT = 600.0
"""Seconds after its last use in which a session with a manager is remembered."""
THROTTLES = {"ospf": (7, 10.0), "storm-control": (0, 60.0), "port-security": (0, 1.0)}
"""Kinds of which no more than some are sent in some seconds, unless a rate is typed; 0: all (RFC 1850 section 4.2)."""
HostKey = tuple[object, ...]


@dataclass
class TrapHost:
    """What `show snmp` and `show snmp sessions` count of one host."""

    sent: int = 0
    dropped: int = 0
    retries: int = 0
    failed: int = 0
    """Informs that nobody acknowledged."""
    responses: int = 0
    trips: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Seconds from an inform to its answer: the least, the most, the last."""
    used: float | None = None
    """When an inform was last under way; None: never."""

    def answered(self, took: float) -> None:
        """An answer came after so many seconds."""
        least, most, _last = self.trips
        self.trips = (min(least, took), max(most, took), took) if self.responses else (took, took, took)
        self.responses += 1


@dataclass
class Inform:
    """One that waits for its acknowledgement."""

    host: HostLine
    pdu: Pdu
    started: float
    left: int
    timer: Timer
    synchronized: bool = False
    """The manager told its time after this attempt, and the inform went out again at once."""

    @property
    def expires(self) -> float:
        """When it is sent again, or given up."""
        return self.timer.when


class Notifier:
    """Sends notifications to the hosts that were typed, and waits for answers."""

    def __init__(self, device: Device, agent: Agent, usm: Callable[[UserLine, bytes], UsmUser]) -> None:
        self.device = device
        self.agent = agent
        self.hosts: dict[HostKey, TrapHost] = {}
        self.informs: dict[int, Inform] = {}
        self.engines: dict[EngineAddress, RemoteEngine] = {}
        self._usm = usm
        self._request = 0
        self._recent: dict[str, deque[float]] = {}

    # --- life ------------------------------------------------------------------------------------------------

    @property
    def config(self) -> SnmpConfig:
        """What was typed."""
        found: SnmpConfig = self.device.config.of(SnmpConfig)
        return found

    def stop(self) -> None:
        """Power goes: what waits, and what was learned of others, is forgotten."""
        for inform in self.informs.values():
            inform.timer.cancel()
        self.informs.clear()
        self.engines.clear()

    def changed(self) -> None:
        """Take over which hosts and engines there are."""
        config = self.config
        self.hosts = {key: self.hosts.get(key, TrapHost()) for key in config.hosts}
        known = {where: bytes.fromhex(digits) for where, digits in config.remote_engines.items()}
        self.engines = {
            where: engine for where, engine in self.engines.items() if known.get(where) == engine.identity
        }
        for where, identity in known.items():
            self.engines.setdefault(where, RemoteEngine(identity))

    # --- out -------------------------------------------------------------------------------------------------

    def trap(self, kind: str, name: Oid, told: tuple[VarBind, ...]) -> None:
        """Tell the hosts, as soon as what happens now is over, if such traps are enabled."""
        config = self.config
        first = kind.partition(" ")[0]
        if not config.hosts or kind not in config.traps or not self._within_rate(first, name):
            return
        boots, when = self.device.boots, self.device.now - self.device.booted_at

        def send() -> None:
            if self.device.powered and self.device.boots == boots:
                for key, host in self.config.hosts.items():
                    if not host.types or first in host.types:
                        self._notify(key, host, name, told, when)

        self.device.scheduler.after(0.0, send)

    def _within_rate(self, kind: str, name: Oid) -> bool:
        if kind not in THROTTLES:
            return True
        most, window = THROTTLES[kind]
        most, now = self.config.trap_rates.get(kind, most), self.device.now
        if not most:
            return True
        # RFC 1850: each trap of OSPF has a window of its own
        recent = self._recent.setdefault(str(name) if kind == "ospf" else kind, deque())
        while recent and recent[0] <= now - window:
            recent.popleft()
        if len(recent) >= most:
            return False
        recent.append(now)
        return True

    def _source(self, host: HostLine) -> IPv4Address | None:
        interface = self.config.inform_source if host.inform else ""
        named = primary_address(self.device.config.interfaces.get(interface or self.config.trap_source))
        vrf = self.device.service(IpStack).find_vrf(host.vrf)
        return named or (vrf.source_for(host.address) if vrf is not None else None)

    def _notify(
        self, key: HostKey, host: HostLine, name: Oid, told: tuple[VarBind, ...], when: float
    ) -> None:
        self._request = self._request % 0x7FFFFFFF + 1
        counts = self.hosts.setdefault(key, TrapHost())
        bindings = (VarBind(UPTIME, ticks(when)), VarBind(TRAP_OID, oid(name)), *told)
        pdu = Pdu(PduType.INFORM if host.inform else PduType.TRAP, self._request, bindings)
        if host.version == "1":
            data: bytes | None = self._old_message(host, name, told, when)
        else:
            data = self._message(host, pdu)
        # an inform that finds no way now is tried again
        if data is None or not (self._send(host, data) or host.inform):
            counts.dropped += 1
            return
        counts.sent += 1
        self.agent.counters.sent += 1
        self.agent.counters.traps += 1
        if host.inform:
            if len(self.informs) >= self.config.inform.pending:
                self._drop(next(iter(self.informs)))
            counts.used = self.device.now
            timer, left = self._timer(pdu.request), self.config.inform.retries
            self.informs[pdu.request] = Inform(host, pdu, self.device.now, left, timer)

    def _drop(self, request: int) -> None:
        inform = self.informs.pop(request)
        inform.timer.cancel()
        self.hosts.setdefault(inform.host.key, TrapHost()).dropped += 1

    def _old_message(self, host: HostLine, name: Oid, told: tuple[VarBind, ...], when: float) -> bytes:
        generic = name[-1] - 1 if name[:-1] == SNMP_TRAPS else 6
        enterprise = product(self.device)
        if generic == 6:  # RFC 3584 section 3.2
            enterprise = name[:-2] if name[-2] == 0 else name[:-1]
        source = self._source(host) or IPv4Address(0)
        specific = name[-1] if generic == 6 else 0
        trap = TrapV1(enterprise, source, generic, specific, ticks(when).content, told)
        return CommunityMessage(Version.V1, host.name.encode(), trap).to_bytes()

    def _message(self, host: HostLine, pdu: Pdu) -> bytes | None:
        """A message of version 2c or 3; None: there is no user who could sign it."""
        if host.version == "2c":
            return CommunityMessage(Version.V2C, host.name.encode(), pdu).to_bytes()
        self.agent.salt += 1
        uptime = self.device.now - self.device.booted_at
        if host.inform:
            found = self._remote(host)
            if found is None:
                return None
            engine, user = found
            return engine.request(user, host.level, pdu, self.device.now, self.agent.salt)
        member = self.agent.policy.members.get(host.name)
        if member is None or host.level & ~member.user.level:
            return None
        own = self.agent.policy.engine
        message = SecureMessage(
            pdu.request,
            int(host.level),
            own,
            self.agent.boots,
            int(uptime),
            host.name.encode(),
            ScopedPdu(own, pdu),
        )
        return secured(member.user, message, self.agent.salt)

    def _remote(self, host: HostLine) -> tuple[RemoteEngine, UsmUser] | None:
        """The engine that takes informs to a host, and our user there."""
        where = host.engine
        engine, line = self.engines.get(where), self.config.users.get((host.name, where))
        if engine is None or line is None:
            return None
        user = self._usm(line, engine.identity)
        return None if host.level & ~user.level else (engine, user)

    def _send(self, host: HostLine, data: bytes) -> bool:
        stack, source = self.device.service(IpStack), self._source(host)
        vrf = stack.find_vrf(host.vrf)
        if source is None or vrf is None:
            return False
        port = SNMP_PORT if host.inform else SOURCE_PORT  # what answers an inform is for the agent
        return stack.send_udp(source, port, host.address, host.port, data, vrf=vrf)

    # --- informs ---------------------------------------------------------------------------------------------

    def _timer(self, request: int) -> Timer:
        return self.device.scheduler.after(self.config.inform.timeout, lambda: self._again(request))

    def _again(self, request: int) -> None:
        inform = self.informs[request]
        counts = self.hosts.setdefault(inform.host.key, TrapHost())
        if inform.left == 0:
            del self.informs[request]
            counts.failed += 1
            counts.used = self.device.now
            return
        inform.left -= 1
        inform.synchronized = False
        counts.retries += 1
        inform.timer = self._timer(request)
        self._resend(inform)

    def _resend(self, inform: Inform) -> None:
        data = self._message(inform.host, inform.pdu)
        if data is not None:
            self._send(inform.host, data)

    def answered(self, request: int) -> None:
        """A manager acknowledged the inform with this request number."""
        inform = self.informs.pop(request, None)
        if inform is not None:
            inform.timer.cancel()
            counts = self.hosts.setdefault(inform.host.key, TrapHost())
            counts.answered(self.device.now - inform.started)
            counts.used = self.device.now

    def elsewhere(self, message: SecureMessage, source: object) -> None:
        """Another engine answers: it acknowledges an inform, or tells its time, and the inform goes there again."""
        inform = self.informs.get(message.identifier)
        if inform is None or inform.host.version != "3" or inform.host.address != source:
            return
        found = self._remote(inform.host)
        if found is None:
            return
        engine, user = found
        try:
            answer = engine.read(user, inform.host.level, message, self.device.now)
        except ValueError:  # also what is malformed inside
            return
        if answer is PduType.RESPONSE:
            self.answered(message.identifier)
        elif answer is PduType.REPORT and not inform.synchronized:
            inform.synchronized = True
            self._resend(inform)

    def waiting(self, key: HostKey) -> int:
        """Informs to a host that nobody has acknowledged yet."""
        return sum(inform.host.key == key for inform in self.informs.values())
