"""What logins, `enable` and commands ask of a group of servers."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Any, Protocol

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.handling.effects import WaitFor
from iosemu.ip.config import primary_address
from iosemu.ip.stack import IpStack
from iosemu.net.aaa.outcome import SILENCE, Outcome, Verdict
from iosemu.net.aaa.radius_client import RadiusTarget
from iosemu.net.aaa.radius_server import ENABLE_USER
from iosemu.net.aaa.tacacs_client import Question
from iosemu.net.signal import Signal
from iosemu.packets.addresses import MacAddress
from iosemu.packets.radius import (
    BLANK_AUTHENTICATOR,
    Attributes,
    RadiusAttribute,
    RadiusPacket,
    ServiceType,
    avpair,
    eap_attributes,
)
from iosemu.packets.tacacs import (
    AuthenMethod,
    AuthenService,
    AuthenStart,
    AuthorRequest,
    Client,
)
from iosemu.subjects.aaa_servers.config import (
    RETRANSMIT,
    TACACS,
    TIMEOUT,
    Host,
    RadiusServer,
    Server,
    ServersConfig,
    TacacsServer,
    clear_key,
)
from iosemu.subjects.aaa_servers.service.counters import RequestCounters, TacacsCounters
from iosemu.subjects.aaa_servers.service.radius import Radius
from iosemu.subjects.aaa_servers.service.tacacs import TacacsQuestion, TacacsTarget
from iosemu.subjects.hosts.lookup import resolve

PPP = 1
"""Framed-Protocol (RFC 2865 section 5.7)."""
ASYNC, VIRTUAL, ETHERNET = 0, 5, 15
"""NAS-Port-Type (RFC 2865 section 5.41)."""
METHODS = {
    "local": AuthenMethod.LOCAL,
    "local-case": AuthenMethod.LOCAL,
    "enable": AuthenMethod.ENABLE,
    "line": AuthenMethod.LINE,
    "none": AuthenMethod.NONE,
    "tacacs+": AuthenMethod.TACACSPLUS,
    "radius": AuthenMethod.RADIUS,
}
"""How a user proved who it is, as TACACS+ tells it."""


class Pending(Protocol):
    """A question that was asked."""

    signal: Signal
    """It is decided."""
    outcome: Outcome | None
    """None: not yet."""


class RadiusPending(Pending, Protocol):
    """One whose answer has more to say than a verdict."""

    answer: RadiusPacket | None
    """What the server said; None where none did."""


@dataclass(eq=False)
class _Decided:
    outcome: Outcome | None
    signal: Signal = field(default_factory=Signal)
    answer: RadiusPacket | None = None


def answer_of(pending: Pending) -> Generator[WaitFor, Any, Outcome]:
    """Wait for what comes of a question."""
    while pending.outcome is None:
        yield WaitFor(lambda: pending.outcome is not None, None, pending.signal)
    return pending.outcome


def when_answered(device: Device, pending: Pending, told: Callable[[Verdict], None]) -> None:
    """Call `told` with what comes of a question: at once where that is known, else when it is."""

    def answered() -> None:
        outcome = pending.outcome
        if outcome is not None:
            pending.signal.disconnect(heard)
            told(outcome.verdict)

    def heard() -> None:
        device.scheduler.after(0.0, answered)

    if pending.outcome is not None:
        told(pending.outcome.verdict)
    else:
        pending.signal.connect(heard)


@dataclass(frozen=True, slots=True)
class PortClient:
    """A station at a switch port that wants to be let in (RFC 3580 section 3)."""

    username: bytes
    station: MacAddress
    port: str
    number: int
    """Of the port, as NAS-Port tells it."""
    port_address: MacAddress
    session: str
    """The identifier of its session."""
    mtu: int = 1500


@dataclass(frozen=True, slots=True)
class Asking:
    """For whom something is asked."""

    username: str
    line: str = ""
    """`tty2`; empty where there is none."""
    remote: str = ""
    """The client's address, or `async` at the console."""
    privilege: int = 1
    method: str = ""
    """How the user proved who it is, in words of a method list."""


