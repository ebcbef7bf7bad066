"""Matching packets against access lists."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.subjects.acl.config import ANY_OPTION, AccessList, Action, Entry
from iosemu.subjects.acl.groups import ServiceMember
from iosemu.subjects.acl.reflexive import SessionKey

TCP_ACK_OR_RST = 0x14
_WITH_PORTS = frozenset((Protocol.TCP, Protocol.UDP))


@dataclass(frozen=True, slots=True)
class Flow:
    """What an access list looks at in a packet."""

    protocol: int
    source: int
    destination: int
    source_port: int | None = None
    destination_port: int | None = None
    icmp_type: int | None = None
    icmp_code: int | None = None
    tcp_flags: int = 0
    later_fragment: bool = False
    tos: int = 0
    """The octet of the header that was once the type of service."""
    ttl: int = 255
    options: bytes = b""

    @classmethod
    def of(cls, packet: IPv4Packet) -> Flow:
        """The flow that a packet belongs to; a later fragment shows no ports."""
        source_port = destination_port = icmp_type = icmp_code = None
        flags = 0
        data = packet.payload
        if packet.fragment_offset == 0:
            if packet.protocol in _WITH_PORTS and len(data) >= 4:
                source_port = data[0] << 8 | data[1]
                destination_port = data[2] << 8 | data[3]
                if packet.protocol == Protocol.TCP and len(data) >= 14:
                    flags = data[13]
            elif packet.protocol == Protocol.ICMP and len(data) >= 2:
                icmp_type, icmp_code = data[0], data[1]
        return cls(
            packet.protocol,
            int(packet.source),
            int(packet.destination),
            source_port,
            destination_port,
            icmp_type,
            icmp_code,
            flags,
            packet.fragment_offset > 0,
            packet.tos,
            packet.ttl,
            packet.options,
        )

    @property
    def session(self) -> SessionKey:
        """The session that the packet is an answer of, should it be one; a fragment shows no ports."""
        ports = self.protocol in _WITH_PORTS
        return SessionKey(
            int(self.protocol),
            self.source,
            self.source_port if ports else None,
            self.destination,
            self.destination_port if ports else None,
        )

    def reversed(self) -> Flow:
        """The answers to this flow."""
        return Flow(
            self.protocol,
            self.destination,
            self.source,
            self.destination_port,
            self.source_port,
            self.icmp_type,
            self.icmp_code,
            self.tcp_flags,
            self.later_fragment,
            self.tos,
            self.ttl,
            self.options,
        )


def entry_matches(entry: Entry, flow: Flow) -> bool:
    """Whether one entry is about `flow`.

    A later fragment meets an entry with ports only when the entry permits (it cannot be told apart).
    """
    if entry.evaluate:
        return entry.reflexive is not None and flow.session in entry.reflexive.sessions
    if entry.protocol is not None and entry.protocol != flow.protocol:
        return False
    if entry.schedule is not None and not entry.schedule.active:
        return False
    if not entry.source.matches(flow.source) or not entry.destination.matches(flow.destination):
        return False
    if entry.fragments and not flow.later_fragment:
        return False
    if not _header_matches(entry, flow):
        return False
    if entry.service and not flow.later_fragment:
        return entry.services is not None and any(_serves(each, flow) for each in entry.services.every())
    layer4 = entry.source_ports or entry.destination_ports or entry.icmp_type is not None
    if (
        layer4 or entry.established or entry.tcp_flags or entry.flags or entry.service
    ) and flow.later_fragment:
        return entry.action is Action.PERMIT
    if entry.source_ports and not entry.source_ports.matches(flow.source_port):
        return False
    if entry.destination_ports and not entry.destination_ports.matches(flow.destination_port):
        return False
    if entry.icmp_type is not None and (
        entry.icmp_type != flow.icmp_type or entry.icmp_code not in (None, flow.icmp_code)
    ):
        return False
    if entry.tcp_flags and not flow.tcp_flags & entry.tcp_flags:
        return False
    if entry.flags is not None and not entry.flags.matches(flow.tcp_flags):
        return False
    return not entry.established or bool(flow.tcp_flags & TCP_ACK_OR_RST)


def _header_matches(entry: Entry, flow: Flow) -> bool:
    """What an entry asks of the IP header besides protocol and addresses."""
    if entry.dscp is not None and entry.dscp != flow.tos >> 2:
        return False
    if entry.precedence is not None and entry.precedence != flow.tos >> 5:
        return False
    if entry.tos is not None and entry.tos != flow.tos >> 1 & 0xF:
        return False
    if entry.ttl is not None and not entry.ttl.matches(flow.ttl):
        return False
    if entry.option is None:
        return True
    options = option_types(flow.options)
    return bool(options) if entry.option == ANY_OPTION else entry.option in options


def option_types(options: bytes) -> set[int]:
    """The options in a header (RFC 791 section 3.1); what is cut off ends them."""
    found: set[int] = set()
    at = 0
    while at < len(options):
        kind = options[at]
        found.add(kind)
        if kind == 0:
            break
        length = 1 if kind == 1 else options[at + 1] if at + 1 < len(options) else 0
        if length < 1:
            break
        at += length
    return found


def _serves(member: ServiceMember, flow: Flow) -> bool:
    """Whether a line of a service group is about a flow."""
    if member.protocols and flow.protocol not in member.protocols:
        return False
    if member.source is not None and not member.source.matches(flow.source_port):
        return False
    if member.destination is not None and not member.destination.matches(flow.destination_port):
        return False
    return member.icmp is None or (
        member.icmp.icmp_type == flow.icmp_type and member.icmp.icmp_code in (None, flow.icmp_code)
    )


def find(access_list: AccessList, flow: Flow) -> Entry | None:
    """The first entry about `flow`, without counting; None: the implicit deny at the end."""
    for entry in access_list.items.values():
        if entry_matches(entry, flow):
            return entry
    return None


def check(access_list: AccessList, flow: Flow) -> Entry | None:
    """As `find`, and counts the match."""
    entry = find(access_list, flow)
    if entry is not None and not entry.evaluate:
        entry.matches += 1
    return entry
