"""The session of a client at a port: the methods that are tried, and what was granted."""

from __future__ import annotations

from dataclasses import astuple, replace
from enum import Enum
from typing import TYPE_CHECKING

from iosemu.box.counters import Counters
from iosemu.bridging.vlans import VlanConfig
from iosemu.ip.config import primary_address
from iosemu.net.dot1x.authenticator import Authenticator, AuthenticatorTimers, Event
from iosemu.net.scheduler import Timer
from iosemu.packets.addresses import MacAddress
from iosemu.packets.eap import EapCode, EapPacket
from iosemu.packets.eapol import EapolType
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.radius import RadiusAttribute, RadiusCode, RadiusPacket
from iosemu.subjects.aaa_servers.service import Traffic
from iosemu.subjects.access.accounting import Accounting
from iosemu.subjects.dot1x.config import (
    DOT1X,
    MAB,
    MAB_DEBUG,
    MANAGER_DEBUG,
    STATES_DEBUG,
    Dot1xConfig,
)
from iosemu.subjects.dot1x.service import messages
from iosemu.subjects.dot1x.service.inquiry import Inquiry, port_client
from iosemu.subjects.dot1x.service.terms import Terms, terms, vlan_named, wanted_vlan

if TYPE_CHECKING:
    from iosemu.subjects.dot1x.service.port import AuthPort

DATA, VOICE, UNKNOWN = "DATA", "VOICE", "UNKNOWN"
USER_REQUEST, LOST_CARRIER, SESSION_TIMEOUT, ADMIN_RESET = 1, 2, 5, 6
"""Acct-Terminate-Cause (RFC 2866 section 5.10)."""
SERVER, CRITICAL, GUEST, FAILED = "Authentication Server", "Critical Auth", "Guest Vlan", "Auth Fail Vlan"
"""Who lets a client in, as `show authentication sessions` says it."""


def _traffic(counters: Counters) -> Traffic:
    return Traffic(counters.in_octets, counters.out_octets, counters.in_packets, counters.out_packets)


def _since(then: Traffic, now: Traffic) -> Traffic:
    """What went through since; counters that were cleared meanwhile began at zero."""
    before, after = astuple(then), astuple(now)
    return Traffic(*(b - a if b >= a else b for a, b in zip(before, after, strict=True)))


class Status(Enum):
    """As `show authentication sessions` says it."""

    IDLE = "Idle"
    RUNNING = "Running"
    AUTHORIZED = "Authz Success"
    FAILED = "Authz Failed"
    NO_METHODS = "No Methods"


