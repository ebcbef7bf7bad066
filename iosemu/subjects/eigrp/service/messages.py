"""System messages and debugging of an autonomous system, in IOS's words (outputs/debug_eigrp)."""

from __future__ import annotations

from ipaddress import IPv4Network

from iosemu.box.debugging import DebugFlag
from iosemu.box.device import Device
from iosemu.box.facts import EigrpNeighborDown, EigrpStuckInActive
from iosemu.box.interface_types import short_name
from iosemu.routing.eigrp.events import (
    Blocked,
    Event,
    Fsm,
    Ignored,
    NeighborDown,
    NeighborUp,
    Received,
    Resync,
    Sent,
    StuckInActive,
)
from iosemu.routing.eigrp.packets import AuthenticationMode, Flags, Opcode, Packet
from iosemu.subjects.eigrp.config import (
    FSM_DEBUG,
    NEIGHBORS_DEBUG,
    PACKETS_DEBUG,
    ROUTES_DEBUG,
    EigrpProcess,
    EigrpStyle,
)

DEBUG = 7
_NAMES = {
    Opcode.UPDATE: "UPDATE", Opcode.REQUEST: "REQUEST", Opcode.QUERY: "QUERY", Opcode.REPLY: "REPLY",
    Opcode.HELLO: "HELLO", Opcode.SIA_QUERY: "SIAQUERY", Opcode.SIA_REPLY: "SIAREPLY",
}  # fmt: skip
_FLAGS = (
    (Flags.INIT, "INIT"),
    (Flags.CONDITIONAL, "CR"),
    (Flags.RESTART, "RS"),
    (Flags.END_OF_TABLE, "EOT"),
)


