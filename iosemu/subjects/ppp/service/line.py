"""PPP on one line."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Protocol

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_types import short_name
from iosemu.box.system import SystemConfig
from iosemu.ip.config import IpSettings
from iosemu.ip.serial import LinkProtocol, SerialLines
from iosemu.ip.stack import IpStack
from iosemu.net.ppp.automaton import Limits, State
from iosemu.net.ppp.happenings import (
    Bundled,
    Check,
    Entered,
    Happening,
    IpDown,
    IpUp,
    Passed,
    Phase,
    Reported,
)
from iosemu.net.ppp.link import PppLink, PppPolicy
from iosemu.net.ppp.quality import Traffic
from iosemu.net.routing import Route, RouteSource
from iosemu.net.scheduler import Timer
from iosemu.packets.framing import Framing
from iosemu.packets.hdlc import CDP
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.packets.ppp import MRU, PppFrame, PppProtocol
from iosemu.subjects.discovery.config import CdpConfig, CdpPort
from iosemu.subjects.ppp.config import AUTHENTICATION, NEGOTIATION, PppSettings, clear_text
from iosemu.subjects.ppp.service import authenticator, debug

DEBUG = 7


class Bundles(Protocol):
    """The bundles of a box, as links see them."""

    def of(self, line: PppLine) -> PppLine | None:
        """The bundle that a link is configured to join; None: none that is there."""
        ...

    def join(self, line: PppLine, name: str) -> bool:
        """A link is to be one of the bundle to the peer of this name; False: that bundle is to somebody else."""
        ...

    def leave(self, line: PppLine) -> None:
        """A link is over, whether or not it was in a bundle."""
        ...

    def receive(self, line: PppLine, payload: bytes) -> None:
        """A fragment came by a link. Raises MalformedPacket."""
        ...


class PppLine(LinkProtocol):
    """A link over an interface. `home` has the settings and the address, where that is another interface."""

    framing = Framing.PPP
    name = "PPP"

    def __init__(
        self, device: Device, interface: Interface, home: Interface | None = None, *, calls: bool = False
    ) -> None:
        super().__init__(device, interface)
        self.home = home or interface
        self.calls = calls
        """This end called the other one."""
        self.mru = MRU
        self.ended: Callable[[], object] | None = None
        """Called when the link is over; who brought it decides whether there is another one."""
        self.bundles: Bundles | None = None
        """Who has the bundles that the link may join."""
        self.link = self._new_link()
        self.up_since = 0.0
        """Lab time at which the last phase began."""
        self._draining = False
        self._stopping = False
        self._timer: Timer | None = None
        self._asked = self._settled()
        self._route: Route | None = None

    def _new_link(self) -> PppLink:
        return PppLink(self._policy(), self.device.rng.randbytes)

    # --- what is configured --------------------------------------------------------------------------

    @property
    def settings(self) -> PppSettings:
        """What is typed."""
        return self.home.config.of(PppSettings)

    def _policy(self) -> PppPolicy:
        settings, ip = self.settings, self.home.config.of(IpSettings)
        pap = clear_text(settings.pap_password)
        address = ip.address.ip if ip.address is not None and not ip.negotiated else None
        willing = ("chap",) * (not settings.chap_refuse)
        if pap is not None and not settings.pap_refuse:
            willing += ("pap",)
        return PppPolicy(
            name=settings.chap_hostname or self.device.hostname,
            wanted=() if settings.callin and self.calls else settings.authentication,
            willing=willing,
            secret_for=self._secret,
            pap=(settings.pap_name, pap) if pap is not None else None,
            mru=self.mru,
            ip=ip.negotiated or address is not None,
            address=address,
            offer=settings.peer_address,
            cdp=self.home.is_physical
            and self.device.config.of(CdpConfig).enabled
            and self.home.config.of(CdpPort).enabled,
            endpoint=self._endpoint(),
            keepalive=self.home.config.keepalive,
            quality=settings.quality if self.interface.is_physical else 0,
            counted=self._counted,
            limits=Limits(**self.settings.limits),
        )

    def _counted(self) -> Traffic:
        counters = self.interface.counters
        return Traffic(
            counters.out_packets,
            counters.out_octets,
            counters.in_packets,
            counters.in_octets,
            counters.in_drops,
            counters.in_errors,
        )

    def _endpoint(self) -> bytes:
        """The discriminator of a link that is to join a bundle: the name of the box, or another (class 1)."""
        bundle = self.bundles.of(self) if self.bundles is not None else None
        if bundle is None:
            return b""
        name = bundle.settings.endpoint or self.device.hostname
        return b"\x01" + name.encode("latin-1", "replace")[:20]

    def _settled(self) -> tuple[object, ...]:
        """What cannot change without a new negotiation."""
        policy = self._policy()
        settings = self.settings
        return (
            policy.wanted, policy.willing, policy.ip, policy.address, policy.offer, policy.cdp, policy.keepalive,
            policy.mru, policy.endpoint, policy.quality, settings.group,
            settings.chap_hostname, settings.chap_password, settings.pap_name, settings.pap_password,
        )  # fmt: skip

    def _secret(self, name: str) -> str | None:
        """What is shared with a peer of that name; `ppp chap password` is for those that are not known."""
        user = self.device.config.of(SystemConfig).users.get(name)
        known = clear_text(user.password) if user is not None else None
        return known if known is not None else clear_text(self.settings.chap_password)

    # --- the line ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to negotiate."""
        self.interface.protocol_delay = 1.0
        self.hold(True)
        self._asked = self._settled()
        self.link = self._new_link()
        self.link.start(self.device.now)
        self._drain()

    def stop(self) -> None:
        """The line is gone."""
        self._stopping = True
        self.link.stop(self.device.now)
        self._drain()
        self._stopping = False
        self.hold(True)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def configured(self) -> None:
        """Negotiate anew where something else is wanted."""
        wanted = self._settled()
        if wanted != self._asked:
            self._asked = wanted
            self.link.policy = self._policy()
            self.link.restart(self.device.now)
            self._drain()

    def receive(self, frame: bytes) -> None:
        """A frame of the line."""
        self.take(PppFrame.parse(frame))

    def take(self, frame: PppFrame) -> None:
        """Take a frame, whatever brought it. Raises MalformedPacket."""
        try:
            if self.link.receive(frame, self.device.now):
                return
        finally:
            self._drain()
        if frame.protocol == PppProtocol.IPV4:
            if self.link.ipcp.opened and self.home.protocol_up:
                self.device.service(IpStack).tunnelled(IPv4Packet.parse(frame.payload), self.home)
        elif frame.protocol == PppProtocol.MULTILINK and self.bundles is not None:
            self.bundles.receive(self, frame.payload)
        elif frame.protocol == PppProtocol.CDP and self.link.cdpcp.opened:
            self.device.service(SerialLines).take_control(self.home, CDP, frame.payload)
        else:
            self.interface.counters.in_unknown_protocol += 1

    def send(self, packet: IPv4Packet, out: Interface, next_hop: IPv4Address) -> bool:
        """Frame a packet; none passes before IPCP is open."""
        if not self.link.ipcp.opened:
            return False
        return self.interface.send(PppFrame(PppProtocol.IPV4, packet.to_bytes()).to_bytes())

    def send_control(self, ethertype: int, payload: bytes) -> bool:
        """CDP passes when its protocol is open."""
        if ethertype != CDP or not self.link.cdpcp.opened:
            return False
        return self.interface.send(PppFrame(PppProtocol.CDP, payload).to_bytes())

    def header(self) -> bytes:
        """Address, control and protocol."""
        return PppFrame(PppProtocol.IPV4, b"").to_bytes()

    @property
    def multilink(self) -> bool:
        """Whether the link is one of several, or what several are."""
        return self.link.lcp.multilink

    def describe(self) -> list[str]:
        """The state of LCP, and below it those of the others."""
        lcp = self.link.lcp
        head = f"PPP, LCP {debug.STATES[lcp.state]}"
        if self.multilink and lcp.opened:
            head += ", multilink Open"
        if not lcp.opened:
            return [f"{head}, {self.loopback}"]
        by_state: dict[str, list[str]] = {}
        for protocol in (self.link.ipcp, self.link.cdpcp):
            if protocol.state is not State.INITIAL:
                by_state.setdefault(debug.STATES[protocol.state], []).append(debug.name_of(protocol.protocol))
        rows = [f"{word}: {', '.join(names)}" for word, names in sorted(by_state.items())]
        if not rows:
            return [f"{head}, {self.loopback}"]
        return [head, *rows[:-1], f"{rows[-1]}, {self.loopback}"]

    # --- what the link does --------------------------------------------------------------------------

    def _drain(self) -> None:
        """Do what the link says, and wake it again when it is due."""
        if self._draining:
            return
        self._draining = True
        try:
            while happened := self.link.take():
                for each in happened:
                    self._happened(each)
        finally:
            self._draining = False
        if self._timer is not None:
            self._timer.cancel()
        due = self.link.next_timer()
        self._timer = self.device.scheduler.at(due, self._tick) if due is not None else None

    def _tick(self) -> None:
        self._timer = None
        self.link.policy = self._policy()
        self.link.tick(self.device.now)
        self._drain()

    def _happened(self, happening: Happening) -> None:
        debugging = self.device.debugging
        if debugging.any and (
            debugging.wants(NEGOTIATION)
            or (debugging.wants(AUTHENTICATION) and debug.is_authentication(happening))
        ):
            for text in debug.lines(happening):
                self.device.log("", DEBUG, "", f"{short_name(self.interface.name)} {text}")
        match happening:
            case Passed(protocol, packet, True):
                self.interface.send(PppFrame(protocol, packet.to_bytes()).to_bytes())
            case Reported(report, True):  # before what waits, so that it counts what is on the line
                self.interface.emit(PppFrame(PppProtocol.LQR, report.to_bytes()).to_bytes())
            case Entered(phase):
                if phase is Phase.UP:
                    self.up_since = self.device.now
                if phase is Phase.DOWN and self.ended is not None and not self._stopping:
                    self.ended()
                if phase is not Phase.UP and self.bundles is not None:
                    self.bundles.leave(self)
                self.hold(phase is not Phase.UP, "looped" if self.link.lcp.looped else "")
            case Bundled(name) if self.bundles is not None and not self.bundles.join(self, name):
                self.link.refuse(self.device.now)
            case Check():
                how = authenticator.methods(self.device, self.settings.list_name)
                authenticator.decide(
                    self.device, happening, how, lambda passed: self._verdict(happening, passed)
                )
            case IpUp(own, peer):
                self._ip_up(own, peer)
            case IpDown():
                self._ip_down()
            case _:
                pass

    def _verdict(self, check: Check, passed: bool) -> None:
        self.link.verdict(check, passed)
        if not self._draining:  # a server answered
            self._drain()

    # --- addresses -----------------------------------------------------------------------------------

    def _ip_up(self, own: IPv4Address | None, peer: IPv4Address | None) -> None:
        stack, settings = self.device.service(IpStack), self.home.config.of(IpSettings)
        if settings.negotiated and own is not None:
            settings.address = IPv4Interface((own, 32))
            stack.interface_configured(self.home)
        if peer is not None and self.settings.neighbor_route:
            name = self.home.name
            self._route = Route(IPv4Network(peer), RouteSource.CONNECTED, name, updated=self.device.now)
            stack.vrf_of(name).routes.add(self._route)

    def _ip_down(self) -> None:
        stack, settings = self.device.service(IpStack), self.home.config.of(IpSettings)
        if self._route is not None:
            stack.vrf_of(self.home.name).routes.withdraw(self._route)
            self._route = None
        if settings.negotiated and settings.address is not None:
            settings.address = None
            stack.interface_configured(self.home)