class Session:
    """One client, or whoever may come; `station` None: nobody has spoken yet."""

    def __init__(self, port: AuthPort, station: MacAddress | None, number: int) -> None:
        self.port = port
        self.device = port.device
        self.station = station
        self.number = number
        self.since = self.device.now
        self.identifier = self._identifier()
        self.method = ""
        """The one that runs, or that decided."""
        self.states: dict[str, str] = {}
        self.status = Status.IDLE
        self.domain = UNKNOWN
        self.authorized = False
        self.authority = ""
        """Who let it in."""
        self.critical = False
        self.vlan: int | None = None
        self.username = ""
        self.failures = 0
        self.cause: int | None = None
        """Why it ends (RFC 2866 section 5.10), where that is known."""
        self.spoke = False
        """It said something by EAPOL."""
        self.terms = Terms()
        self.dot1x = Authenticator(self._timers, number % 256)
        self._inquiry = Inquiry(self.device, self._answered)
        self._state: bytes | None = None
        self._timer: Timer | None = None
        self._limit: Timer | None = None
        self._restart: Timer | None = None

    def _identifier(self) -> str:
        """The address of the box, a count and the time in milliseconds, 24 hexadecimal digits."""
        addresses = (primary_address(each.config) for each in self.device.interfaces.of_kind("Vlan"))
        address = next((int(each) for each in addresses if each is not None), 0)
        return f"{address:08X}{self.number & 0xFFFFFFFF:08X}{int(self.device.now * 1000) & 0xFFFFFFFF:08X}"

    def _timers(self) -> AuthenticatorTimers:
        told = self.port.settings
        return AuthenticatorTimers(told.quiet, told.tx, told.supplicant, told.max_request, told.max_reauth)

    @property
    def wants_station(self) -> bool:
        """Whether a frame of an unknown station is of use: MAC authentication bypass waits for one."""
        return self.method == MAB and self.status is Status.RUNNING

    def remaining(self) -> float | None:
        """Seconds until it must prove itself anew; None: never."""
        return None if self._limit is None else max(0.0, self._limit.when - self.device.now)

    # --- a life --------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Try the first method."""
        methods = self.port.methods
        self.states = dict.fromkeys(methods, "Not run")
        if not methods:
            self.status = Status.NO_METHODS
            return
        self._run(methods[0])

    def end(self) -> None:
        """It is over: nothing more comes of it."""
        self._cancel()
        self.dot1x.stop()
        self._account_end()
        self.authorized = False

    def reauthenticate(self) -> None:
        """Prove itself anew, by the method that let it in; meanwhile it may go on."""
        method = self.method if self.method in self.port.methods and self.station is not None else ""
        if not method:
            self.begin()
            return
        self._run(method)

    def _cancel(self) -> None:
        for timer in (self._timer, self._limit, self._restart):
            if timer is not None:
                timer.cancel()
        self._timer = self._limit = self._restart = None
        self._inquiry.forget()

    def _run(self, method: str) -> None:
        self._cancel()
        self._state = None
        if self.method != method and self.method == DOT1X:
            self.dot1x.stop()
        self.method = method
        self.states[method] = "Running"
        self.status = Status.RUNNING if not self.authorized else self.status
        messages.about(self, "AUTHMGR", 5, "START", f"Starting '{method}'")
        if method == DOT1X:
            self.dot1x.start(self.device.now)
            self._after()
        elif self.station is not None:
            self._bypass()

    # --- what is heard -------------------------------------------------------------------------------

    def seen(self, station: MacAddress) -> None:
        """A station spoke, of which MAC authentication bypass knows the address now."""
        self.station = station
        messages.debug(
            self.port,
            MAB_DEBUG,
            f"mab-ev({self.port.short}): Received MAC event from EPM for {station.dotted}",
        )
        self._bypass()

    def heard(self, kind: int, said: EapPacket | None, source: MacAddress) -> None:
        """EAPOL came from the client."""
        self.spoke = True
        if kind == EapolType.LOGOFF:
            if self.authorized and self.method == DOT1X:
                self.dot1x.packets.append(EapPacket(EapCode.FAILURE, self.dot1x.identifier))
                self._flush()
                self.cause = USER_REQUEST
                self.port.ended(self)
            return
        if (self.method == DOT1X and self.status is Status.RUNNING) or said is not None:
            self._told(said, source)
            return
        if self.method == DOT1X or not self.authorized or not self.states.get(self.method):
            held = self.method == DOT1X and self._timer is not None and not self.authorized
            if not held:  # nothing is heard in the quiet period
                self._to_dot1x(source)
        elif self.port.settings.outranks(DOT1X, self.method):
            self._to_dot1x(source)

    def _to_dot1x(self, source: MacAddress) -> None:
        self.station = source
        if self.authorized and (self.method != DOT1X or self.authority != SERVER):
            self._revoke()
        self._run(DOT1X)

    def _told(self, said: EapPacket | None, source: MacAddress) -> None:
        if self.method != DOT1X:
            return
        if said is None:
            self.station, self._state = source, None
            self._inquiry.forget()
            self.dot1x.start(self.device.now)
            self._after()
            return
        if self.station is None or not self.authorized:
            self.station = source
        self.dot1x.receive(said, self.device.now)
        self._after()

    # --- dot1x ---------------------------------------------------------------------------------------

    def _after(self) -> None:
        """Do what the authenticator wants done, and plan its next timer."""
        events, self.dot1x.events = self.dot1x.events, []
        for event in events:
            self._happened(event)
        self._flush()
        if self._timer is not None:
            self._timer.cancel()
        due = self.dot1x.next_timer() if self.method == DOT1X else None
        self._timer = None if due is None else self.device.scheduler.at(due, self._tick)

    def _flush(self) -> None:
        packets, self.dot1x.packets = self.dot1x.packets, []
        for packet in packets:
            self.port.send(packet, self.station)

    def _tick(self) -> None:
        self._timer = None
        self.dot1x.tick(self.device.now)
        self._after()

    def _happened(self, event: Event) -> None:
        messages.debug(
            self.port, STATES_DEBUG,
            f"dot1x-sm({self.port.short}): {messages.client(self)}: {event.value}, "
            f"auth {self.dot1x.state.value.lower()}, bend {self.dot1x.backend.value.lower()}",
        )  # fmt: skip
        match event:
            case Event.ASK:
                self.username = self.dot1x.identity.decode("utf-8", "replace")
                self._ask(self.dot1x.identity, self.dot1x.asked)
            case Event.SUCCESS:
                pass  # told by whoever the server's answer came to
            case Event.RESTART:
                self.begin()
            case _:
                self._failed(DOT1X, event)

    # --- servers -------------------------------------------------------------------------------------

    def _bypass(self) -> None:
        """Ask whether the address alone is known."""
        assert self.station is not None
        self.username = bytes(self.station).hex()
        self._ask(self.username.encode(), b"")

    def _ask(self, name: bytes, eap: bytes) -> None:
        assert self.station is not None
        client = port_client(self.port.interface, name, self.station, self.identifier)
        self._inquiry.ask(client, eap, self._state, float(self.port.settings.server) if eap else 0.0)

    def _answered(self, answer: RadiusPacket | None, everybody: bool) -> None:
        if answer is None:
            if everybody:
                self._succeeded(None)
            elif self.method == DOT1X:
                self.dot1x.unanswered(self.device.now)
                self._after()
            else:
                self._failed(MAB, Event.SERVER_DEAD)
            return
        try:
            said = EapPacket.parse(answer.eap) if answer.eap else None
        except MalformedPacket:
            said = None
        self._state = answer.get(RadiusAttribute.STATE)
        if answer.code == RadiusCode.ACCESS_ACCEPT:
            self._succeeded(answer, said)
        elif self.method == MAB:
            self._failed(MAB, Event.FAIL)
        elif answer.code == RadiusCode.ACCESS_CHALLENGE and said is not None:
            self.dot1x.challenged(said, self.device.now)
            self._after()
        else:
            self.dot1x.rejected(said, self.device.now)
            self._after()

    # --- what comes of it ----------------------------------------------------------------------------

    def _succeeded(self, answer: RadiusPacket | None, said: EapPacket | None = None) -> None:
        method = self.method
        self.failures = 0
        self.states[method] = "Authc Success"
        name = answer.text(RadiusAttribute.USER_NAME) if answer is not None else ""
        self.username = name or self.username
        if method == DOT1X:
            self.dot1x.accepted(said, self.device.now)
            self.dot1x.events.clear()
        messages.about(self, method.upper(), 5, "SUCCESS", "Authentication successful")
        messages.result(self, "success", method)
        self.terms = terms(self.port.settings, answer)
        wanted = wanted_vlan(self.device, answer)
        vlan = self._vlan(wanted) if wanted else None
        self.domain = self.port.domain_of(answer.avpairs if answer is not None else ())
        if wanted and vlan is None:
            self._refused()
        elif self.port.taken(self):
            self._refused()
            assert self.station is not None
            self.port.violated(self.station)
        else:
            self._authorize(SERVER, vlan)

    def _refused(self) -> None:
        """A server would have it in, the port would not."""
        if self.method == DOT1X:
            self.dot1x.packets.clear()
            self.dot1x.rejected(None, self.device.now)
            self.dot1x.events.clear()
        self._unauthorized(again=self.method != DOT1X)
        self._after()

    def _vlan(self, wanted: str) -> int | None:
        """The VLAN that a server names; None where it is not there, which is told."""
        number = vlan_named(self.device, wanted)
        if number is None:
            messages.log(
                self.port, "DOT1X", 5, "ERR_VLAN_NOT_FOUND",
                f"Attempt to assign non-existent or shutdown VLAN {wanted} to 802.1x port {self.port.name}", self,
            )  # fmt: skip
        return number

    def _authorize(self, authority: str, vlan: int | None) -> None:
        self._cancel()
        self.authority, self.vlan = authority, vlan
        if self.domain == UNKNOWN:
            self.domain = DATA
        self.authorized, self.status = True, Status.AUTHORIZED
        if vlan is not None and self.domain != VOICE:
            messages.log(
                self.port, "AUTHMGR", 5, "VLANASSIGN",
                f"VLAN {vlan} assigned to Interface {self.port.short}", self,
            )  # fmt: skip
        messages.about(self, "AUTHMGR", 5, "SUCCESS", "Authorization succeeded")
        self._flush()
        self.port.update()
        self._account(authority)
        if self.terms.timeout is not None:
            self._limit = self.device.scheduler.after(self.terms.timeout, self._expired)

    def _expired(self) -> None:
        """The time that was granted is over."""
        self._limit = None
        if self.terms.reauthenticates:
            self.reauthenticate()
        else:
            self.cause = SESSION_TIMEOUT
            self.port.ended(self)

    def _account(self, authority: str) -> None:
        """Whom a server let in is accounted for."""
        if authority != SERVER or self.station is None:
            return
        client = port_client(self.port.interface, self.username.encode(), self.station, self.identifier)
        counters = self.port.interface.counters
        then = _traffic(counters)
        self.device.service(Accounting).port_began(client, lambda: _since(then, _traffic(counters)))

    def _account_end(self) -> None:
        lost = not self.port.interface.line_up
        cause = self.cause if self.cause is not None else LOST_CARRIER if lost else ADMIN_RESET
        self.device.service(Accounting).port_ended(self.identifier, cause)

    def _revoke(self) -> None:
        self._account_end()
        self.authorized, self.vlan, self.authority, self.critical = False, None, "", False
        self.status = Status.RUNNING
        self.port.update()

    def _failed(self, method: str, event: Event) -> None:
        """A method did not let the client in: the next one, a VLAN for such clients, or nothing."""
        told = self.port.settings
        self.states[method] = "Authc Failed"
        self.failures += event is Event.FAIL
        if event is not Event.SERVER_DEAD:
            messages.about(self, method.upper(), 5, "FAIL", "Authentication failed")
        messages.result(self, event.value, method)
        if event is Event.SERVER_DEAD and told.dead_authorize:
            self._override(CRITICAL, told.dead_vlan)
            return
        if event is Event.FAIL and method == DOT1X and not told.fail_next:
            if told.fail_vlan is not None and self.failures >= told.fail_attempts:
                self._override(FAILED, told.fail_vlan)
            else:
                self._unauthorized(again=False)  # the quiet period ends by itself
            return
        methods = self.port.methods
        following = methods[methods.index(method) + 1 :] if method in methods else ()
        if following:
            if self.authorized:
                self._revoke()
            self.states[method] = "Failed over"
            messages.about(self, "AUTHMGR", 7, "FAILOVER", f"Failing over from '{method}'")
            self._run(following[0])
            return
        messages.about(self, "AUTHMGR", 7, "NOMOREMETHODS", "Exhausted all authentication methods")
        silent = not self.spoke or self.device.config.of(Dot1xConfig).guest_supplicant
        if told.guest_vlan is not None and event is not Event.SERVER_DEAD and silent:
            self._override(GUEST, told.guest_vlan)
        else:
            self._unauthorized(again=self.dot1x.next_timer() is None)

    def _override(self, authority: str, vlan: int | None) -> None:
        """Let it in though it did not prove itself."""
        self.dot1x.stop()
        self.critical = authority == CRITICAL
        told = authority == FAILED or (self.critical and self.device.config.of(Dot1xConfig).critical_eapol)
        if told and self.spoke:
            # a client that was told of a failure would go on trying (Cisco: a simulated success)
            self.dot1x.packets = [EapPacket(EapCode.SUCCESS, self.dot1x.identifier)]
        if not self.critical:
            messages.about(self, "DOT1X", 5, "RESULT_OVERRIDE", "Authentication result overridden")
        if authority == GUEST:
            self.station = None
        usable = vlan is None or self.device.config.of(VlanConfig).usable(vlan)
        self.terms = replace(self.terms, timeout=None)
        if usable:
            self._authorize(authority, vlan)
        else:
            self._vlan(str(vlan))
            self._unauthorized()

    def _unauthorized(self, *, again: bool = True) -> None:
        """It may not use the port; everything is tried again after a while."""
        if self.authorized:
            self._revoke()
        self.status = Status.FAILED
        messages.about(self, "AUTHMGR", 5, "FAIL", "Authorization failed")
        seconds = self.port.settings.restart
        if again and seconds:
            text = f"auth-mgr-ev({self.port.short}): Restart timer started for {messages.client(self)}: {seconds} s"
            messages.debug(self.port, MANAGER_DEBUG, text)
            self._restart = self.device.scheduler.after(float(seconds), self._again)
        self.port.update()

    def _again(self) -> None:
        self._restart = None
        if not self.port.several:
            self.station, self.spoke = None, False
        self.begin()
