"""What is done with a packet that came (RFC 7868 5.3, 5.4)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from iosemu.routing.eigrp.dual import ACTIVE_FLAG
from iosemu.routing.eigrp.events import Blocked, Fsm, NeighborDown, Resync
from iosemu.routing.eigrp.neighbor import Neighbor, Port
from iosemu.routing.eigrp.packets import Flags, Opcode, Packet, shows
from iosemu.routing.eigrp.tlvs import (
    GOODBYE,
    NextSequence,
    Parameters,
    RouteTlv,
    Sequence,
    Software,
    Stub,
    Termination,
)
from iosemu.routing.eigrp.topology import Entry

if TYPE_CHECKING:
    from iosemu.routing.eigrp.engine import Eigrp

_K_VALUES = 5
_ANY = IPv4Address(0)


def unproven(port: Port, packet: Packet, payload: bytes, source: IPv4Address) -> str:
    """Why a packet is not believed; empty: it is."""
    mode, keys = port.config.authentication, port.config.keys
    if mode is None or keys is None:
        return ""
    if packet.proof is None:
        return "missing authentication"
    if any(shows(payload, packet, mode, key, source) for key in keys.accepting()):
        return ""
    return "invalid authentication"


def take(engine: Eigrp, port: Port, source: IPv4Address, packet: Packet, now: float) -> None:
    """Do what a packet says."""
    neighbor = port.neighbors.get(source)
    if packet.opcode == Opcode.HELLO and not packet.is_acknowledgement:
        _hello(engine, port, source, packet, now)
        return
    if neighbor is None:
        return
    neighbor.expires = now + neighbor.hold
    initial = bool(packet.flags & Flags.INIT) and not packet.flags & Flags.RESTART
    again = packet.sequence == neighbor.first_sequence == neighbor.last_sequence
    if packet.sequence and initial and neighbor.started and not again:
        if neighbor.greeted:
            engine.neighbor_down(neighbor, "peer restarted", now)
            neighbor = engine.new_neighbor(port, source, neighbor.hold, now)
        else:
            neighbor.started = False  # it begins again while it has not heard our beginning
    if packet.sequence:
        first = not neighbor.started
        if not engine.transport.accepts(neighbor, packet):
            if packet.acknowledge and neighbor.started:
                engine.transport.acknowledged(neighbor, packet.acknowledge, now)
            return
        if first:
            neighbor.first_sequence = packet.sequence
            engine.exchange(neighbor, now)
    if packet.acknowledge:
        engine.transport.acknowledged(neighbor, packet.acknowledge, now)
    if packet.sequence:
        _reliable(engine, neighbor, packet, now)


# --- hellos ----------------------------------------------------------------------------------------------


def _hello(engine: Eigrp, port: Port, source: IPv4Address, packet: Packet, now: float) -> None:
    neighbor = port.neighbors.get(source)
    own = {each.ip for each in port.config.addresses}
    parameters = next((each for each in packet.tlvs if isinstance(each, Parameters)), None)
    if any(isinstance(each, Termination) and own & set(each.addresses) for each in packet.tlvs):
        if neighbor is not None:
            engine.neighbor_down(neighbor, "Interface PEER-TERMINATION received", now)
        return
    if parameters is None:
        if neighbor is not None:
            neighbor.expires = now + neighbor.hold
            _sequences(neighbor, packet, own)
        return
    if parameters.k[:_K_VALUES] == GOODBYE[:_K_VALUES]:
        if neighbor is not None:
            engine.neighbor_down(neighbor, "Interface Goodbye received", now)
        return
    common = port.config.unnumbered or any(source in each.network for each in port.config.addresses)
    if not common:
        engine.note(Blocked(port.name, source, str(port.config.address)))
        return
    if parameters.k[:_K_VALUES] != engine.config.weights.k[:_K_VALUES]:
        if neighbor is not None:
            engine.neighbor_down(neighbor, "K-value mismatch", now)
        else:
            engine.note(NeighborDown(port.name, source, "K-value mismatch"))
        return
    if neighbor is None:
        neighbor = engine.new_neighbor(port, source, float(parameters.hold), now)
    neighbor.hold = float(parameters.hold)
    neighbor.expires = now + neighbor.hold
    for each in packet.tlvs:
        if isinstance(each, Software):
            neighbor.release, neighbor.tlv = each.release, each.tlv
    neighbor.stub = next((each.flags for each in packet.tlvs if isinstance(each, Stub)), None)
    _sequences(neighbor, packet, own)


def _sequences(neighbor: Neighbor, packet: Packet, own: set[IPv4Address]) -> None:
    """Conditional receive: who is not listed takes the next multicast (RFC 7868 5.2.2)."""
    listed = next((each for each in packet.tlvs if isinstance(each, Sequence)), None)
    number = next((each.number for each in packet.tlvs if isinstance(each, NextSequence)), None)
    if listed is not None:
        neighbor.conditional = None if own & set(listed.addresses) else number


# --- routes ----------------------------------------------------------------------------------------------


def _reliable(engine: Eigrp, neighbor: Neighbor, packet: Packet, now: float) -> None:
    if packet.flags & Flags.RESTART and packet.flags & Flags.INIT and packet.opcode == Opcode.UPDATE:
        engine.note(Resync(neighbor.port.name, neighbor.address, "peer graceful-restart"))
        neighbor.stale = set(neighbor.heard)
        engine.advertising.table(neighbor, now)
    engine.gateways[neighbor.address] = now
    for tlv in packet.tlvs:
        if isinstance(tlv, RouteTlv):
            for network in tlv.destinations:
                _route(engine, neighbor, packet.opcode, network, tlv, now)
    if packet.flags & Flags.END_OF_TABLE and packet.opcode == Opcode.UPDATE:
        for network in list(neighbor.stale):
            known = neighbor.heard[network]
            lost = RouteTlv((network,), known.vector.lost(), outside=known.outside)
            _update(engine, neighbor, network, lost, now)
        neighbor.stale = set()


def _route(
    engine: Eigrp, neighbor: Neighbor, opcode: int, network: IPv4Network, tlv: RouteTlv, now: float
) -> None:
    if network.network_address.is_multicast or network.network_address.is_loopback:
        return
    match opcode:
        case Opcode.UPDATE:
            _update(engine, neighbor, network, tlv, now)
        case Opcode.QUERY:
            entry = _heard(engine, neighbor, network, tlv)
            engine.note(Fsm(f"dual_rcvquery():{network} via {neighbor.address}"))
            known = entry if entry is not None else engine.topology.entry(network)
            engine.dual.queried(known, neighbor, now)
            if entry is None:
                engine.forget(known)
        case Opcode.REPLY:
            entry = _heard(engine, neighbor, network, tlv)
            if entry is not None:
                if entry.active:
                    engine.dual.replied(entry, neighbor, now)
                else:
                    engine.dual.settle(entry, now)
        case Opcode.SIA_QUERY:
            engine.dual.sia_queried(engine.topology.entries.get(network), neighbor, tlv, now)
        case Opcode.SIA_REPLY:
            entry = engine.topology.entries.get(network)
            if entry is not None:
                still = bool(tlv.vector.flags & ACTIVE_FLAG)
                if not still:
                    _heard(engine, neighbor, network, tlv)
                engine.dual.sia_replied(entry, neighbor, still, now)
        case _:
            pass


def _heard(engine: Eigrp, neighbor: Neighbor, network: IPv4Network, tlv: RouteTlv) -> Entry | None:
    """Keep what a neighbour says, and put it in the topology table; None: nobody knows the network."""
    neighbor.stale.discard(network)
    own = engine.config.router_id
    if (tlv.outside is not None and tlv.outside.router == own) or tlv.origin == own:
        # our own route came round, or somebody has our router ID (ROUTING.md 4)
        return engine.topology.entries.get(network)
    if tlv.vector.reachable:
        neighbor.heard[network] = tlv
    else:
        neighbor.heard.pop(network, None)
    return engine.learn(neighbor, network, tlv)


def _update(engine: Eigrp, neighbor: Neighbor, network: IPv4Network, tlv: RouteTlv, now: float) -> None:
    entry = engine.topology.entries.get(network)
    state = "active" if entry is not None and entry.active else "not active"
    engine.note(Fsm(f"dest({network}) {state}"))
    entry = _heard(engine, neighbor, network, tlv)
    if entry is None:
        return
    path = entry.paths.get(("learned", neighbor))
    if path is not None:
        engine.note(
            Fsm(f"rcvupdate: {network} via {neighbor.address} metric {path.distance}/{path.reported}")
        )
    engine.dual.settle(entry, now)
