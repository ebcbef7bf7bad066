"""One port under access control: its sessions, and whom it lets through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_types import short_name
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.switchport import SwitchportMode
from iosemu.packets.addresses import ZERO, MacAddress
from iosemu.packets.eap import EapCode, EapPacket, EapType
from iosemu.packets.eapol import PAE_GROUP, EapolPacket, EapolType
from iosemu.packets.errors import MalformedPacket
from iosemu.subjects.dot1x.config import (
    AUTO,
    DOT1X,
    ERRORS_DEBUG,
    FORCE_AUTHORIZED,
    FORCE_UNAUTHORIZED,
    MULTI_AUTH,
    MULTI_DOMAIN,
    MULTI_HOST,
    SINGLE,
    Dot1xConfig,
    Dot1xPort,
    Dot1xStyle,
)
from iosemu.subjects.dot1x.service import messages
from iosemu.subjects.dot1x.service.session import DATA, VOICE, Session, Status
from iosemu.subjects.errdisable.service import Errdisable

CAUSE = "security-violation"
MOST_SESSIONS = 32
"""Clients of a port at most."""


@dataclass(slots=True)
class EapolCounters:
    """What `show dot1x statistics` counts."""

    rx_start: int = 0
    rx_logoff: int = 0
    rx_response: int = 0
    rx_identity: int = 0
    rx_invalid: int = 0
    rx_length: int = 0
    rx_total: int = 0
    tx_request: int = 0
    tx_identity: int = 0
    tx_total: int = 0
    rx_version: int = 0
    rx_source: MacAddress = ZERO


class AuthPort:
    """Guards a port while it is `controlled`."""

    def __init__(self, device: Device, interface: Interface, number: Callable[[], int]) -> None:
        self.device = device
        self.interface = interface
        self.name = interface.name
        self.counters = EapolCounters()
        self.sessions: list[Session] = []
        self._number = number
        self._up = False
        self._as_configured: tuple[object, ...] = ()

    # --- what it is ----------------------------------------------------------------------------------

    @property
    def settings(self) -> Dot1xPort:
        """As it is configured."""
        return self.interface.config.of(Dot1xPort)

    @property
    def control(self) -> str:
        """What is in force: 802.1X must be enabled for the whole box, and the port be an access port."""
        settings, bridge = self.settings, self.device.service(Bridge)
        if settings.control == FORCE_AUTHORIZED or not bridge.is_switchport(self.name):
            return FORCE_AUTHORIZED
        if not self.device.config.of(Dot1xConfig).enabled and not settings.mab:
            return FORCE_AUTHORIZED
        if bridge.switchport_mode(self.name) is not SwitchportMode.ACCESS or bridge.bundles.is_withheld(
            self.name
        ):
            return FORCE_AUTHORIZED
        return settings.control

    @property
    def controlled(self) -> bool:
        """Whether it may refuse somebody."""
        return self.control != FORCE_AUTHORIZED

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that can be tried now."""
        enabled = self.device.config.of(Dot1xConfig).enabled
        return tuple(each for each in self.settings.methods if each != DOT1X or enabled)

    @property
    def authorized(self) -> bool:
        """Whether somebody may use it."""
        if not self.controlled:
            return True
        return self.control == AUTO and any(session.authorized for session in self.sessions)

    @property
    def several(self) -> bool:
        """Whether each client has a session of its own."""
        return self.settings.host_mode in (MULTI_AUTH, MULTI_DOMAIN)

    # --- what happens --------------------------------------------------------------------------------

    def configured(self) -> None:
        """Something was typed: what decides about the port may be other than before."""
        settings = self.settings
        facts = (self.control, settings.host_mode, settings.open, settings.inbound, self.methods)
        if facts == self._as_configured:
            return
        self._as_configured = facts
        self._up = False
        self.initialize()

    def link_changed(self) -> None:
        """A cable was plugged in or out, or the port was shut down."""
        if self._up != self.interface.line_up:
            self.initialize()

    def initialize(self) -> None:
        """Begin from nothing: nobody has proved anything."""
        self.stop()
        self._up = self.interface.line_up
        if self._up and self.control == AUTO:
            self._session(None).begin()
        self.update()

    def stop(self) -> None:
        """No session goes on."""
        for session in self.sessions:
            session.end()
        self.sessions = []

    def update(self) -> None:
        """Sessions changed: open or close the port, and put it into its VLAN."""
        settings = self.settings
        vlan = next(
            (
                each.vlan
                for each in self.sessions
                if each.authorized and each.vlan is not None and each.domain != VOICE
            ),
            None,
        )
        held = not self.authorized and not (settings.open and self.control == AUTO) and not settings.inbound
        self.device.service(Bridge).authorize(self.name, allowed=not held, vlan=vlan)

    def _session(self, station: MacAddress | None) -> Session:
        session = Session(self, station, self._number())
        self.sessions.append(session)
        return session

    def session_of(self, station: MacAddress) -> Session | None:
        """The session of a station."""
        return next((each for each in self.sessions if each.station == station), None)

    def clear(self, station: MacAddress | None = None) -> None:
        """End sessions: of a station, or all; what is there begins anew."""
        if station is None or not self.several:
            if station is None or self.session_of(station) is not None:
                self.initialize()
            return
        found = self.session_of(station)
        if found is not None:
            self.ended(found)

    def ended(self, session: Session) -> None:
        """A client is gone: without any other, the port waits for somebody."""
        session.end()
        if session in self.sessions:
            self.sessions.remove(session)
        if not self.sessions:
            self.initialize()
        else:
            self.update()

    def server_alive(self) -> None:
        """A server answers again: who was let in without one proves itself now."""
        if self.settings.alive_reinitialize and any(each.critical for each in self.sessions):
            self.initialize()

    # --- frames --------------------------------------------------------------------------------------

    def refuse(self, station: MacAddress, vlan: int) -> str:
        """Why a frame of a station goes no further; empty: it does."""
        settings = self.settings
        if self.control == FORCE_UNAUTHORIZED:
            return "the port is unauthorized by configuration"
        admitted = self._admitted(station, vlan)
        if admitted:
            return ""
        self._noticed(station)
        if settings.open or self._admitted(station, vlan):
            return ""
        return f"{station.dotted} has not been authenticated"

    def _admitted(self, station: MacAddress, vlan: int) -> bool:
        voice = self.device.service(Bridge).switchport(self.name).voice_vlan
        for session in self.sessions:
            if not session.authorized:
                continue
            if session.station is None or self.settings.host_mode == MULTI_HOST:
                return True
            if session.station == station:
                return session.domain == VOICE or vlan != voice or self.settings.host_mode != MULTI_DOMAIN
        return False

    def _noticed(self, station: MacAddress) -> None:
        """A station that nobody knows speaks."""
        known = self.session_of(station)
        if known is not None:
            return
        waiting = next((each for each in self.sessions if each.station is None), None)
        if waiting is not None:
            if waiting.wants_station:
                waiting.seen(station)
        elif self.settings.host_mode == SINGLE:
            if any(each.authorized for each in self.sessions):
                self.violated(station)
        elif self.several:
            self._another(station)

    def _another(self, station: MacAddress) -> Session | None:
        """A further client of a port that takes several."""
        limit = 2 if self.settings.host_mode == MULTI_DOMAIN else MOST_SESSIONS
        if len(self.sessions) >= limit:
            if self.settings.host_mode == MULTI_DOMAIN:
                self.violated(station)
            return None
        session = self._session(station)
        session.begin()
        return session

    def taken(self, session: Session) -> bool:
        """Whether the one place of its domain is somebody else's (`multi-domain`)."""
        return self.settings.host_mode == MULTI_DOMAIN and any(
            each is not session and each.authorized and each.domain == session.domain
            for each in self.sessions
        )

    def violated(self, station: MacAddress) -> None:
        """A station too many: `authentication violation` says what comes of it."""
        action = self.settings.violation
        if action == "protect":
            return
        if action == "replace":
            self.stop()
            self._session(station).begin()
            self.update()
            return
        messages.log(
            self, "AUTHMGR", 5, "SECURITY_VIOLATION",
            f"Security violation on the interface {self.name}, new MAC address ({station.dotted}) is seen.",
        )  # fmt: skip
        if action == "shutdown":
            self.device.service(Errdisable).disable(self.name, CAUSE)

    def malformed(self) -> None:
        """EAPOL that cannot be read."""
        self.counters.rx_total += 1
        self.counters.rx_length += 1
        messages.debug(self, ERRORS_DEBUG, f"dot1x-err({self.short}): Invalid EAPOL packet length")

    def heard(self, packet: EapolPacket, source: MacAddress) -> None:
        """EAPOL came in."""
        counters = self.counters
        counters.rx_total += 1
        counters.rx_version, counters.rx_source = packet.version, source
        said: EapPacket | None = None
        if packet.type == EapolType.START:
            counters.rx_start += 1
        elif packet.type == EapolType.LOGOFF:
            counters.rx_logoff += 1
        elif packet.type == EapolType.EAP:
            try:
                said = EapPacket.parse(packet.body)
            except MalformedPacket:
                counters.rx_length += 1
                return
            if said.code != EapCode.RESPONSE:
                counters.rx_invalid += 1
                return
            counters.rx_identity += said.type == EapType.IDENTITY
            counters.rx_response += said.type != EapType.IDENTITY
        else:
            counters.rx_invalid += 1
            return
        messages.packet(self, packet, source, said)
        if self.control == AUTO and DOT1X in self.methods:
            session = self._speaker(source)
            if session is not None:
                session.heard(packet.type, said, source)

    def _speaker(self, source: MacAddress) -> Session | None:
        """Whose session EAPOL from a station belongs to."""
        found = self.session_of(source) or next(
            (each for each in self.sessions if each.station is None), None
        )
        if found is not None:
            return found
        if self.several:
            return self._another(source)
        if not any(each.authorized for each in self.sessions) and self.sessions:
            return self.sessions[0]  # another one tries its luck at the port
        if self.settings.host_mode == SINGLE:
            self.violated(source)
        return None

    def send(self, packet: EapPacket, station: MacAddress | None) -> None:
        """Send EAP: to the group of the port, or to one of several stations."""
        counters = self.counters
        counters.tx_total += 1
        if packet.code == EapCode.REQUEST:
            counters.tx_identity += packet.type == EapType.IDENTITY
            counters.tx_request += packet.type != EapType.IDENTITY
        version = self.device.image.style(Dot1xStyle).version
        eapol = EapolPacket(EapolType.EAP, packet.to_bytes(), version)
        to = station if station is not None and self.several else PAE_GROUP
        messages.sent(self, eapol, packet, to)
        self.device.send_control(self.interface, eapol.to_frame(self.interface.mac, to).to_bytes())

    def domain_of(self, pairs: tuple[str, ...]) -> str:
        """Whether a client is a phone: its server says so (`device-traffic-class=voice`)."""
        phone = any(pair.replace("*", "=", 1) == "device-traffic-class=voice" for pair in pairs)
        return VOICE if phone else DATA

    @property
    def short(self) -> str:
        """As messages abbreviate it."""
        return short_name(self.name)

    @property
    def status(self) -> Status:
        """Of the first session."""
        return self.sessions[0].status if self.sessions else Status.IDLE
