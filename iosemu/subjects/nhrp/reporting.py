"""What NHRP says of itself: `debug nhrp`, and the messages of `logging dmvpn`."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.nhrp.cache import Entry, Origin
from iosemu.nhrp.engine import Engine
from iosemu.nhrp.events import (
    Added,
    Event,
    Received,
    Refused,
    RegistrationRefused,
    Removed,
    Sent,
    ServerChanged,
)
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.packets.nhrp import Code, ErrorCode, ExtensionType, Flag, Kind, NhrpPacket
from iosemu.subjects.nhrp.config import CACHE, DEBUG_FLAGS, EXTENSION, PACKET, PROTOCOL, DmvpnLogging

KINDS: dict[int, str] = {
    Kind.RESOLUTION_REQUEST: "Resolution Request",
    Kind.RESOLUTION_REPLY: "Resolution Reply",
    Kind.REGISTRATION_REQUEST: "Registration Request",
    Kind.REGISTRATION_REPLY: "Registration Reply",
    Kind.PURGE_REQUEST: "Purge Request",
    Kind.PURGE_REPLY: "Purge Reply",
    Kind.ERROR_INDICATION: "Error Indication",
    Kind.TRAFFIC_INDICATION: "Traffic Indication",
}
CODES: dict[int, str] = {
    Code.SUCCESS: "no error",
    Code.PROHIBITED: "administratively prohibited",
    Code.INSUFFICIENT_RESOURCES: "insufficient resources",
    Code.NO_BINDING: "no binding exists",
    Code.NOT_UNIQUE: "binding is not unique",
    Code.ALREADY_REGISTERED: "unique address registered already",
}
ERRORS: dict[int, str] = {
    ErrorCode.UNRECOGNIZED_EXTENSION: "unrecognized extension",
    ErrorCode.LOOP: "NHRP loop detected",
    ErrorCode.PROTOCOL_UNREACHABLE: "protocol address unreachable",
    ErrorCode.PROTOCOL_ERROR: "protocol generic error",
    ErrorCode.SIZE_EXCEEDED: "NHRP SDU size exceeded",
    ErrorCode.INVALID_EXTENSION: "invalid extension",
    ErrorCode.INVALID_REPLY: "invalid reply",
    ErrorCode.AUTHENTICATION_FAILURE: "authentication failure",
    ErrorCode.HOP_COUNT_EXCEEDED: "hop count exceeded",
}
EXTENSIONS: dict[int, str] = {
    ExtensionType.RESPONDER: "Responder Address",
    ExtensionType.FORWARD_TRANSIT: "Forward Transit NHS Record",
    ExtensionType.REVERSE_TRANSIT: "Reverse Transit NHS Record",
    ExtensionType.AUTHENTICATION: "Authentication",
    ExtensionType.NAT_ADDRESS: "NAT address",
}
DEBUG = 7


def named(names: dict[int, str], number: int) -> str:
    """`no error(0)`."""
    return f"{names.get(number, 'unknown')}({number})"


class Reporter:
    """Writes what engines tell into the log of a box, as far as it is asked for."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self._last: dict[tuple[str, str], float] = {}
        """When a message was last written, by its name and its tunnel."""

    def tell(self, engine: Engine, event: Event) -> None:
        """Say what happened."""
        if isinstance(event, RegistrationRefused):
            code = named(CODES, event.code)
            text = f"Receive Registration Reply packet with error - {code}"
            self.device.log("NHRP", 3, "PAKREPLY", text)
        if self.device.config.of(DmvpnLogging).enabled:
            self._syslog(engine, event)
        debugging = self.device.debugging
        if debugging.any and any(debugging.on(flag) for flag in DEBUG_FLAGS):
            for line in self._debug(engine, event):
                self.device.log("", DEBUG, "", line)

    def unconfigured(self, interface: str, outer: IPv4Packet) -> None:
        """A message came out of a tunnel that has no network id."""
        if self.device.config.of(DmvpnLogging).enabled:
            text = f"{interface}: NHRP packet from {outer.source} on a tunnel without network-id"
            self._write(5, "NHRP_NETID_UNCONFIGURED", interface, text)

    # --- messages ------------------------------------------------------------------------------------

    def _write(self, severity: int, mnemonic: str, interface: str, text: str) -> None:
        limit = self.device.config.of(DmvpnLogging).rate_limit
        last = self._last.get((mnemonic, interface))
        if limit is not None and last is not None and self.device.now - last < limit:
            return
        self._last[mnemonic, interface] = self.device.now
        self.device.log("DMVPN", severity, mnemonic, text)

    def _syslog(self, engine: Engine, event: Event) -> None:
        name = engine.interface
        if isinstance(event, ServerChanged):
            state = "UP" if event.up else "DOWN"
            self._write(5, "NHRP_NHS", name, f"{name} {event.address} is {state}")
        elif isinstance(event, Added) and event.entry.registered:
            address = event.entry.network.network_address
            self._write(5, "NHRP_CACHE", name, f"Client {address} on {name} Registered.")
        elif isinstance(event, Removed) and event.entry.registered:
            address = event.entry.network.network_address
            self._write(5, "NHRP_CACHE", name, f"Client {address} on {name} went DOWN.")
        elif isinstance(event, RegistrationRefused):
            self._write(3, "NHRP_ERROR", name, f"Registration Request failed for {event.address} on {name}")
        elif isinstance(event, Refused):
            self._write(3, "NHRP_ERROR", name, f"Packet from {event.nbma} refused on {name}: {event.reason}")

    # --- debugging -----------------------------------------------------------------------------------

    def _debug(self, engine: Engine, event: Event) -> Iterator[str]:
        on, name = self.device.debugging.on, engine.interface
        if isinstance(event, Sent | Received):
            if on(PROTOCOL) or on(PACKET):
                yield from self._message(name, event)
            if on(PACKET):
                yield from _details(event.packet, event.size)
            if on(EXTENSION):
                yield from _extensions(event.packet)
            if isinstance(event, Received) and event.packet.kind == Kind.ERROR_INDICATION and on(PROTOCOL):
                yield f"NHRP: Error Indication: {named(ERRORS, event.packet.error_code)}"
        elif isinstance(event, Refused) and on(PROTOCOL):
            yield f"NHRP: Packet from {event.nbma} on {name} refused: {event.reason}"
        elif isinstance(event, ServerChanged) and on(PROTOCOL):
            yield f"NHRP: NHS {'up' if event.up else 'down'}: {event.address}"
        elif isinstance(event, Added) and on(CACHE):
            yield f"NHRP: {name}: Cache add for target {event.entry.network} next-hop {_hop(event.entry)}"
        elif isinstance(event, Removed) and on(CACHE):
            yield f"NHRP: {name}: Cache delete for target {event.entry.network} next-hop {_hop(event.entry)}"

    def _message(self, name: str, event: Sent | Received) -> Iterator[str]:
        packet, kind = event.packet, KINDS.get(event.packet.kind, "packet")
        if isinstance(event, Sent):
            yield f"NHRP: Attempting to send packet via DEST {packet.destination}"
            if event.taken:
                yield f"NHRP: Encapsulation succeeded.  Tunnel IP addr {event.nbma}"
            else:
                yield f"NHRP: Encapsulation failed.  Tunnel IP addr {event.nbma}"
        verb = "Send" if isinstance(event, Sent) else "Receive"
        yield f"NHRP: {verb} {kind} via {name} vrf 0, packet size: {event.size}"
        yield f" src: {packet.source}, dst: {packet.destination}"


