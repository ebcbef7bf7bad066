"""System messages of a process."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.routing.ospf import NeighborState
from iosemu.routing.ospf.events import (
    AreaMismatch,
    ConflictingLsaId,
    DuplicateRouterId,
    Event,
    NeighborChange,
    NetworkTypeMismatch,
    PacketDropped,
    PacketFault,
)
from iosemu.subjects.ospf.config.process import OspfProcess
from iosemu.subjects.ospf.config.style import OspfStyle

STATES = {
    NeighborState.DOWN: "DOWN",
    NeighborState.ATTEMPT: "ATTEMPT",
    NeighborState.INIT: "INIT",
    NeighborState.TWO_WAY: "2WAY",
    NeighborState.EXSTART: "EXSTART",
    NeighborState.EXCHANGE: "EXCHANGE",
    NeighborState.LOADING: "LOADING",
    NeighborState.FULL: "FULL",
}
REPEAT = 60.0
"""Seconds in which the same duplicate router ID is told once."""
_BAD = {PacketFault.CHECKSUM: "Bad Checksum", PacketFault.VERSION: "Bad Version"}


class Messages:
    """Tells in the log what an operator wants to know of the engine's events."""

    def __init__(self, device: Device, config: OspfProcess) -> None:
        self.device = device
        self.config = config
        self._told: dict[tuple[str, IPv4Address], float] = {}

    def event(self, event: Event) -> None:
        """Log an event if IOS does."""
        match event:
            case NeighborChange():
                self._neighbor(event)
            case DuplicateRouterId():
                self._duplicate(event)
            case AreaMismatch(received=0):
                reason = self.device.image.style(OspfStyle).backbone_mismatch
                self._invalid(reason, event.source, event.interface)
            case PacketDropped() if event.fault in _BAD:
                self._invalid(_BAD[event.fault], event.source, event.interface)
            case NetworkTypeMismatch():
                self.device.log(
                    "OSPF", 4, "NET_TYPE_MISMATCH",
                    f"Received Hello from {event.router_id} on {event.interface} indicating a  potential ",
                )  # fmt: skip
                self.device.log("", 4, "", f"{'':30}network type mismatch", continues=True)
            case ConflictingLsaId():
                self.device.log(
                    "OSPF", 4, "CONFLICTING_LSAID",
                    f"Process {self.config.number} area dummy area: LSA origination prevented by LSA with same "
                    "LSID but a different mask",
                )  # fmt: skip
            case _:
                pass

    def _neighbor(self, event: NeighborChange) -> None:
        if self.config.log_changes == "off":
            return
        states = (event.old, event.new)
        named = bool(int(event.router_id))
        wanted = NeighborState.FULL in states or (event.new is NeighborState.DOWN and named)
        if self.config.log_changes != "detail" and not wanted:
            return
        where = f"Process {self.config.number}, Nbr {event.router_id} on {event.interface}"
        change = f"from {STATES[event.old]} to {STATES[event.new]}, {event.reason}"
        self.device.log("OSPF", 5, "ADJCHG", f"{where} {change}")

    def _duplicate(self, event: DuplicateRouterId) -> None:
        key, now = (event.interface, event.source), self.device.now
        if now - self._told.get(key, -REPEAT) < REPEAT:
            return
        self._told[key] = now
        text = f"OSPF detected duplicate router-id {event.router_id} from {event.source}"
        self.device.log("OSPF", 4, "DUP_RTRID_NBR", f"{text} on interface {event.interface}")

    def _invalid(self, reason: str, source: IPv4Address, interface: str) -> None:
        self.device.log("OSPF", 4, "ERRRCV", f"Received invalid packet: {reason} from {source}, {interface}")
