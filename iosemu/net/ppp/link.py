"""A PPP link: its phases, who proves itself to whom, and what runs over it (RFC 1661 section 3)."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.net.ppp.automaton import Event, Limits, State
from iosemu.net.ppp.control import ControlProtocol
from iosemu.net.ppp.happenings import (
    Bundled,
    Check,
    Entered,
    Happening,
    IpDown,
    IpUp,
    Noted,
    Passed,
    Phase,
    Reported,
)
from iosemu.net.ppp.lcp import Lcp
from iosemu.net.ppp.ncp import Cdpcp, Ipcp
from iosemu.net.ppp.quality import LinkQuality, Traffic
from iosemu.packets.lqr import LinkQualityReport
from iosemu.packets.ppp import (
    MRU,
    AuthCode,
    ChapValue,
    Code,
    ControlPacket,
    PapRequest,
    PppFrame,
    PppProtocol,
    chap_value,
    pap_message,
)

AGAIN = 2.0
"""Seconds until a link that was closed by an end is tried again."""
PATIENCE = 20.0
"""Seconds until a link on which nobody answered is tried again; it listens meanwhile."""
MISSED = 5
"""Echoes without an answer that take a link down."""
FIRST_ECHO = 1.0
"""Seconds from the beginning of the last phase to the first echo."""


@dataclass
class PppPolicy:
    """What an end of a link wants."""

    name: str = ""
    """Its name in challenges and responses."""
    wanted: tuple[str, ...] = ()
    """How the other end is to prove itself: `chap`, `pap`, best first."""
    willing: tuple[str, ...] = ("chap",)
    secret_for: Callable[[str], str | None] = lambda _name: None
    """The secret that is shared with the other end of this name."""
    pap: tuple[str, str] | None = None
    """Name and password for PAP."""
    mru: int = MRU
    ip: bool = True
    """IPCP is spoken."""
    address: IPv4Address | None = None
    """Own address; None: to be told one."""
    offer: IPv4Address | None = None
    """What an other end without an address is told."""
    cdp: bool = True
    endpoint: bytes = b""
    """Class and address of its endpoint discriminator; empty: no multilink."""
    keepalive: float | None = 10.0
    """Seconds between echoes."""
    quality: int = 0
    """Per cent of packets and octets that have to arrive, in both directions; 0: nobody measures."""
    counted: Callable[[], Traffic] = Traffic
    """What the interface has counted."""
    limits: Limits = field(default_factory=Limits)


def chap_response(identifier: int, secret: str, challenge: bytes) -> bytes:
    """RFC 1994 section 4.1."""
    return chap_value(identifier, secret.encode("latin-1", "replace"), challenge)


def proves(check: Check, secret: str) -> bool:
    """Whether a response to a challenge was made with this secret."""
    expected = chap_response(check.identifier, secret, check.challenge)
    return hmac.compare_digest(expected, check.response)


@dataclass
class _Proof:
    """One direction of authentication that is not through yet."""

    method: str
    until: float
    """Lab time at which it is too late."""
    done: bool = False
    deadline: float | None = None
    """When the last packet is to be sent again."""
    identifier: int = 0
    challenge: bytes = b""


def endpoint_text(endpoint: bytes) -> str:
    """A discriminator as shows have it: a name (class 1), an address (2) or octets."""
    kind, address = endpoint[:1], endpoint[1:]
    if kind == b"\x01":
        return "".join(each if each.isprintable() else "." for each in address.decode("latin-1"))
    return str(IPv4Address(address)) if kind == b"\x02" and len(address) == 4 else address.hex()


class PppLink:
    """An end of a link. Every call leaves what it did in `take()`."""

    def __init__(self, policy: PppPolicy, randbytes: Callable[[int], bytes]) -> None:
        self.policy = policy
        self.phase = Phase.DOWN
        self.peer_name = ""
        """As it proved to be; empty: nobody asked."""
        self._randbytes = randbytes
        self._happened: list[Happening] = []
        self.lcp = Lcp(self._happened, randbytes)
        self.ipcp = Ipcp(self._happened)
        self.cdpcp = Cdpcp(self._happened)
        self.quality = LinkQuality()
        self._protocols: dict[int, ControlProtocol] = {
            each.protocol: each for each in (self.lcp, self.ipcp, self.cdpcp)
        }
        self.lcp.up, self.lcp.down, self.lcp.finished = self._lcp_up, self._lcp_down, self._lcp_finished
        self.lcp.further = self._lcp_extra
        self.ipcp.up, self.ipcp.down = self._ipcp_up, lambda: self._happened.append(IpDown())
        self._theirs: _Proof | None = None
        """The other end proves itself."""
        self._ours: _Proof | None = None
        self._check: Check | None = None
        self._identifier = 0
        self._again: float | None = None
        self._echo: float | None = None
        self._unanswered = 0
        self._echo_identifier = 0
        self._closed_by_us = False
        self._answered = False
        """Something came since the link was tried."""
        self._now = 0.0

    # --- what the owner does -------------------------------------------------------------------------

    def take(self) -> list[Happening]:
        """What happened since the last call, in order."""
        taken = list(self._happened)
        self._happened.clear()
        return taken

    def start(self, now: float) -> None:
        """The line is there."""
        self._now = now
        self._apply()
        self._enter(Phase.ESTABLISHING)
        self._answered = False
        self.lcp.event(Event.OPEN, now)
        self.lcp.event(Event.UP, now)

    def stop(self, now: float) -> None:
        """The line is gone."""
        self._now = now
        for each in (self.ipcp, self.cdpcp, self.lcp):
            each.event(Event.DOWN, now)
            each.event(Event.CLOSE, now)
        self._again = None
        self._enter(Phase.DOWN)

    def restart(self, now: float) -> None:
        """What this end wants changed: negotiate anew."""
        self.stop(now)
        self.start(now)

    def refuse(self, now: float) -> None:
        """The owner does not want it after all."""
        self._now = now
        self._close()

    def next_timer(self) -> float | None:
        """Lab time at which `tick` has something to do."""
        proofs = [each.deadline for each in (self._theirs, self._ours) if each is not None]
        timers = [each.deadline for each in self._protocols.values()]
        due = [each for each in (*proofs, *timers, self._again, self._echo) if each is not None]
        return min(due, default=None)

    def tick(self, now: float) -> None:
        """Do what is due."""
        self._now = now
        if self._again is not None and now >= self._again:
            self._again = None
            self.restart(now)
        for each in self._protocols.values():
            each.tick(now)
        for proof, repeat in ((self._theirs, self._challenge), (self._ours, self._send_pap)):
            if proof is not None and proof.deadline is not None and now >= proof.deadline:
                if now >= proof.until:
                    self._close()
                else:
                    repeat(proof)
        if self._echo is not None and now >= self._echo:
            self._send_echo()

    def receive(self, frame: PppFrame, now: float) -> bool:
        """A frame of a control protocol came; False: it is none. Raises MalformedPacket."""
        self._now = now
        self._answered = True
        known = self._protocols.get(frame.protocol)
        if frame.protocol in (PppProtocol.CHAP, PppProtocol.PAP):
            self._authentication(frame.protocol, ControlPacket.parse(frame.payload))
        elif known is self.lcp or (
            known is not None and self.phase is Phase.UP and known.state != State.INITIAL
        ):
            packet = ControlPacket.parse(frame.payload)
            if known is self.lcp and packet.code == Code.PROTREJ:
                self._protocol_rejected(packet)
            else:
                known.receive(packet, now)
        elif frame.protocol == PppProtocol.LQR:
            self._report_came(LinkQualityReport.parse(frame.payload))
        elif frame.protocol >= 0x8000:
            if self.phase is Phase.UP:
                data = frame.protocol.to_bytes(2) + frame.payload
                self.lcp.send(Code.PROTREJ, data[: self.lcp.peer_mru])
        else:
            return False
        return True

    def verdict(self, check: Check, passed: bool) -> None:
        """The answer to a `Check`; one that is not waited for any more counts no more."""
        if check is not self._check or self._theirs is None or self.phase is not Phase.AUTHENTICATING:
            return
        self._check = None
        protocol, good, bad, data = (
            (PppProtocol.CHAP, AuthCode.SUCCESS, AuthCode.FAILURE, b"Authentication failed")
            if check.method == "chap"
            else (PppProtocol.PAP, AuthCode.AUTH_ACK, AuthCode.AUTH_NAK, b"\x16Authentication failure")
        )
        if passed:
            self._put(protocol, good, check.identifier, b"" if check.method == "chap" else b"\0")
            self._theirs.done = True
            self._theirs.deadline = None
            self.peer_name = check.name
            self._proved()
        else:
            self._put(protocol, bad, check.identifier, data)
            self._close()

    # --- phases --------------------------------------------------------------------------------------

    def _apply(self) -> None:
        policy = self.policy
        self.lcp.wanted, self.lcp.willing, self.lcp.mru = policy.wanted, policy.willing, policy.mru
        self.lcp.endpoint = policy.endpoint
        self.lcp.quality = policy.keepalive if policy.quality else None
        for each in self._protocols.values():
            each.limits = policy.limits
        self.ipcp.address, self.ipcp.offer = policy.address, policy.offer

    def _enter(self, phase: Phase, by: str = "") -> None:
        if phase is self.phase and not by:
            return
        self.phase = phase
        self._happened.append(Entered(phase, by))

    def _lcp_up(self) -> None:
        self._closed_by_us = False
        lcp = self.lcp
        if lcp.refused:
            self._happened.append(Noted("LCP: Peer refused to authenticate", authentication=True))
            self._close()
            return
        until = self._now + self.policy.limits.authentication
        self._theirs = _Proof(lcp.asking, until) if lcp.asking else None
        self._ours = _Proof(lcp.demanded, until) if lcp.demanded else None
        self.peer_name = ""
        if self._theirs is None and self._ours is None:
            self._network()
            return
        by = "by both" if self._theirs and self._ours else "by this end" if self._theirs else "by the peer"
        self._enter(Phase.AUTHENTICATING, by)
        if self._theirs is not None:
            self._theirs.deadline = until
            self._challenge(self._theirs)
        if self._ours is not None and self._ours.method == "pap":
            self._send_pap(self._ours)

    def _lcp_down(self) -> None:
        for each in (self.ipcp, self.cdpcp):
            each.event(Event.DOWN, self._now)
            each.event(Event.CLOSE, self._now)
        self._theirs = self._ours = self._check = None
        self._echo = None
        self._enter(Phase.TERMINATING if self.lcp.state != State.STARTING else Phase.DOWN)

    def _lcp_finished(self) -> None:
        self._enter(Phase.DOWN)
        self._again = self._now + (AGAIN if self._answered else PATIENCE)

    def _close(self) -> None:
        """End the link; it is tried again later."""
        self._closed_by_us = True
        self._enter(Phase.TERMINATING)
        self.lcp.event(Event.CLOSE, self._now)

    def _proved(self) -> None:
        """One of the proofs is through."""
        if all(each is None or each.done for each in (self._theirs, self._ours)):
            self._network()

    def _network(self) -> None:
        self._enter(Phase.UP)
        self._unanswered = 0
        self.quality = LinkQuality()
        self._echo = self._now + FIRST_ECHO if self.policy.keepalive else None
        if self.lcp.multilink:
            self._happened.append(Bundled(self.peer_name or endpoint_text(self.lcp.peer_endpoint)))
            return
        self._run_networks()

    def _run_networks(self) -> None:
        for protocol, wanted in ((self.ipcp, self.policy.ip), (self.cdpcp, self.policy.cdp)):
            if wanted:
                protocol.event(Event.OPEN, self._now)
                protocol.event(Event.UP, self._now)

    def _ipcp_up(self) -> None:
        self._happened.append(IpUp(self.ipcp.own, self.ipcp.peer))

    def _protocol_rejected(self, packet: ControlPacket) -> None:
        self._happened.append(Passed(PppProtocol.LCP, packet, False, self.lcp.state))
        rejected = self._protocols.get(int.from_bytes(packet.data[:2]))
        if rejected is not None and rejected is not self.lcp:
            rejected.event(Event.REJECT_FATAL, self._now)

    # --- echoes --------------------------------------------------------------------------------------

    def _send_echo(self) -> None:
        keepalive = self.policy.keepalive
        if not self.lcp.opened or not keepalive:
            self._echo = None
            return
        if self._unanswered > MISSED:
            self._happened.append(Noted("PPP: Missed too many keepalives"))
            self.lcp.event(Event.DOWN, self._now)
            self._enter(Phase.ESTABLISHING)
            self.lcp.event(Event.UP, self._now)
            return
        self._unanswered += 1
        self._echo = self._now + keepalive
        if self.lcp.measured:
            self._report()
            return
        self._echo_identifier = self._echo_identifier % 255 + 1
        self.lcp.send(Code.ECHOREQ, self.lcp.magic + self.lcp.peer_magic, self._echo_identifier)

    def _report(self) -> None:
        """Send a link quality report."""
        self._happened.append(Reported(self.quality.report(self.lcp.magic, self.policy.counted()), True))

    def _report_came(self, report: LinkQualityReport) -> None:
        """A report stands for an echo; an end that measures nothing by itself answers it (RFC 1989 section 2.6)."""
        if not self.lcp.opened or report.magic == self.lcp.magic:
            return
        self._happened.append(Reported(report, False))
        self.quality.take(report, self.policy.counted())
        if not self.lcp.measured:
            self._report()
            return
        self._unanswered = 0
        found = min(self.quality.inward, self.quality.outward)
        if self.quality.settled and found < self.policy.quality:
            self._happened.append(Noted(f"PPP: Link quality {found}% is below {self.policy.quality}%"))
            self._close()

    def _lcp_extra(self, packet: ControlPacket, _now: float) -> bool:
        if packet.code == Code.ECHOREQ:
            if self.lcp.opened:
                self.lcp.send(Code.ECHOREP, self.lcp.magic + packet.data[4:], packet.identifier)
        elif packet.code == Code.ECHOREP:
            if packet.identifier == self._echo_identifier and packet.data[:4] != self.lcp.magic:
                self._unanswered = 0
        elif packet.code != Code.DISCREQ:
            return False
        return True

    # --- authentication ------------------------------------------------------------------------------

    def _put(self, protocol: int, code: int, identifier: int, data: bytes = b"") -> None:
        self._happened.append(Passed(protocol, ControlPacket(code, identifier, data), True))

    def _challenge(self, proof: _Proof) -> None:
        """CHAP: ask, or ask again. With PAP the other end begins; it has as long as a challenge would."""
        if proof.method != "chap":
            return
        self._identifier = self._identifier % 255 + 1
        proof.identifier, proof.challenge = self._identifier, self._randbytes(16)
        proof.deadline = min(self._now + self.policy.limits.retry, proof.until)
        value = ChapValue(proof.challenge, self.policy.name)
        self._put(PppProtocol.CHAP, AuthCode.CHALLENGE, proof.identifier, value.to_bytes())

    def _send_pap(self, proof: _Proof) -> None:
        if self.policy.pap is None:
            self._happened.append(Noted("PAP: Unable to authenticate for peer", authentication=True))
            self._close()
            return
        proof.identifier += 1
        proof.deadline = min(self._now + self.policy.limits.retry, proof.until)
        request = PapRequest(*self.policy.pap)
        self._put(PppProtocol.PAP, AuthCode.AUTH_REQ, proof.identifier, request.to_bytes())

    def _authentication(self, protocol: int, packet: ControlPacket) -> None:
        self._happened.append(Passed(protocol, packet, False))
        if not self.lcp.opened:
            return
        if protocol == PppProtocol.CHAP:
            self._chap(packet)
        else:
            self._pap(packet)

    def _chap(self, packet: ControlPacket) -> None:
        theirs, ours = self._theirs, self._ours
        if packet.code == AuthCode.CHALLENGE and ours is not None and ours.method == "chap":
            challenge = ChapValue.parse(packet.data)
            secret = self.policy.secret_for(challenge.name)
            if secret is None:
                self._happened.append(
                    Noted(f"CHAP: Username {challenge.name} not found", authentication=True)
                )
                self._happened.append(Noted("CHAP: Unable to authenticate for peer", authentication=True))
                self._close()
                return
            response = chap_response(packet.identifier, secret, challenge.value)
            value = ChapValue(response, self.policy.name)
            self._put(PppProtocol.CHAP, AuthCode.RESPONSE, packet.identifier, value.to_bytes())
        elif packet.code == AuthCode.RESPONSE and theirs is not None and not theirs.done:
            if theirs.method == "chap" and packet.identifier == theirs.identifier and self._check is None:
                answer = ChapValue.parse(packet.data)
                theirs.deadline = None
                self._check = Check("chap", answer.name, packet.identifier, theirs.challenge, answer.value)
                self._happened.append(self._check)
        elif packet.code == AuthCode.SUCCESS and ours is not None and not ours.done:
            ours.done = True
            self._proved()
        elif packet.code == AuthCode.FAILURE and ours is not None and not ours.done:
            self._close()

    def _pap(self, packet: ControlPacket) -> None:
        theirs, ours = self._theirs, self._ours
        if packet.code == AuthCode.AUTH_REQ and theirs is not None and theirs.method == "pap":
            request = PapRequest.parse(packet.data)
            if theirs.done:  # the answer was lost
                self._put(PppProtocol.PAP, AuthCode.AUTH_ACK, packet.identifier, b"\0")
            elif self._check is None:
                theirs.deadline = None
                self._check = Check("pap", request.name, packet.identifier, password=request.password)
                self._happened.append(self._check)
        elif packet.code == AuthCode.AUTH_ACK and ours is not None and not ours.done:
            ours.done = True
            ours.deadline = None
            self._proved()
        elif packet.code == AuthCode.AUTH_NAK and ours is not None and not ours.done:
            ours.deadline = None
            pap_message(packet.data)
            self._close()


class BundleLink(PppLink):
    """What runs over several links at once: their LCP is theirs, the network protocols are the bundle's."""

    def start(self, now: float) -> None:
        """The first link joined."""
        self._now = now
        self._apply()
        self.lcp.state = State.OPENED
        self._enter(Phase.UP)
        self._run_networks()

    def stop(self, now: float) -> None:
        """The last link left."""
        self._now = now
        for each in (self.ipcp, self.cdpcp):
            each.event(Event.DOWN, now)
            each.event(Event.CLOSE, now)
        self.lcp.state = State.INITIAL
        self._enter(Phase.DOWN)
