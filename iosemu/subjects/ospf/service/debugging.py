"""`debug ip ospf …`: events and packets as IOS prints them, in the words of 12.4 or of 15.x."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.box.debugging import DebugFlag
from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.routing.ospf import AuthenticationFault, Datagram, InterfaceState, NeighborState, Process
from iosemu.routing.ospf.authentication import DIGEST_LENGTH
from iosemu.routing.ospf.constants import AuthenticationType, LsaType, PacketType
from iosemu.routing.ospf.events import (
    AreaMismatch,
    AreaOptionMismatch,
    AuthenticationMismatch,
    Election,
    ElectionCause,
    Event,
    Exchange,
    ExchangeStep,
    HelloMismatch,
    InterfaceChange,
    LsaOriginated,
    MtuMismatch,
    NeighborChange,
    SpfRun,
)
from iosemu.routing.ospf.packets import Header
from iosemu.subjects.ospf.config.debug import ADJACENCY, EVENTS, FLAGS, HELLO, LSA_GENERATION, PACKET, SPF
from iosemu.subjects.ospf.config.process import OspfProcess
from iosemu.subjects.ospf.config.style import OspfStyle
from iosemu.subjects.ospf.service.messages import STATES

_TAGS = {
    ADJACENCY: "ADJ  ",
    HELLO: "HELLO",
    EVENTS: "EVENT",
    PACKET: "PAK  ",
    SPF: "SPF  ",
    LSA_GENERATION: "LSGEN",
}
_LSA_WORDS = {
    LsaType.ROUTER: "router",
    LsaType.NETWORK: "network",
    LsaType.SUMMARY: "sum",
    LsaType.ASBR_SUMMARY: "asbr sum",
    LsaType.AS_EXTERNAL: "external",
    LsaType.NSSA_EXTERNAL: "type-7",
}
_HEADER = 24
NONE = IPv4Address(0)


class Debugger:
    """Prints what the flags that are on ask for."""

    def __init__(self, device: Device, config: OspfProcess, engine: Process) -> None:
        self.device = device
        self.config = config
        self.engine = engine

    def on(self, *flags: DebugFlag) -> bool:
        """Whether one of these is debugged."""
        debugging = self.device.debugging
        return debugging.any and any(debugging.on(flag) for flag in flags)

    def _log(self, flag: DebugFlag, text: str, interface: str = "", tail: str = "") -> None:
        """A line; 12.4 names the interface behind it, 15.x before it. `tail` comes after the interface."""
        if self.device.image.style(OspfStyle).modern_debug:
            where = f" {short_name(interface)}:" if interface else ":"
            line = f"OSPF-{self.config.number} {_TAGS[flag]}{where} {text}{tail}"
        else:
            line = f"OSPF: {text}" + (f" on {interface}" if interface else "") + tail
        self.device.log("", 7, "", line)

    # --- packets -------------------------------------------------------------------------------------

    def received(self, packet: IPv4Packet, interface: str) -> None:
        """A packet came in."""
        if not self.on(HELLO, EVENTS, PACKET):
            return
        try:
            header = Header.parse(packet.payload)
        except MalformedPacket:
            return
        router = IPv4Address(header.router_id)
        if self.on(PACKET):
            self._packet(header, interface, router)
        if header.type == PacketType.HELLO and self.on(HELLO, EVENTS):
            area = self.config.spelled(header.area_id)
            if self.device.image.style(OspfStyle).modern_debug:
                self._log(HELLO, f"Rcv hello from {router} area {area} {packet.source}", interface)
            else:
                self._log(HELLO, f"Rcv hello from {router} area {area} from {interface} {packet.source}")

    def _packet(self, header: Header, interface: str, router: IPv4Address) -> None:
        text = f"rcv. v:2 t:{header.type} l:{header.length} rid:{router}"
        signed = header.authentication_type == AuthenticationType.CRYPTOGRAPHIC
        checksum = 0 if signed else header.checksum
        rest = f"aid:{IPv4Address(header.area_id)} chk:{checksum:X} aut:{header.authentication_type}"
        rest += f" keyid:{header.key_id} seq:0x{header.sequence:X}" if signed else " auk:"
        rest += f" from {interface}"
        if self.device.image.style(OspfStyle).modern_debug:
            self._log(PACKET, f"{text} {rest}")
        else:
            self._log(PACKET, text)
            self.device.log("", 7, "", f"      {rest}", continues=True)

    def sent(self, datagram: Datagram) -> None:
        """A packet goes out."""
        if datagram.payload[1] != PacketType.HELLO or not self.on(HELLO, EVENTS, ADJACENCY):
            return
        interface = self.engine.interfaces.get(datagram.interface)
        if interface is None:
            return
        keys = interface.authentication
        if keys.type is AuthenticationType.CRYPTOGRAPHIC and self.on(ADJACENCY):
            self._log(ADJACENCY, f"Send with youngest Key {keys.youngest.id}", interface.name)
        if self.on(HELLO, EVENTS):
            area = self.config.spelled(int.from_bytes(datagram.payload[8:12], "big"))
            text = f"Send hello to {datagram.destination} area {area}"
            self._log(HELLO, text, interface.name, f" from {datagram.source}")

    # --- events --------------------------------------------------------------------------------------

    def event(self, event: Event) -> None:
        """Something happened."""
        if not self.on(*FLAGS.values()):
            return
        match event:
            case SpfRun():
                self._spf(event)
            case LsaOriginated():
                self._originated(event)
            case HelloMismatch() | AreaOptionMismatch() if self.on(HELLO, EVENTS, ADJACENCY):
                for text in _mismatch(event):
                    self._log(HELLO, text, event.interface if self._modern else "")
            case _ if self.on(ADJACENCY):
                self._adjacency(event)

    @property
    def _modern(self) -> bool:
        return self.device.image.style(OspfStyle).modern_debug

    def _adjacency(self, event: Event) -> None:
        match event:
            case InterfaceChange(old=InterfaceState.DOWN):
                self._log(ADJACENCY, "Interface going Up", event.interface)
            case InterfaceChange(new=InterfaceState.DOWN):
                self._log(ADJACENCY, "Interface going Down", event.interface)
            case Election():
                self._election(event)
            case NeighborChange():
                self._neighbor(event)
            case AuthenticationMismatch():
                self._log(ADJACENCY, _authentication(event), event.interface)
            case AreaMismatch():
                ours, theirs = IPv4Address(event.configured), IPv4Address(event.received)
                text = f"Rcv pkt from {event.source}, area {ours}, mismatched area {theirs} in the header"
                self._log(ADJACENCY, text, event.interface)
            case MtuMismatch():
                size = "larger" if event.refused else "smaller"
                self._nbr(event.interface, f"Nbr {event.router_id} has {size} interface MTU")
            case Exchange():
                self._exchange(event)
            case _:
                pass

    def _nbr(self, interface: str, text: str) -> None:
        """Lines of which 12.4 does not say the interface."""
        self._log(ADJACENCY, text, interface if self._modern else "")

    def _election(self, event: Election) -> None:
        cause = event.cause
        if cause is ElectionCause.WAIT_ENDED:
            self._log(
                ADJACENCY, "end of Wait on interface" if self._modern else "end of Wait", event.interface
            )
        elif cause is ElectionCause.BACKUP_SEEN:
            text = cause.value if self._modern else "Backup seen Event before WAIT timer"
            self._log(ADJACENCY, text, event.interface)
        elif cause is ElectionCause.NEIGHBOR_CHANGE:
            text = cause.value if self._modern else "Neighbor change Event on interface"
            if self._modern:
                self._log(ADJACENCY, text, event.interface)
            else:
                self._log(ADJACENCY, f"{text} {event.interface}")
        self._log(ADJACENCY, "DR/BDR election", event.interface)
        for bdr, dr in event.rounds:
            self._nbr(event.interface, f"Elect BDR {bdr or NONE}")
            self._nbr(event.interface, f"Elect DR {dr or NONE}")
        dr_text = f"DR: {event.dr} (Id)" if event.dr else "DR: none"
        bdr_text = f"BDR: {event.bdr} (Id)" if event.bdr else "BDR: none"
        if self._modern:
            self._log(ADJACENCY, dr_text, event.interface)
            self._log(ADJACENCY, f"   {bdr_text}", event.interface)
        else:
            self.device.log("", 7, "", f"       {dr_text}   {bdr_text}", continues=True)

    def _neighbor(self, event: NeighborChange) -> None:
        if event.new is NeighborState.TWO_WAY and event.old < NeighborState.TWO_WAY:
            text = f"2 Way Communication to {event.router_id}"
            self._log(ADJACENCY, text, event.interface, ", state 2WAY")
        elif event.new is NeighborState.DOWN:
            text = f"{event.router_id} address {event.address}"
            if self._modern:
                self._log(ADJACENCY, f"{text} is dead, state DOWN", event.interface)
            else:
                self._log(ADJACENCY, text, event.interface, " is dead, state DOWN")

    def _exchange(self, event: Exchange) -> None:
        name, router, step = event.interface, event.router_id, event.step
        packet = f"seq 0x{event.sequence:X} opt 0x{event.options:X} flag 0x{event.flags:X} len {event.length}"
        match step:
            case ExchangeStep.SEND_DD:
                self._log(ADJACENCY, f"Send DBD to {router}", name, f" {packet}")
            case ExchangeStep.RECEIVE_DD:
                tail = f" {packet}  mtu {event.mtu} state {STATES[event.state]}"
                self._log(ADJACENCY, f"Rcv DBD from {router}", name, tail)
            case ExchangeStep.RETRANSMIT_DD:
                self._log(ADJACENCY, f"Retransmitting DBD to {router}", name, f" [{event.count}]")
            case ExchangeStep.EXCHANGE_DONE:
                self._log(ADJACENCY, f"Exchange Done with {router}", name)
            case ExchangeStep.SYNCHRONIZED:
                self._log(ADJACENCY, f"Synchronized with {router}", name, ", state FULL")
            case ExchangeStep.EXCESSIVE:
                self._log(
                    ADJACENCY, f"Killing nbr {router} due to excessive ({event.count}) retransmissions", name
                )
            case ExchangeStep.SEND_REQUEST:
                length = _HEADER + 12 * event.count
                self._log(ADJACENCY, f"Send LS REQ to {router} length {length}", name if self._modern else "")
            case ExchangeStep.RECEIVE_REQUEST:
                length = _HEADER + 12 * event.count
                text = f"Rcv LS REQ from {router} length {length} LSA count {event.count}"
                self._log(ADJACENCY, text, name if self._modern else "")
            case ExchangeStep.MASTER | ExchangeStep.SLAVE | ExchangeStep.NOT_SLAVE:
                self._nbr(name, step.value)
            case ExchangeStep.PREPARE if self._modern:
                self._log(ADJACENCY, f"Nbr {router}: Prepare dbase exchange", name)
            case ExchangeStep.SUMMARY_BUILT if self._modern:
                self._log(ADJACENCY, f"Nbr {router}: Summary list built, size {event.count}", name)
            case _:
                pass

    def _spf(self, event: SpfRun) -> None:
        if not self.on(SPF):
            return
        reasons = ",".join(sorted(event.reasons)) or "X"
        for area in event.areas:
            self._log(SPF, f"Begin SPF at {self.device.now * 1000:.3f}ms, process time 0ms")
            self._log(
                SPF, f"Running SPF for area {self.config.spelled(area)}, SPF-type Full, reasons {reasons}"
            )
        if not event.areas:
            self._log(SPF, f"Running partial SPF, {event.prefixes} prefixes, reasons {reasons}")
        self._log(SPF, f"End SPF, {event.vertices} vertices, {event.changes} route changes")

    def _originated(self, event: LsaOriginated) -> None:
        kind = _LSA_WORDS.get(LsaType(event.type))
        if kind is None or not self.on(LSA_GENERATION):
            return
        area = f"area {self.config.spelled(event.area)}, " if event.area is not None else ""
        sequence = f"seq 0x{event.sequence & 0xFFFFFFFF:08X}"
        verb = "Flush" if event.flushed else "Build"
        self._log(LSA_GENERATION, f"{verb} {kind} LSA for {area}LSID {event.ls_id}, {sequence}")


def _mismatch(event: HelloMismatch | AreaOptionMismatch) -> Iterator[str]:
    if isinstance(event, AreaOptionMismatch):
        kind = "NSSA" if event.nssa else "Stub/Transit area"
        yield f"Hello from {event.source} with mismatched {kind} option bit"
        return
    yield f"Mismatched hello parameters from {event.source}"
    (dead, our_dead), (hello, our_hello) = event.dead, event.hello
    line = f"Dead R {dead} C {our_dead}, Hello R {hello} C {our_hello}"
    yield line + (f" Mask R {event.mask[0]} C {event.mask[1]}" if event.mask is not None else "")


def _authentication(event: AuthenticationMismatch) -> str:
    lead = f"Rcv pkt from {event.source} : Mismatched Authentication"
    theirs, ours = event.types
    match event.fault:
        case AuthenticationFault.TYPE:
            return f"{lead} type. Input packet specified type {theirs}, we use type {ours}"
        case AuthenticationFault.KEY_ID:
            reason = f"Invalid cryptographic authentication Key ID {event.key_id} on interface"
            return f"{lead} Key - {reason}"
        case AuthenticationFault.SEQUENCE | AuthenticationFault.LENGTH:
            detail = (
                event.fault.value
                if event.fault is AuthenticationFault.SEQUENCE
                else f"not {DIGEST_LENGTH} octets"
            )
            return f"{lead} Key - {detail}"
        case _:
            return (
                f"{lead} key - ID {event.key_id}" if event.key_id is not None else f"{lead} Key - Clear Text"
            )
