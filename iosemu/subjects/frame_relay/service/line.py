"""Frame Relay on one serial line: LMI, circuits, who is at their other ends."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.ip.config import IpSettings, primary_address
from iosemu.ip.serial import LinkProtocol, SerialLines, SerialSettings, has_one_circuit, to_all
from iosemu.ip.stack import IpStack
from iosemu.net.frame_relay.lmi import T392, NetworkSide, UserSide
from iosemu.net.scheduler import Timer
from iosemu.packets.ethernet import EtherType
from iosemu.packets.frame_relay import (
    ARP,
    FrameRelayFrame,
    InverseArp,
    InverseArpOperation,
    LmiMessage,
    LmiType,
    cisco,
    ietf,
    unwrap,
)
from iosemu.packets.framing import Framing
from iosemu.packets.hdlc import CDP
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.subjects.frame_relay import debug
from iosemu.subjects.frame_relay.config import FrameRelayConfig, FrameRelaySettings
from iosemu.subjects.frame_relay.service.circuits import Circuit, DynamicMap

INVERSE_ARP = 60.0
"""Seconds between two questions on a circuit."""
LMI_DLCIS = {each.dlci for each in LmiType}
NOTICE = 5


class FrameRelayLine(LinkProtocol):
    """A line that carries circuits: each belongs to the interface, to a subinterface, or is passed on."""

    framing = Framing.FRAME_RELAY
    name = "FRAME-RELAY"

    def __init__(self, device: Device, interface: Interface) -> None:
        super().__init__(device, interface)
        self.circuits: dict[int, Circuit] = {}
        self.dynamic: dict[tuple[str, IPv4Address], DynamicMap] = {}
        """By interface or subinterface, and address."""
        self.lmi: UserSide | NetworkSide = UserSide(None, self._send_lmi)
        self._timer: Timer | None = None
        self._asking: Timer | None = None
        self._settled: tuple[object, ...] = ()

    @property
    def settings(self) -> FrameRelaySettings:
        """What is typed under the interface."""
        return self.interface.config.of(FrameRelaySettings)

    @property
    def ietf(self) -> bool:
        """Whether packets are framed as RFC 2427 has it, unless a map says otherwise."""
        return self.interface.config.of(SerialSettings).ietf

    @property
    def is_network(self) -> bool:
        """Whether this end is the switch's."""
        return isinstance(self.lmi, NetworkSide)

    # --- the line ------------------------------------------------------------------------------------

    def _wanted(self) -> tuple[object, ...]:
        settings = self.settings
        switching = self.device.config.of(FrameRelayConfig).switching
        return (settings.lmi_type, settings.network and switching, self.interface.config.keepalive)

    def start(self) -> None:
        """Begin to speak LMI; without keepalives the line is up and all circuits are static."""
        self.interface.protocol_delay = 1.0
        _kind, network, keepalive = self._settled = self._wanted()
        chosen = self.settings.lmi_type
        self.lmi = (
            NetworkSide(chosen or LmiType.CISCO, self._send_lmi, self._offered)
            if network
            else UserSide(chosen, self._send_lmi)
        )
        self.hold(keepalive is not None)
        if keepalive is not None:
            self._timer = self.device.scheduler.after(T392 if network else 0.0, self._tick)
        self.refresh()

    def stop(self) -> None:
        """The line is gone, and what was found out with it."""
        for timer in (self._timer, self._asking):
            if timer is not None:
                timer.cancel()
        self._timer = self._asking = None
        self.dynamic.clear()
        self.lmi = UserSide(None, self._send_lmi)
        self.refresh()
        self.hold(True)

    def configured(self) -> None:
        """Another LMI, or other circuits."""
        if self._wanted() != self._settled:
            self.stop()
            self.start()
        self.refresh()

    def describe(self) -> list[str]:
        """Encapsulation; the counts of LMI stand below the keepalive."""
        return [f"{self.name}{' IETF' * self.ietf}, {self.loopback}"]

    def details(self) -> list[str]:
        """What LMI counts, and what is sent to all."""
        lmi, c = self.lmi, self.lmi.counters
        role, kind = "DCE" if self.is_network else "DTE", lmi.kind or LmiType.CISCO
        state = f"{role} LMI {'up' if lmi.up else 'down'}"
        sent = sum(each.counters.out_broadcasts for each in self.circuits.values())
        return [
            f"LMI enq sent  {c.enquiries_sent}, LMI stat recvd {c.status_received}, LMI upd recvd 0, {state}",
            f"LMI enq recvd {c.enquiries_received}, LMI stat sent  {c.status_sent}, LMI upd sent  0",
            f"LMI DLCI {kind.dlci}  LMI type is {kind.value}  frame relay {role}",
            f"Broadcast queue 0/64, broadcasts sent/dropped {sent}/0, interface broadcasts {sent}",
        ]

    def header(self) -> bytes:
        """It depends on the circuit."""
        return b""

    def _tick(self) -> None:
        lmi = self.lmi
        if isinstance(lmi, NetworkSide):
            lmi.late()
            seconds = T392
        else:
            lmi.poll()
            seconds = float(self.interface.config.keepalive or 10)
        self._timer = self.device.scheduler.after(seconds, self._tick)
        self._judge()

    def _judge(self) -> None:
        """The line protocol follows LMI."""
        held = self.interface.protocol_held
        self.hold(not self.lmi.up)
        if held != self.interface.protocol_held:
            self._tell_others()

    def _tell_others(self) -> None:
        """A circuit is active when both its ends are: the other lines of a switch look again."""
        if self.is_network:
            for name in {out for out, _dlci in self.settings.routes.values()}:
                other = self.device.service(SerialLines).protocol_of(name)
                if isinstance(other, FrameRelayLine):
                    other.refresh()

    # --- circuits ------------------------------------------------------------------------------------

    def _offered(self) -> dict[int, bool]:
        """What a switch tells of the circuits that it passes on from here."""
        return {dlci: self._leads_on(out, other) for dlci, (out, other) in self.settings.routes.items()}

    def _leads_on(self, out: str, dlci: int) -> bool:
        other = self.device.service(SerialLines).protocol_of(out)
        if not isinstance(other, FrameRelayLine) or not other.interface.line_up:
            return False
        back = other.settings.routes.get(dlci)
        return back is not None and back[0] == self.interface.name and other.lmi.up

    def home_of(self, dlci: int) -> Interface:
        """The interface that a circuit belongs to: all that no subinterface has are the line's own."""
        for child in self.device.interfaces.children(self.interface.name):
            own = child.config.held(FrameRelaySettings)
            if own is not None and dlci in _dlcis(own):
                return child
        return self.interface

    def is_local(self, dlci: int) -> bool:
        """Whether somebody here uses a circuit."""
        home = self.home_of(dlci)
        return (
            home is not self.interface
            or dlci in _dlcis(self.settings)
            or home.config.of(IpSettings).address is not None
        )

    def circuits_of(self, interface: Interface) -> list[Circuit]:
        """The circuits of an interface or a subinterface."""
        return [each for each in self.circuits.values() if self.home_of(each.dlci) is interface]

    def refresh(self) -> None:
        """Work out the circuits again: those that are typed here, and those that the network told of."""
        lmi, now = self.lmi, self.device.now
        typed = set(_dlcis(self.settings)) | set(self.settings.routes)
        for child in self.device.interfaces.children(self.interface.name):
            own = child.config.held(FrameRelaySettings)
            typed |= set(_dlcis(own)) if own is not None else set()
        told = lmi.circuits if isinstance(lmi, UserSide) else self._offered()
        wanted: dict[int, str] = {}
        for dlci in typed | set(told):
            if self.interface.config.keepalive is None:
                wanted[dlci] = "STATIC"
            elif dlci not in told:
                wanted[dlci] = "DELETED"
            else:
                wanted[dlci] = "ACTIVE" if told[dlci] and lmi.up else "INACTIVE"
        for dlci in set(self.circuits) - set(wanted):
            del self.circuits[dlci]
        for dlci, status in sorted(wanted.items()):
            circuit = self.circuits.get(dlci)
            if circuit is None:
                self.circuits[dlci] = Circuit(dlci, status, now, now)
            elif circuit.status != status:
                circuit.status, circuit.changed = status, now
            else:
                continue
            if not self.is_network and self.interface.line_up and status in ("ACTIVE", "INACTIVE", "DELETED"):
                text = f"Interface {self.interface.name} - DLCI {dlci} state changed to {status}"
                self.device.log("FR", NOTICE, "DLCICHANGE", text)
        self.circuits = dict(sorted(self.circuits.items()))
        gone = [
            key
            for key, each in self.dynamic.items()
            if not self._usable(each.dlci, key[0]) or not self._inverse(self.home_of(each.dlci), each.dlci)
        ]
        for key in gone:
            del self.dynamic[key]
        for child in self.device.interfaces.children(self.interface.name):
            up = any(each.usable for each in self.circuits_of(child))
            if child.protocol_held == up:
                child.protocol_held = not up
                child.refresh()
        if self._asking is None and self.interface.line_up:
            self._asking = self.device.scheduler.after(0.0, self._ask)

    def _usable(self, dlci: int, name: str) -> bool:
        circuit = self.circuits.get(dlci)
        return circuit is not None and circuit.usable and self.home_of(dlci).name == name

    # --- Inverse ARP ---------------------------------------------------------------------------------

    def _ask(self) -> None:
        """Ask who is at the other end of circuits that have several; again after a minute."""
        self._asking = None
        if not self.interface.line_up:
            return
        waiting = False
        for circuit in self.circuits.values():
            home = self.home_of(circuit.dlci)
            address = primary_address(home.config)
            if (
                circuit.dlci in self.settings.routes
                or not self._inverse(home, circuit.dlci)
                or address is None
            ):
                continue
            waiting = True
            if circuit.usable:
                self._send_arp(circuit.dlci, InverseArp(InverseArpOperation.REQUEST, address))
        if waiting:
            self._asking = self.device.scheduler.after(INVERSE_ARP, self._ask)

    def ask_again(self) -> None:
        """Ask now, not when it is due."""
        if self._asking is not None:
            self._asking.cancel()
        self._asking = self.device.scheduler.after(0.0, self._ask) if self.interface.line_up else None

    def _inverse(self, home: Interface, dlci: int) -> bool:
        """Whether a circuit's other end is found out: not where there is one only, or where it is typed."""
        own = home.config.of(FrameRelaySettings)
        typed = any(each.dlci == dlci for each in own.maps.values())
        return own.inverse_arp and not typed and not has_one_circuit(home.config)

    def _send_arp(self, dlci: int, packet: InverseArp) -> None:
        home = self.home_of(dlci)
        data = packet.to_bytes(dlci)
        wrap = ietf if self.ietf else cisco
        self._out(home, dlci, wrap(ARP, data), group=True)

    def _receive_arp(self, home: Interface, dlci: int, packet: InverseArp) -> None:
        address = primary_address(home.config)
        if self._inverse(home, dlci):
            for key in [key for key, each in self.dynamic.items() if each.dlci == dlci]:
                del self.dynamic[key]  # one end has one address
            self.dynamic[home.name, packet.sender] = DynamicMap(packet.sender, dlci)
        if packet.operation == InverseArpOperation.REQUEST and address is not None:
            self._send_arp(dlci, InverseArp(InverseArpOperation.REPLY, address, packet.sender))

    # --- frames --------------------------------------------------------------------------------------

    def _send_lmi(self, message: LmiMessage) -> None:
        debug.lmi_sent(self.device, self.interface.name, message, network=self.is_network, up=self.lmi.up)
        self.interface.send(message.to_frame().to_bytes())

    def receive(self, frame: bytes) -> None:
        """LMI, a circuit that is passed on, or one that ends here."""
        got = FrameRelayFrame.parse(frame)
        if got.dlci in LMI_DLCIS:
            message = LmiMessage.parse(got)
            debug.lmi_received(self.device, self.interface.name, message)
            if self.lmi.receive(message):
                self._judge()
                self.refresh()
                self._tell_others()
            return
        circuit = self.circuits.get(got.dlci)
        if circuit is None or not self.interface.protocol_up:
            self.interface.counters.in_unknown_protocol += circuit is None
            return
        circuit.counters.in_packets += 1
        circuit.counters.in_octets += len(frame)
        route = self.settings.routes.get(got.dlci)
        if route is not None and self.device.config.of(FrameRelayConfig).switching:
            self._pass_on(got, *route)
            return
        home = self.home_of(got.dlci)
        if home is not self.interface:
            home.counters.count_in(self.device.now, frame)
        debug.packet(self.device, home.name, got, len(frame), out=False)
        self._deliver(home, got)

    def _pass_on(self, frame: FrameRelayFrame, out: str, dlci: int) -> None:
        other = self.device.service(SerialLines).protocol_of(out)
        if isinstance(other, FrameRelayLine) and (circuit := other.circuits.get(dlci)) is not None:
            data = FrameRelayFrame(
                dlci, frame.payload, frame.fecn, frame.becn, frame.discard_eligible
            ).to_bytes()
            if circuit.usable and other.interface.send(data):
                circuit.counters.out_packets += 1
                circuit.counters.out_octets += len(data)
            else:
                circuit.counters.out_dropped += 1

    def _deliver(self, home: Interface, frame: FrameRelayFrame) -> None:
        ethertype, packet = unwrap(frame.payload)
        if ethertype == ARP:
            message = InverseArp.parse(packet)
            debug.arp(self.device, home.name, frame, message)
            self._receive_arp(home, frame.dlci, message)
        elif ethertype == EtherType.IPV4:
            if home.protocol_up:
                self.device.service(IpStack).tunnelled(IPv4Packet.parse(packet), home)
        elif has_one_circuit(home.config):
            self.device.service(SerialLines).take_control(home, ethertype, packet)

    def send(self, packet: IPv4Packet, out: Interface, next_hop: IPv4Address) -> bool:
        """Send by the circuit of a point-to-point subinterface, or by those that the maps say."""
        group = to_all(packet) or _is_broadcast(out, packet.destination)
        data = packet.to_bytes()
        if has_one_circuit(out.config):
            return any([self._out(out, each.dlci, self._wrap(out, None, data), group=group)
                        for each in self.circuits_of(out) if each.usable][:1])  # fmt: skip
        if not group:
            found = self.dlci_of(out, next_hop)
            if found is None:
                debug.no_map(self.device, out.name)
            return found is not None and self._out(
                out, found[0], self._wrap(out, found[1], data), group=False
            )
        sent = [
            self._out(out, dlci, self._wrap(out, how, data), group=True)
            for dlci, how in self._everywhere(out).items()
        ]
        return any(sent)

    def _wrap(self, out: Interface, how: str | None, data: bytes) -> bytes:
        wrap = ietf if (how or ("ietf" if self.ietf else "cisco")) == "ietf" else cisco
        return wrap(EtherType.IPV4, data)

    def dlci_of(self, out: Interface, next_hop: IPv4Address) -> tuple[int, str] | None:
        """Circuit and encapsulation of a next hop; None: nobody knows it."""
        typed = out.config.of(FrameRelaySettings).maps.get(next_hop)
        if typed is not None:
            return (typed.dlci, typed.encapsulation) if self._usable(typed.dlci, out.name) else None
        found = self.dynamic.get((out.name, next_hop))
        return (found.dlci, "") if found is not None else None

    def _everywhere(self, out: Interface) -> dict[int, str]:
        """The circuits that broadcasts go to: each once."""
        own = out.config.of(FrameRelaySettings)
        found = {
            each.dlci: each.encapsulation
            for each in own.maps.values()
            if each.broadcast and self._usable(each.dlci, out.name)
        }
        for (name, _address), each in self.dynamic.items():
            if name == out.name:
                found.setdefault(each.dlci, "")
        return found

    def send_control(self, ethertype: int, payload: bytes) -> bool:
        """CDP is spoken on point-to-point subinterfaces only."""
        return False

    def send_control_by(self, out: Interface, ethertype: int, payload: bytes) -> bool:
        """The same out of a subinterface."""
        if ethertype != CDP or not has_one_circuit(out.config):
            return False
        wrap = ietf if self.ietf else cisco
        circuits = [each for each in self.circuits_of(out) if each.usable]
        return bool(circuits) and self._out(out, circuits[0].dlci, wrap(ethertype, payload), group=True)

    def _out(self, out: Interface, dlci: int, payload: bytes, *, group: bool) -> bool:
        circuit = self.circuits[dlci]
        frame = FrameRelayFrame(dlci, payload)
        data = frame.to_bytes()
        debug.packet(self.device, out.name, frame, len(data), out=True)
        if not out.send(data):
            circuit.counters.out_dropped += 1
            return False
        counters = circuit.counters
        counters.out_packets += 1
        counters.out_octets += len(data)
        if group:
            counters.out_broadcasts += 1
            counters.out_broadcast_octets += len(data)
        return True


def _dlcis(settings: FrameRelaySettings) -> list[int]:
    return [*settings.circuits, *(each.dlci for each in settings.maps.values())]


def _is_broadcast(out: Interface, destination: IPv4Address) -> bool:
    addresses = out.config.of(IpSettings).addresses
    return any(
        each.network.prefixlen < 31 and destination == each.network.broadcast_address for each in addresses
    )
