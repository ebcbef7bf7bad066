"""PPPoE clients and servers (RFC 2516), and the dialer and Virtual-Access interfaces that they serve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.interface_types import Medium
from iosemu.box.service import Service
from iosemu.ip.serial import SerialLines, SerialSettings
from iosemu.ip.stack import IpStack
from iosemu.net.scheduler import Timer
from iosemu.packets.addresses import BROADCAST, MacAddress
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EthernetFrame
from iosemu.packets.framing import Framing
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.packets.ppp import PppFrame, PppProtocol
from iosemu.packets.pppoe import DISCOVERY, MRU, SESSION, PppoeCode, PppoePacket, PppoeTag, discovery
from iosemu.subjects.ppp.service import PppLine
from iosemu.subjects.pppoe import debug
from iosemu.subjects.pppoe.config import DialerSettings, PppoeConfig, PppoePort
from iosemu.subjects.pppoe.session import Session, Stage

ACCESS, TEMPLATE, DIALER = "Virtual-Access", "Virtual-Template", "Dialer"
FIRST_WAIT, LONGEST_WAIT = 2.0, 32.0
"""Seconds until a PADI or a PADR is sent again, doubled each time."""
TRIES = 5
"""PADR without an answer before everything begins anew."""
AGAIN = 20.0
"""Seconds from the end of a client's session to the next PADI."""
NOTICE = 6