class AaaServers(Service):
    """The servers of this box."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.radius = Radius(device)
        self._tacacs: dict[tuple[Host | None, int], TacacsCounters] = {}
        self._questions: dict[TacacsQuestion, None] = {}
        self._number = 0

    @property
    def config(self) -> ServersConfig:
        """What is configured."""
        return self.device.config.of(ServersConfig)

    def start(self) -> None:
        """Hear of VRFs that are no more."""
        self.device.service(IpStack).vrf_listeners.append(lambda vrf: self.config.forget_vrf(vrf))

    def stop(self) -> None:
        """The power goes."""
        self.radius.stop()
        for question in self._questions:
            question.stop()
        self._questions.clear()

    def counters(self, server: TacacsServer) -> TacacsCounters:
        """What was counted for a server."""
        return self._tacacs.setdefault((server.address, server.port), TacacsCounters())

    def clear(self) -> None:
        """All counters begin anew; what is known of dead servers stays."""
        self._tacacs.clear()
        for state in self.radius.states.values():
            state.authentication, state.accounting = RequestCounters(), RequestCounters()
        self.radius.cleared = self.device.now

    # --- questions -----------------------------------------------------------------------------------

    def login(self, group: str, asking: Asking, password: str, state: bytes = b"") -> Pending:
        """Whether this is the user's password, or the answer to a challenge that came with `state` (RFC 2865, 2.1)."""
        if self.config.protocol_of(group) == TACACS:
            return self.ask(group, Question(AuthenStart(client_of(asking)), password))
        return self._access(group, asking.username, password, asking, ServiceType.LOGIN, state)

    def eap(self, group: str, asking: Asking, packet: bytes, state: bytes = b"") -> Pending:
        """What a user says by EAP (RFC 3579): the outcome has what the server says; `state` is what it told before."""
        targets = self.targets(group) if self.config.protocol_of(group) != TACACS else []
        if not targets:
            return _Decided(SILENCE)
        attributes: list[tuple[int, bytes]] = [
            (RadiusAttribute.USER_NAME, asking.username.encode()[:253]),
            (RadiusAttribute.SERVICE_TYPE, ServiceType.LOGIN.to_bytes(4, "big")),
            *eap_attributes(packet),
            *self.nas(group, targets, asking),
        ]
        if state:
            attributes.append((RadiusAttribute.STATE, state))
        return self.radius.request(targets, tuple(attributes), self.source(group))

    def framed(
        self, group: str, username: str, password: str, chap: tuple[int, bytes, bytes] | None, line: str = ""
    ) -> Pending:
        """Whether a user may come in by PPP (RFC 2865 section 5.7): by a password, or by identifier, challenge and
        response of CHAP. TACACS+ is not asked."""
        targets = self.targets(group) if self.config.protocol_of(group) != TACACS else []
        if not targets:
            return _Decided(SILENCE)
        attributes: list[tuple[int, bytes]] = [
            (RadiusAttribute.FRAMED_PROTOCOL, PPP.to_bytes(4, "big")),
            (RadiusAttribute.USER_NAME, username.encode()[:253]),
            (RadiusAttribute.SERVICE_TYPE, ServiceType.FRAMED.to_bytes(4, "big")),
        ]
        if chap is not None:
            identifier, challenge, response = chap
            attributes += [
                (RadiusAttribute.CHAP_PASSWORD, bytes((identifier,)) + response),
                (RadiusAttribute.CHAP_CHALLENGE, challenge),
            ]
        if line:
            attributes.append((RadiusAttribute.NAS_PORT_ID, line.encode()))
        attributes += self.nas(group, targets, Asking(username))
        told = password.encode() if chap is None else None
        return self.radius.request(targets, tuple(attributes), self.source(group), told)

    def port_access(
        self, group: str, client: PortClient, eap: bytes, state: bytes | None = None
    ) -> RadiusPending:
        """What a server says to a client's EAP packet (RFC 3579), or, without one, of its station address alone.

        TACACS+ is not asked.
        """
        targets = self.targets(group) if self.config.protocol_of(group) != TACACS else []
        if not targets:
            return _Decided(SILENCE)
        service = ServiceType.FRAMED if eap else ServiceType.CALL_CHECK
        attributes: list[tuple[int, bytes]] = [
            (RadiusAttribute.USER_NAME, client.username[:253]),
            (RadiusAttribute.SERVICE_TYPE, service.to_bytes(4, "big")),
            avpair("service-type=" + ("Framed" if eap else "Call Check")),
            (RadiusAttribute.FRAMED_MTU, client.mtu.to_bytes(4, "big")),
            (RadiusAttribute.CALLED_STATION_ID, hyphenated(client.port_address)),
            (RadiusAttribute.CALLING_STATION_ID, hyphenated(client.station)),
            *eap_attributes(eap),
            BLANK_AUTHENTICATOR,
            avpair(f"audit-session-id={client.session}"),
            (RadiusAttribute.NAS_PORT_TYPE, ETHERNET.to_bytes(4, "big")),
            (RadiusAttribute.NAS_PORT, client.number.to_bytes(4, "big")),
            (RadiusAttribute.NAS_PORT_ID, client.port.encode()),
        ]
        if state is not None:
            attributes.append((RadiusAttribute.STATE, state))
        source = self.nas_address(group, targets)
        if source is not None:
            attributes.append((RadiusAttribute.NAS_IP_ADDRESS, source.packed))
        password = None if eap else client.username
        return self.radius.request(targets, tuple(attributes), self.source(group), password)

    def enable(self, group: str, asking: Asking, password: str, level: int) -> Pending:
        """Whether this password opens a privilege level; RADIUS asks for the user `$enab15$`."""
        if self.config.protocol_of(group) == TACACS:
            client = client_of(asking, privilege=level, service=AuthenService.ENABLE)
            return self.ask(group, Question(AuthenStart(client), password))
        name = ENABLE_USER.replace("15", str(level))
        return self._access(group, name, password, asking, ServiceType.ADMINISTRATIVE)

    def authorize(self, group: str, asking: Asking, arguments: tuple[str, ...]) -> Pending:
        """Whether the user may have what the arguments say; RADIUS has no such question."""
        if self.config.protocol_of(group) != TACACS:
            return _Decided(SILENCE)
        method = METHODS.get(asking.method, AuthenMethod.NOT_SET)
        return self.ask(group, Question(AuthorRequest(client_of(asking), arguments, method)))

    # --- where ---------------------------------------------------------------------------------------

    def source(self, group: str) -> IPv4Address | None:
        """The address that a group's servers are asked from; None: that of the way out."""
        config = self.config
        found = config.groups.get(group)
        name = found.source_interface if found is not None else ""
        if not name:
            tacacs = config.protocol_of(group) == TACACS
            name = config.tacacs_source if tacacs else config.radius_source
        return primary_address(self.device.config.interfaces.get(name))

    def _vrf(self, group: str) -> str:
        """The routing instance that a group is in."""
        found = self.config.groups.get(group)
        return found.vrf if found is not None else ""

    def _address(self, server: Server, vrf: str) -> IPv4Address | None:
        return None if server.address is None else resolve(self.device, server.address, vrf)

    def ask(self, group: str, question: Question) -> Pending:
        """Put a question to the TACACS+ servers of a group."""
        config = self.config
        targets, vrf = [], self._vrf(group)
        for server in config.tacacs_of(group):
            address = self._address(server, vrf)
            if address is not None:
                key = server.key if server.key is not None else config.tacacs_key
                timeout = server.timeout or config.tacacs_timeout or TIMEOUT
                targets.append(
                    TacacsTarget(address, server.port, clear_key(key), timeout, self.counters(server), vrf)
                )
        if not targets:
            return _Decided(SILENCE)
        self._number += 1
        asked = TacacsQuestion(
            self.device, targets, question, self.source(group), self._number, self._answered
        )
        if asked.outcome is None:
            self._questions[asked] = None
        return asked

    def _answered(self, question: TacacsQuestion) -> None:
        self._questions.pop(question, None)

    def targets(self, group: str) -> list[RadiusTarget]:
        """The RADIUS servers of a group, as far as their addresses are known."""
        found = (self.target(server, group) for server in self.config.radius_of(group))
        return [target for target in found if target is not None]

    def target(self, server: RadiusServer, group: str = "") -> RadiusTarget | None:
        """A server as a group asks it now; None while its name has no address."""
        config, vrf = self.config, self._vrf(group)
        address, found = self._address(server, vrf), config.groups.get(group)
        if address is None:
            return None
        retransmit = server.retransmit if server.retransmit is not None else config.radius_retransmit
        return RadiusTarget(
            address,
            server.authentication_port,
            server.accounting_port,
            clear_key(server.key if server.key is not None else config.radius_key),
            float(server.timeout or config.radius_timeout or TIMEOUT),
            RETRANSMIT if retransmit is None else retransmit,
            vrf,
            found.deadtime if found is not None else None,
        )

    def nas_address(self, group: str, targets: list[RadiusTarget]) -> IPv4Address | None:
        """The address by which servers know this box."""
        source = self.source(group)
        if source is None and targets:
            vrf = self.device.service(IpStack).find_vrf(targets[0].vrf)
            source = vrf.source_for(targets[0].address) if vrf is not None else None
        return source

    def nas(self, group: str, targets: list[RadiusTarget], asking: Asking) -> Attributes:
        """Who asks, and for which line."""
        source = self.nas_address(group, targets)
        found: list[tuple[int, bytes]] = []
        if asking.line:
            number = int(asking.line.removeprefix("tty") or 0)
            kind = ASYNC if asking.remote == "async" else VIRTUAL
            found += [
                (RadiusAttribute.NAS_PORT, number.to_bytes(4, "big")),
                (RadiusAttribute.NAS_PORT_ID, asking.line.encode()),
                (RadiusAttribute.NAS_PORT_TYPE, kind.to_bytes(4, "big")),
            ]
        else:
            found.append((RadiusAttribute.NAS_PORT_TYPE, ASYNC.to_bytes(4, "big")))
        if asking.remote not in ("", "async"):
            found.append((RadiusAttribute.CALLING_STATION_ID, asking.remote.encode()))
        if source is not None:
            found.append((RadiusAttribute.NAS_IP_ADDRESS, source.packed))
        return tuple(found)

    def _access(
        self,
        group: str,
        username: str,
        password: str,
        asking: Asking,
        service: ServiceType,
        state: bytes = b"",
    ) -> Pending:
        name = username.encode()
        targets = self.targets(group)
        if not targets:
            return _Decided(SILENCE)
        attributes = (
            (RadiusAttribute.USER_NAME, name[:253]),
            (RadiusAttribute.SERVICE_TYPE, service.to_bytes(4, "big")),
            *self.nas(group, targets, asking),
            *(((RadiusAttribute.STATE, state),) if state else ()),
        )
        return self.radius.request(targets, attributes, self.source(group), password.encode())


def hyphenated(address: MacAddress) -> bytes:
    """`00-11-22-33-44-55` (RFC 3580 section 3.20)."""
    return address.dashes.upper().encode()


def client_of(asking: Asking, privilege: int | None = None, service: int = AuthenService.LOGIN) -> Client:
    """For whom something is asked, as TACACS+ has it; without `privilege` at that of the user."""
    level = asking.privilege if privilege is None else privilege
    return Client(asking.username, asking.line, asking.remote, level, service=service)