class Messages:
    """Tells in the log what happens."""

    def __init__(self, device: Device, config: EigrpProcess) -> None:
        self.device = device
        self.config = config
        self.kinds: frozenset[str] = frozenset()
        """The kinds of packets that `debug eigrp packets` tells of; empty: all."""

    @property
    def modern(self) -> bool:
        """The words of 15.x."""
        return self.device.image.style(EigrpStyle).modern

    def event(self, event: Event) -> None:
        """Log an event if IOS does."""
        match event:
            case NeighborUp():
                self._neighbor(event.interface, str(event.address), "is up: new adjacency")
                self._debug(NEIGHBORS_DEBUG, f"EIGRP: New peer {event.address}")
            case NeighborDown():
                self._neighbor(event.interface, str(event.address), f"is down: {event.reason}")
                text = f"EIGRP: Neighbor {event.address} went down on {self._where(event.interface)}"
                self._debug(NEIGHBORS_DEBUG, text)
                self.device.tell(EigrpNeighborDown(self.config.number, event.address))
            case Resync():
                verb = "is resync" if self.modern else "resync"
                self._neighbor(event.interface, str(event.address), f"{verb}: {event.reason}")
            case Blocked():
                self._blocked(event)
            case StuckInActive():
                number = self.config.number
                text = f"Route {event.network} stuck-in-active state in base {number}.  Cleaning up"
                if not self.modern:
                    text = (
                        f"Route {event.network} stuck-in-active state in IP-EIGRP(0) {number}.  Cleaning up"
                    )
                about = EigrpStuckInActive(number, event.network)
                self.device.log("DUAL", 3, "SIA", text, about=about)
            case Sent():
                self._sent(event)
            case Received():
                self._received(event)
            case Ignored():
                self._ignored(event)
            case Fsm():
                self._debug(FSM_DEBUG, f"DUAL: {event.text}")

    @property
    def _prefix(self) -> str:
        return f"EIGRP-IPv4 {self.config.number}:" if self.modern else f"IP-EIGRP(0) {self.config.number}:"

    def _neighbor(self, interface: str, address: str, text: str) -> None:
        if self.config.log_changes:
            self.device.log("DUAL", 5, "NBRCHANGE", f"{self._prefix} Neighbor {address} ({interface}) {text}")

    def _blocked(self, event: Blocked) -> None:
        if not self.config.log_warnings:
            return
        name = short_name(event.interface)
        if self.modern:
            text = f"Neighbor {event.address} ({event.interface}) is blocked: not on common subnet ({event.expected})"
            self.device.log("DUAL", 6, "NBRINFO", f"{self._prefix} {text}")
        else:
            text = f"IP-EIGRP(Default-IP-Routing-Table:{self.config.number}): Neighbor {event.address}"
            self.device.log("", 6, "", f"{text} not on common subnet for {name}")

    def route(self, network: IPv4Network, distance: int, metric: int, installed: bool) -> None:
        """A route went into the routing table, or left it."""
        word = "installed" if installed else "deleted"
        number = self.config.number
        if self.modern:
            text = f"EIGRP-IPv4({number}): table(default): route {word} for {network} ({distance}/{metric})"
        else:
            text = f"IP-EIGRP(Default-IP-Routing-Table:{number}): route {word} for {network} ({distance}/{metric})"
        self._debug(ROUTES_DEBUG, text)

    # --- debugging -------------------------------------------------------------------------------------

    def _debug(self, flag: DebugFlag, text: str) -> None:
        if self.device.debugging.on(flag):
            self.device.log("", DEBUG, "", text)

    def _name(self, packet: Packet) -> str:
        return "ACK" if packet.is_acknowledgement else _NAMES.get(Opcode(packet.opcode), "UNKNOWN")

    def _flags(self, packet: Packet) -> str:
        if not self.modern:
            return f"0x{packet.flags:X}"
        words = [word for flag, word in _FLAGS if packet.flags & flag]
        return f"0x{packet.flags:X}:({' '.join(words) or 'NULL'})"

    def _where(self, interface: str) -> str:
        return short_name(interface) if self.modern else interface

    def _line(self, packet: Packet, peer: bool, queued: int) -> str:
        indent = "  " if self.modern else ""
        queue = "interfaceQ 0/0" if self.modern else "idbQ 0/0"
        tail = f" peerQ un/rely 0/{queued}" if peer else ""
        sequence = f"Seq {packet.sequence}/{packet.acknowledge}"
        return f"{indent}AS {packet.system}, Flags {self._flags(packet)}, {sequence} {queue} iidbQ un/rely 0/0{tail}"

    def _told(self, packet: Packet) -> bool:
        """Whether packets of this kind are to be told of."""
        if not self.device.debugging.on(PACKETS_DEBUG):
            return False
        return not self.kinds or self._name(packet).replace("-", "").replace("_", "") in self.kinds

    def _sent(self, event: Sent) -> None:
        if not self._told(event.packet):
            return
        text = f"EIGRP: Sending {self._name(event.packet)} on {self._where(event.interface)}"
        if self.modern:
            text += f" - paklen {event.length - 20}"
        if event.neighbor is not None:
            text += f" nbr {event.neighbor}"
            if event.retry:
                text += f", retry {event.retry}, RTO {event.rto}" + (" tid 0" if self.modern else "")
        self._debug(PACKETS_DEBUG, text)
        self._debug(PACKETS_DEBUG, self._line(event.packet, event.neighbor is not None, event.queued))

    def _received(self, event: Received) -> None:
        if not self._told(event.packet):
            return
        proof = event.packet.proof
        if proof is not None:
            mode = AuthenticationMode.MD5 if proof.kind == 2 else AuthenticationMode.SHA
            word = "MD5" if mode is AuthenticationMode.MD5 else "HMAC-SHA-256"
            self._debug(
                PACKETS_DEBUG, f"EIGRP: received packet with {word} authentication, key id = {proof.key}"
            )
        text = f"EIGRP: Received {self._name(event.packet)} on {self._where(event.interface)}"
        if self.modern:
            text += f" - paklen {event.length - 20}"
        self._debug(PACKETS_DEBUG, f"{text} nbr {event.source}")
        self._debug(PACKETS_DEBUG, self._line(event.packet, event.known, event.queued))

    def _ignored(self, event: Ignored) -> None:
        where = self._where(event.interface)
        text = f"EIGRP: {where}: ignored packet from {event.source}, opcode = {event.opcode} ({event.reason})"
        self._debug(PACKETS_DEBUG, text)