class PppoeSessions(Service):
    """All sessions of a box."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.sessions: list[Session] = []
        self._count = 0
        self._again: dict[str, Timer] = {}
        """When the client of a port calls again."""
        self._secret = b""

    def start(self) -> None:
        """Take both EtherTypes, and carry what leaves by dialer and Virtual-Access interfaces."""
        device, stack = self.device, self.device.service(IpStack)
        device.bind_ethertype(DISCOVERY, self._discovery)
        device.bind_ethertype(SESSION, self._session)
        stack.bind_link(DIALER, self.send)
        others = stack.link_of(ACCESS)

        def send(packet: IPv4Packet, out: Interface, next_hop: IPv4Address) -> bool:
            if self._by_access(out.name) is not None:
                return self.send(packet, out, next_hop)
            return others is not None and others(packet, out, next_hop)

        stack.bind_link(ACCESS, send)

    def stop(self) -> None:
        """The power goes."""
        for timer in self._again.values():
            timer.cancel()
        self._again.clear()
        for each in self.sessions:
            if each.timer is not None:
                each.timer.cancel()
            if each.line is not None:
                each.line.stop()
        self.sessions.clear()

    def creatable(self) -> Mapping[str, tuple[int, int]]:
        """Dialer interfaces."""
        return {DIALER: (0, 255)}

    def make_interface(self, config: InterfaceConfig) -> Interface | None:
        """A dialer interface is up whether or not somebody has been called."""
        if config.kind != DIALER:
            return None
        interface = Interface(self.device, config, self.device.base_mac, protocol_delay=0.0)
        interface.note = "spoofing"
        interface.counters.framing = Framing.PPP
        return interface

    # --- what is configured --------------------------------------------------------------------------

    def changed(self) -> None:
        """Groups changed: what was made from others goes."""
        for session in [each for each in self.sessions if not each.client]:
            if self._template_of(session.port) != session.template:
                self._end(session, tell=True)

    def interface_configured(self, interface: Interface) -> None:
        """A client or a server was turned on or off, or what it serves is another."""
        if interface.type.medium is Medium.ETHERNET:
            self._serve(interface)
        elif interface.kind == DIALER:
            for session in [each for each in self.sessions if each.template == interface.name]:
                if session.line is not None:
                    session.line.configured()
            for port in list(self.device.interfaces.values()):
                if port.config.held(PppoePort) is not None:
                    self._serve(port)

    def protocol_changed(self, interface: Interface) -> None:
        """The Ethernet came or went."""
        if interface.config.held(PppoePort) is None:
            return
        if interface.protocol_up:
            self._serve(interface)
        else:
            for session in [each for each in self.sessions if each.port is interface]:
                self._end(session, tell=False)

    def interface_removed(self, interface: Interface) -> None:
        """A dialer or a template is gone, and what was made from it."""
        for session in [each for each in self.sessions if interface.name in (each.template, each.port.name)]:
            self._end(session, tell=True)

    def _serve(self, port: Interface) -> None:
        """Have the sessions that are configured on an Ethernet port, and no others."""
        settings = port.config.held(PppoePort)
        client = next((each for each in self.sessions if each.client and each.port is port), None)
        dialer = self._dialer(settings.pool) if settings is not None and settings.pool is not None else None
        if client is not None and (dialer is None or client.template != dialer.name):
            self._end(client, tell=True)
            client = None
        if client is None and dialer is not None and port.protocol_up:
            self._call(port, dialer)
        if settings is None or not settings.group:
            for session in [each for each in self.sessions if not each.client and each.port is port]:
                self._end(session, tell=True)

    def _dialer(self, pool: int) -> Interface | None:
        for each in self.device.interfaces.of_kind(DIALER):
            fits = each.config.of(DialerSettings).pool == pool
            if fits and each.admin_up and each.config.of(SerialSettings).encapsulation == "ppp":
                return each
        return None

    def _template_of(self, port: Interface) -> str:
        """The virtual template that a server makes sessions from; empty: none."""
        settings = port.config.held(PppoePort)
        group = (
            self.device.config.of(PppoeConfig).groups.get(settings.group) if settings is not None else None
        )
        name = f"{TEMPLATE}{group.template}" if group is not None and group.template is not None else ""
        return name if name in self.device.config.interfaces else ""

    # --- the client ----------------------------------------------------------------------------------

    def _call(self, port: Interface, dialer: Interface) -> None:
        self._forget_call(port)
        session = Session(port, True, self.device.rng.randbytes(4), Stage.PADI_SENT, template=dialer.name)
        self.sessions.append(session)
        self._ask(session)

    def _ask(self, session: Session) -> None:
        """Send a PADI or a PADR, and again while nobody answers."""
        tags = [(PppoeTag.SERVICE_NAME, b""), (PppoeTag.HOST_UNIQ, session.unique)]
        if session.stage is Stage.PADR_SENT and session.tries >= TRIES:
            session.stage, session.tries = Stage.PADI_SENT, 0
        if session.stage is Stage.PADI_SENT:
            self._send(session.port, BROADCAST, discovery(PppoeCode.PADI, tags))
        elif session.remote is not None:
            if session.cookie is not None:
                tags.append((PppoeTag.AC_COOKIE, session.cookie))
            self._send(session.port, session.remote, discovery(PppoeCode.PADR, tags))
        wait = min(FIRST_WAIT * 2**session.tries, LONGEST_WAIT)
        session.tries += 1
        session.timer = self.device.scheduler.after(wait, lambda: self._ask(session))

    def _offered(self, session: Session, source: MacAddress, tags: dict[int, bytes]) -> None:
        if session.stage is not Stage.PADI_SENT:
            return
        session.remote, session.cookie = source, tags.get(PppoeTag.AC_COOKIE)
        session.stage, session.tries = Stage.PADR_SENT, 0
        if session.timer is not None:
            session.timer.cancel()
        self._ask(session)

    def _confirmed(self, session: Session, number: int) -> None:
        dialer = self.device.interfaces.get(session.template)
        if session.stage is not Stage.PADR_SENT or dialer is None or not number:
            return
        if session.timer is not None:
            session.timer.cancel()
        session.number = number
        self._open(session, InterfaceConfig(self._free_name()), dialer)
        if session.access is not None:
            dialer.note = ""
            text = f"Interface {_short(session.access.name)} bound to profile {_short(dialer.name)}"
            self.device.log("DIALER", NOTICE, "BIND", text)

    # --- the server ----------------------------------------------------------------------------------

    def _offer(self, port: Interface, source: MacAddress, tags: dict[int, bytes]) -> None:
        if not self._template_of(port):
            return
        answer = [
            (PppoeTag.SERVICE_NAME, tags.get(PppoeTag.SERVICE_NAME, b"")),
            (PppoeTag.AC_NAME, self.device.hostname.encode("latin-1", "replace")),
            *_unique(tags),
            (PppoeTag.AC_COOKIE, self._cookie(source)),
        ]
        self._send(port, source, discovery(PppoeCode.PADO, answer))

    def _cookie(self, station: MacAddress) -> bytes:
        """What proves that a station hears what is sent to it: no state is kept before."""
        if not self._secret:
            self._secret = self.device.rng.randbytes(16)
        return bytes(a ^ b for a, b in zip(self._secret, (bytes(station) * 3)[:16], strict=True))

    def _accept(self, port: Interface, source: MacAddress, tags: dict[int, bytes]) -> None:
        template = self._template_of(port)
        if not template or tags.get(PppoeTag.AC_COOKIE) != self._cookie(source):
            return
        unique = tags.get(PppoeTag.HOST_UNIQ, b"")
        session = next(
            (
                each
                for each in self.sessions
                if not each.client and each.port is port and (each.remote, each.unique) == (source, unique)
            ),
            None,
        )
        new = session is None
        if session is None:
            used = {each.number for each in self.sessions if not each.client}
            number = next(each for each in range(1, 0x10000) if each not in used)
            session = Session(port, False, unique, Stage.UP, source, number, template=template)
            self.sessions.append(session)
        answer = [(PppoeTag.SERVICE_NAME, tags.get(PppoeTag.SERVICE_NAME, b"")), *_unique(tags)]
        self._send(port, source, discovery(PppoeCode.PADS, answer, session.number))
        if new:
            self._open(session, self._cloned(template), None)

    def _cloned(self, template: str) -> InterfaceConfig:
        origin: InterfaceConfig = self.device.config.interfaces[template]
        config = InterfaceConfig(self._free_name(), mtu=min(origin.mtu, MRU), keepalive=origin.keepalive)
        for part in origin.parts:
            config.put(deepcopy(part))
        return config

    # --- sessions ------------------------------------------------------------------------------------

    def _free_name(self) -> str:
        taken = self.device.config.interfaces
        return next(
            f"{ACCESS}{number}" for number in range(1, len(taken) + 2) if f"{ACCESS}{number}" not in taken
        )

    def _open(self, session: Session, config: InterfaceConfig, home: Interface | None) -> None:
        """Discovery is through: make the interface, and let PPP begin."""
        self._count += 1
        session.stage, session.order = Stage.UP, self._count
        config.cloned = True
        access = session.access = Interface(self.device, config, self.device.base_mac, protocol_delay=1.0)
        access.address_method = "unset"
        access.protocol_held = True
        access.counters.framing = Framing.PPP
        access.transmit = lambda frame: self._carry(session, frame)
        with self.device.batch():
            self.device.add_interface(access)
            self.device.interface_configured(access.name)
        line = session.line = PppLine(self.device, access, home, calls=session.client)
        line.mru = MRU
        debug.event(self.device, "PPPoE: Virtual Access interface obtained.")
        line.ended = lambda: self.device.scheduler.after(0.0, lambda: self._end(session, tell=True))
        self.device.service(SerialLines).adopt(access.name, line)
        line.start()

    def _end(self, session: Session, *, tell: bool) -> None:
        """A session is over; a client calls again."""
        if session not in self.sessions:
            return
        self.sessions.remove(session)
        if session.timer is not None:
            session.timer.cancel()
        if session.number and tell and session.remote is not None:
            self._send(session.port, session.remote, PppoePacket(PppoeCode.PADT, session.number))
        if session.line is not None and session.access is not None:
            session.line.ended = None
            session.line.stop()
            self.device.service(SerialLines).adopt(session.access.name, None)
            dialer = self.device.interfaces.get(session.template) if session.client else None
            if dialer is not None:
                text = f"Interface {_short(session.access.name)} unbound from profile {_short(dialer.name)}"
                self.device.log("DIALER", NOTICE, "UNBIND", text)
                dialer.note = "spoofing"
            self.device.delete_interface(session.access.name)
        if session.client and self.device.powered:
            port = session.port
            self._forget_call(port)
            self._again[port.name] = self.device.scheduler.after(AGAIN, lambda: self._serve(port))

    def _forget_call(self, port: Interface) -> None:
        """A client calls now, or is not to call at the time that was planned."""
        timer = self._again.pop(port.name, None)
        if timer is not None:
            timer.cancel()

    def _by_access(self, name: str) -> Session | None:
        return next(
            (each for each in self.sessions if each.access is not None and each.access.name == name), None
        )

    def dial(self, dialer: str) -> Iterator[Session]:
        """The sessions of a dialer interface that are open."""
        return (
            each
            for each in self.sessions
            if each.client and each.template == dialer and each.line is not None
        )

    # --- frames --------------------------------------------------------------------------------------

    def send(self, packet: IPv4Packet, out: Interface, next_hop: IPv4Address) -> bool:
        """Send a packet by the session of an interface."""
        session = next(self.dial(out.name), None) if out.kind == DIALER else self._by_access(out.name)
        if session is None or session.line is None:
            return False
        sent = session.line.send(packet, out, next_hop)
        if sent and out.kind == DIALER:
            out.counters.count_out(self.device.now, bytes(4) + packet.to_bytes(), "IP")
        return sent

    def _carry(self, session: Session, frame: bytes) -> None:
        """Put a PPP frame into an Ethernet one; PPPoE leaves address and control out."""
        if session.remote is not None:
            self._send(
                session.port, session.remote, PppoePacket(PppoeCode.DATA, session.number, frame[2:]), SESSION
            )

    def _send(self, port: Interface, to: MacAddress, packet: PppoePacket, ethertype: int = DISCOVERY) -> None:
        frame = EthernetFrame(to, port.mac, ethertype, packet.to_bytes()).to_bytes()
        if ethertype == DISCOVERY:
            debug.passed(self.device, port, frame, packet, out=True)
        port.send(frame)

    def _discovery(self, port: Interface, frame: bytes) -> None:
        try:
            ethernet = EthernetFrame.parse(frame)
            packet = PppoePacket.parse(ethernet.payload)
            tags = packet.tags() if packet.code != PppoeCode.PADT else {}
        except MalformedPacket:
            port.counters.in_errors += 1
            return
        debug.passed(self.device, port, frame, packet, out=False)
        source = ethernet.source
        mine = [each for each in self.sessions if each.port is port]
        match packet.code:
            case PppoeCode.PADI:
                self._offer(port, source, tags)
            case PppoeCode.PADR:
                self._accept(port, source, tags)
            case PppoeCode.PADO | PppoeCode.PADS:
                for each in mine:
                    if each.client and each.unique == tags.get(PppoeTag.HOST_UNIQ):
                        if packet.code == PppoeCode.PADO:
                            self._offered(each, source, tags)
                        elif each.remote == source:
                            self._confirmed(each, packet.session)
            case PppoeCode.PADT:
                for each in mine:
                    if each.remote == source and each.number == packet.session and each.number:
                        self._end(each, tell=False)

    def _session(self, port: Interface, frame: bytes) -> None:
        try:
            ethernet = EthernetFrame.parse(frame)
            packet = PppoePacket.parse(ethernet.payload)
            for each in self.sessions:
                if each.port is port and (each.remote, each.number) == (ethernet.source, packet.session):
                    self._take(each, packet.payload)
                    return
        except MalformedPacket:
            port.counters.in_errors += 1

    def _take(self, session: Session, data: bytes) -> None:
        line, access = session.line, session.access
        if line is None or access is None:
            return
        inner = PppFrame.bare(data)
        access.counters.count_in(self.device.now, inner.to_bytes())
        if line.home is not access and inner.protocol == PppProtocol.IPV4:
            line.home.counters.count_in(self.device.now, inner.to_bytes(), "IP")
        line.take(inner)


def _short(name: str) -> str:
    return name.replace(ACCESS, "Vi").replace(DIALER, "Di")


def _unique(tags: dict[int, bytes]) -> list[tuple[int, bytes]]:
    unique = tags.get(PppoeTag.HOST_UNIQ)
    return [] if unique is None else [(PppoeTag.HOST_UNIQ, unique)]
