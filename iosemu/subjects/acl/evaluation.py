"""Matching packets against access lists."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.subjects.acl.config import AccessList, AclsConfig, Action, Entry

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
    dscp: int = 0

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
            packet.dscp,
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
            self.dscp,
        )


def entry_matches(entry: Entry, flow: Flow) -> bool:
    """Whether one entry is about `flow`.

    A later fragment meets an entry with ports only when the entry permits (it cannot be told apart).
    """
    if entry.protocol is not None and entry.protocol != flow.protocol:
        return False
    if not entry.source.matches(flow.source) or not entry.destination.matches(flow.destination):
        return False
    if entry.fragments and not flow.later_fragment:
        return False
    if entry.dscp is not None and entry.dscp != flow.dscp:
        return False
    layer4 = entry.source_ports or entry.destination_ports or entry.icmp_type is not None
    if (layer4 or entry.established or entry.tcp_flags) and flow.later_fragment:
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
    return not entry.established or bool(flow.tcp_flags & TCP_ACK_OR_RST)


def find(access_list: AccessList, flow: Flow) -> Entry | None:
    """The first entry about `flow`, without counting; None: the implicit deny at the end."""
    for entry in access_list.items.values():
        if entry_matches(entry, flow):
            return entry
    return None


def check(access_list: AccessList, flow: Flow) -> Entry | None:
    """As `find`, and counts the match."""
    entry = find(access_list, flow)
    if entry is not None:
        entry.matches += 1
    return entry


def permits(acls: AclsConfig | None, name: str | None, packet: IPv4Packet) -> bool:
    """Whether an access group lets a packet pass, counting the match.

    No group, a list that does not exist and one without entries let everything pass, as on IOS.
    """
    access_list = acls.get(name) if acls is not None else None
    if access_list is None or not access_list.items:
        return True
    entry = check(access_list, Flow.of(packet))
    return entry is not None and entry.action is Action.PERMIT


def permits_address(acls: AclsConfig | None, name: str, address: IPv4Address) -> bool:
    """Whether a list permits a source address (`access-class`), counting the match."""
    return permits(acls, name, IPv4Packet(address, IPv4Address(0), Protocol.TCP, b""))