def _hop(entry: Entry) -> str:
    where = "incomplete" if entry.origin is Origin.INCOMPLETE else str(entry.nbma)
    return f"{entry.next_hop} {where}"


def _flags(packet: NhrpPacket) -> Iterator[str]:
    flags = Flag(packet.flags)
    if packet.kind in (Kind.REGISTRATION_REQUEST, Kind.REGISTRATION_REPLY):
        yield "unique" if flags & Flag.REGISTER_UNIQUE else ""
    elif packet.kind in (Kind.PURGE_REQUEST, Kind.PURGE_REPLY):
        yield "no-reply" if flags & Flag.NO_REPLY else ""
    else:
        yield "router" if flags & Flag.ROUTER else ""
        yield "auth" if flags & Flag.AUTHORITATIVE else ""
        yield "dst-stable" if flags & Flag.DESTINATION_STABLE else ""
        yield "unique" if flags & Flag.UNIQUE else ""
        yield "src-stable" if flags & Flag.SOURCE_STABLE else ""
    yield "nat" if flags & Flag.NAT else ""


def _details(packet: NhrpPacket, size: int) -> Iterator[str]:
    tail = sum(4 + len(each.value) for each in packet.extensions) + 4 if packet.extensions else 0
    yield f" (F) afn: IPv4(1), type: IP(800), hop: {packet.hop_count}, ver: 1"
    yield "     shtl: 4(NSAP), sstl: 0(NSAP)"
    yield f"     pktsz: {size} extoff: {size - tail if tail else 0}"
    if packet.kind == Kind.ERROR_INDICATION:
        yield f" (M) error code: {named(ERRORS, packet.error_code)}, offset: {packet.error_offset}"
    elif packet.kind == Kind.TRAFFIC_INDICATION:
        yield " (M) traffic code: redirect(0)"
    else:
        words = "".join(f"{word} " for word in _flags(packet) if word)
        yield f' (M) flags: "{words}", reqid: {packet.request_id} '
    yield f"     src NBMA: {packet.source_nbma}"
    yield f"     src protocol: {packet.source}, dst protocol: {packet.destination}"
    if packet.contents:
        yield f"     Contents of nhrp traffic indication packet: {len(packet.contents)} octets"
    for number, each in enumerate(packet.entries, 1):
        yield f" (C-{number}) code: {named(CODES, each.code)}"
        yield f"       prefix: {each.prefix_length}, mtu: {each.mtu}, hd_time: {each.holding}"
        lengths = [4 if address is not None else 0 for address in (each.nbma, each.protocol)]
        yield (
            f"       addr_len: {lengths[0]}(NSAP), subaddr_len: 0(NSAP), proto_len: {lengths[1]}, "
            f"pref: {each.preference}"
        )
        yield from _addresses(each.nbma, each.protocol)


def _addresses(nbma: IPv4Address | None, protocol: IPv4Address | None) -> Iterator[str]:
    if nbma is not None:
        yield f"       client NBMA: {nbma}"
    if protocol is not None:
        yield f"       client protocol: {protocol}"


def _extensions(packet: NhrpPacket) -> Iterator[str]:
    for each in packet.extensions:
        yield f"  {EXTENSIONS.get(each.type, 'Unknown')} Extension({each.type}):"
        if each.type == ExtensionType.AUTHENTICATION:
            yield "    type:Cleartext(1), data:" + (packet.authentication or "")
        elif each.type in EXTENSIONS and each.value:
            try:
                entries = each.entries
            except MalformedPacket:
                yield "    malformed"
                continue
            for number, entry in enumerate(entries, 1):
                yield f"    (C-{number}) code: {named(CODES, entry.code)}"
                yield from _addresses(entry.nbma, entry.protocol)
