"""`show frame-relay map|pvc|lmi|route`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.clock_text import hms
from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument
from iosemu.ip.serial import has_one_circuit
from iosemu.net.frame_relay.lmi import UserSide
from iosemu.packets.frame_relay import LmiType, address_bits
from iosemu.subjects.frame_relay.config import FrameRelaySettings
from iosemu.subjects.frame_relay.service import Circuit, FrameRelayLine, FrameRelayLines


def _number(dlci: int) -> str:
    return f"dlci {dlci}(0x{dlci:X},0x{address_bits(dlci):X})"


def _status(line: FrameRelayLine, dlci: int) -> str:
    circuit = line.circuits.get(dlci)
    word = circuit.status.lower() if circuit is not None else "deleted"
    return (
        "status deleted" if word == "deleted" else f"status defined, {word if word != 'static' else 'active'}"
    )


def show_map(context: Context) -> Iterator[str]:
    """`show frame-relay map`: who is reached by which circuit."""
    for line in context.device.service(FrameRelayLines).all():
        line_interface = line.interface
        children = list(context.device.interfaces.children(line_interface.name))
        for interface in (line_interface, *children):
            name = f"{interface.name} ({'up' if interface.protocol_up else 'down'})"
            own = interface.config.of(FrameRelaySettings)
            if has_one_circuit(interface.config):
                for circuit in line.circuits_of(interface):
                    yield f"{name}: point-to-point dlci, {_number(circuit.dlci)}, broadcast"
                    yield f"          {_status(line, circuit.dlci)}"
                continue
            for address, each in own.maps.items():
                yield f"{name}: ip {address} {_number(each.dlci)}, static,"
                if each.broadcast:
                    yield "              broadcast,"
                ietf = each.encapsulation == "ietf" or (not each.encapsulation and line.ietf)
                yield f"              {'IETF' if ietf else 'CISCO'}, {_status(line, each.dlci)}"
            for (home, address), found in line.dynamic.items():
                if home == interface.name:
                    yield f"{name}: ip {address} {_number(found.dlci)}, dynamic,"
                    if line.ietf:
                        yield "              broadcast,"
                        yield f"              IETF, {_status(line, found.dlci)}"
                    else:
                        yield f"              broadcast,, {_status(line, found.dlci)}"


def _usage(line: FrameRelayLine, circuit: Circuit) -> str:
    if circuit.dlci in line.settings.routes:
        return "SWITCHED"
    return "LOCAL" if line.is_local(circuit.dlci) else "UNUSED"


def show_pvc(context: Context, interface: str | None = None, dlci: int | None = None) -> Iterator[str]:
    """`show frame-relay pvc [interface X] [N]`."""
    device = context.device
    if interface is not None and interface not in device.interfaces:
        raise InvalidArgument("interface")
    for line in device.service(FrameRelayLines).all():
        if interface not in (None, line.interface.name):
            continue
        circuits = [each for each in line.circuits.values() if dlci in (None, each.dlci)]
        role = "DCE" if line.is_network else "DTE"
        yield ""
        yield f"PVC Statistics for interface {line.interface.name} (Frame Relay {role})"
        if dlci is None:
            yield ""
            yield "              Active     Inactive      Deleted       Static"
            for usage in ("Local", "Switched", "Unused"):
                counts = [
                    sum(_usage(line, each) == usage.upper() and each.status == word for each in circuits)
                    for word in ("ACTIVE", "INACTIVE", "DELETED", "STATIC")
                ]
                yield f"  {usage:<8}{counts[0]:>8}{counts[1]:>13}{counts[2]:>13}{counts[3]:>13}"
        for each in circuits:
            yield from _pvc(line, each, device.now)


def _pvc(line: FrameRelayLine, circuit: Circuit, now: float) -> Iterator[str]:
    c = circuit.counters
    usage = _usage(line, circuit)
    home = line.home_of(circuit.dlci).name
    yield ""
    yield f"DLCI = {circuit.dlci}, DLCI USAGE = {usage}, PVC STATUS = {circuit.status}, INTERFACE = {home}"
    yield ""
    yield f"  input pkts {c.in_packets:<14}output pkts {c.out_packets:<13}in bytes {c.in_octets:<10}"
    yield f"  out bytes {c.out_octets:<15}dropped pkts {c.out_dropped:<12}in pkts dropped 0         "
    yield f"  out pkts dropped {c.out_dropped:<17}out bytes dropped 0         "
    yield "  in FECN pkts 0           in BECN pkts 0           out FECN pkts 0         "
    yield "  out BECN pkts 0          in DE pkts 0             out DE pkts 0         "
    yield f"  out bcast pkts {c.out_broadcasts:<10}out bcast bytes {c.out_broadcast_octets:<10}"
    created, changed = hms(now - circuit.created), hms(now - circuit.changed)
    yield f"  pvc create time {created}, last time pvc status changed {changed}"


def show_lmi(context: Context, interface: str | None = None) -> Iterator[str]:
    """`show frame-relay lmi [interface X]`."""
    device = context.device
    if interface is not None and interface not in device.interfaces:
        raise InvalidArgument("interface")
    for line in device.service(FrameRelayLines).all():
        if interface not in (None, line.interface.name):
            continue
        lmi, c = line.lmi, line.lmi.counters
        role = "DTE" if isinstance(lmi, UserSide) else "DCE"
        kind = lmi.kind or LmiType.CISCO
        yield ""
        yield f"LMI Statistics for interface {line.interface.name} (Frame Relay {role}) LMI TYPE = {kind.value}"
        yield "  Invalid Unnumbered info 0             Invalid Prot Disc 0"
        yield f"  Invalid dummy Call Ref 0              Invalid Msg Type {c.invalid}"
        yield "  Invalid Status Message 0              Invalid Lock Shift 0"
        yield "  Invalid Information ID 0              Invalid Report IE Len 0"
        yield "  Invalid Report Request 0              Invalid Keep IE Len 0"
        if role == "DTE":
            yield f"  Num Status Enq. Sent {c.enquiries_sent:<17}Num Status msgs Rcvd {c.status_received}"
            yield f"  Num Update Status Rcvd 0              Num Status Timeouts {c.timeouts}"
        else:
            yield f"  Num Status Enq. Rcvd {c.enquiries_received:<17}Num Status msgs Sent {c.status_sent}"
            yield f"  Num Update Status Sent 0              Num St Enq. Timeouts {c.timeouts}"


def show_route(context: Context) -> Iterator[str]:
    """`show frame-relay route`: what a switch passes on."""
    yield "Input Intf \tInput Dlci \tOutput Intf \tOutput Dlci \tStatus"
    for line in context.device.service(FrameRelayLines).all():
        for dlci, (out, other) in sorted(line.settings.routes.items()):
            circuit = line.circuits.get(dlci)
            status = "active" if circuit is not None and circuit.usable else "inactive"
            yield f"{line.interface.name:<16}{dlci} \t\t{out:<16}{other} \t\t{status}"
