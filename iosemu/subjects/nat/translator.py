"""Packets between inside and outside: which translation each meets, and what becomes of it."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.net.fragment import Reassembler
from iosemu.net.rewrite import Ends, ends_of, quoted, rewrite, rewrite_quoted
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.subjects.acl.config import AclsConfig, Action
from iosemu.subjects.acl.evaluation import Flow, find
from iosemu.subjects.nat.config import NAT_DEBUG, NatConfig, Rule, Static
from iosemu.subjects.nat.conversations import Conversations
from iosemu.subjects.nat.outer_addresses import OuterAddresses
from iosemu.subjects.nat.outside import OutsideSources
from iosemu.subjects.nat.rules import NatRules
from iosemu.subjects.nat.table import Address, Translation
from iosemu.subjects.policy.service import Policies


class Translator:
    """Translates packets; what an interface's side and the rules are it is told."""

    def __init__(
        self, device: Device, rules: NatRules, conversations: Conversations, outside: OutsideSources
    ) -> None:
        self.device = device
        self.rules = rules
        self.conversations = conversations
        self.table = conversations.table
        self.outside = outside
        self.outer = OuterAddresses(device, conversations.table)
        self._reassembler = Reassembler()

    def outward(self, packet: IPv4Packet, out: str, came_in: str | None) -> IPv4Packet | None:
        """A routed packet about to leave by `out`; None: it must not leave as it is, or a piece is missing."""
        if came_in is None or self.rules.side(out) != "outside" or self.rules.side(came_in) != "inside":
            return packet
        vrf, outside_vrf = self.rules.vrf(came_in), self.rules.vrf(out)
        whole = self._reassembler.add(packet, self.device.now)
        if whole is None:
            return None
        ends = ends_of(whole)
        if ends is None:
            return self._error_outward(whole, vrf, outside_vrf)
        beyond = self.outside.to_global(ends, vrf, outside_vrf)
        if beyond is not None:
            ends = Ends(ends.protocol, ends.source, ends.source_port, *beyond)
        entry = self.table.outward(ends, vrf)
        if entry is not None and entry.outside_vrf != outside_vrf:
            return whole
        if entry is None:
            entry, passes = self._begin_outward(whole, ends, out, vrf)
            if entry is None:
                if beyond is not None and passes:
                    return self._log(whole, rewrite(whole, ends))
                return whole if passes else None
            self.conversations.misses += 1
        else:
            self.conversations.hits += 1
        self.conversations.use(entry, whole, ends)
        port = entry.outer[1]
        far = port if ends.protocol == Protocol.ICMP else ends.destination_port
        return self._log(
            whole, rewrite(whole, Ends(ends.protocol, entry.outer[0], port, ends.destination, far))
        )

    def inward(self, packet: IPv4Packet, interface: str) -> tuple[IPv4Packet | None, str | None]:
        """A packet that came in on `interface`, before it is routed; None: a piece of it is missing.

        With it the instance that it is to be routed in; None: as without translation.
        """
        if self.rules.side(interface) != "outside":
            return packet, None
        vrf = self.rules.vrf(interface)
        if packet.is_fragment:
            if not self._known(packet.destination, vrf):
                return packet, None
            whole = self._reassembler.add(packet, self.device.now)
            if whole is None:
                return None, None
            packet = whole
        ends = ends_of(packet)
        if ends is None:
            return self._error_inward(packet, vrf)
        entry = self.table.inward(ends, vrf)
        known = entry is not None
        entry = entry or self._begin_inward(ends, vrf)
        home = entry.vrf if entry is not None else vrf
        near = self.outside.to_local(packet, ends, home, vrf)
        source = near[0] if near is not None else ends.source
        if entry is None:
            if near is not None:
                beyond = Ends(ends.protocol, *near, ends.destination, ends.destination_port)
                return self._log(packet, rewrite(packet, beyond)), None
            return packet, None
        if known:
            self.conversations.hits += 1
        else:
            self.conversations.misses += 1
        self.conversations.use(entry, packet, ends)
        port = entry.local[1]
        far = port if ends.protocol == Protocol.ICMP else near[1] if near is not None else ends.source_port
        told = Ends(ends.protocol, source, far, entry.local[0], port)
        return self._log(packet, rewrite(packet, told)), entry.vrf

    def inside_ends(self, packet: IPv4Packet, interface: str) -> tuple[Ends, str] | None:
        """The ends that a packet from outside will have inside, and the instance that it is routed in there.

        Of an ICMP error those of the packet that it quotes. None: no translation is about it; nothing changes.
        """
        if self.rules.side(interface) != "outside":
            return None
        ends = ends_of(packet)
        inner = quoted(packet) if ends is None else None
        error = ends_of(inner) if inner is not None else None
        if error is not None:
            ends = Ends(
                error.protocol, error.destination, error.destination_port, error.source, error.source_port
            )
        entry = self.table.inward(ends, self.rules.vrf(interface)) if ends is not None else None
        if ends is None or entry is None:
            return None
        port = entry.local[1]
        far = port if ends.protocol == Protocol.ICMP else ends.source_port
        return Ends(ends.protocol, ends.source, far, entry.local[0], port), entry.vrf

    def _known(self, address: IPv4Address, vrf: str) -> bool:
        return any(entry.outer[0] == address and entry.outside_vrf == vrf for entry in self.table) or any(
            static.is_network and static.outside_vrf == vrf and static.mapped(address, back=True) is not None
            for static in self.device.config.of(NatConfig).statics
        )

    def _chooses(self, rule: Rule, flow: Flow, out: str) -> bool:
        """Whether a rule is about a packet that leaves by `out`; the match is counted."""
        if rule.through:
            return rule.leads(IPv4Address(flow.destination), out)
        if rule.route_map:
            policies = self.device.find(Policies)
            return policies is not None and policies.permits_packet(rule.route_map, flow, out)
        access_list = self.device.config.of(AclsConfig).get(rule.access_list)
        line = find(access_list, flow) if access_list is not None else None
        if line is None or line.action is not Action.PERMIT:
            return False
        line.matches += 1
        return True

    def _begin_outward(
        self, packet: IPv4Packet, ends: Ends, out: str, vrf: str
    ) -> tuple[Translation | None, bool]:
        """The new conversation of a packet that goes out, or whether it leaves untranslated."""
        local: Address = (ends.source, ends.source_port)
        outside_vrf = self.rules.vrf(out)
        standing = self.table.standing_for_local(ends.protocol, local, vrf) or self._of_network(
            ends.source, vrf
        )
        if standing is not None and standing.outside_vrf != outside_vrf:
            return None, True
        if standing is None:
            flow = Flow.of(packet)
            for rule in self.rules.all():
                if (rule.vrf, rule.outside_vrf) != (vrf, outside_vrf) or not self._chooses(rule, flow, out):
                    continue
                if rule.overload:
                    outer = self.outer.overloaded(rule, ends.protocol, local)
                    return (self._converse(local, outer, ends, rule) if outer else None), False
                address = self.outer.next_of(rule)
                standing = (
                    self.conversations.add((ends.source, 0), (address, 0), origin=rule) if address else None
                )
                if standing is None:
                    return None, False
                break
        if standing is None:
            return None, True
        port = standing.outer[1] if standing.protocol is not None else ends.source_port
        return self._converse(local, (standing.outer[0], port), ends, standing.origin, standing), False

    def _begin_inward(self, ends: Ends, vrf: str) -> Translation | None:
        """The new conversation of a packet that comes in to a static or simple translation."""
        outer: Address = (ends.destination, ends.destination_port)
        standing = self.table.standing_for_outer(ends.protocol, outer, vrf) or self._of_network(
            ends.destination, vrf, back=True
        )
        if standing is None:
            return None
        port = standing.local[1] if standing.protocol is not None else ends.destination_port
        outside = (ends.source, port if ends.protocol == Protocol.ICMP else ends.source_port)
        local = (standing.local[0], port)
        return self.conversations.add(
            local, outer, protocol=ends.protocol, outside=outside, origin=standing.origin, parent=standing
        )

    def _of_network(self, address: IPv4Address, vrf: str, back: bool = False) -> Translation | None:
        """A simple translation for a host of a network that is mapped as a whole."""
        for static in self.device.config.of(NatConfig).statics:
            if vrf != (static.outside_vrf if back else static.vrf):
                continue
            if static.is_network and (other := static.mapped(address, back=back)) is not None:
                local, outer = (other, address) if back else (address, other)
                return self.conversations.add((local, 0), (outer, 0), origin=static)
        return None

    def _converse(
        self,
        local: Address,
        outer: Address,
        ends: Ends,
        origin: Rule | Static | None,
        parent: Translation | None = None,
    ) -> Translation | None:
        outside = (ends.destination, ends.destination_port)
        return self.conversations.add(
            local, outer, protocol=ends.protocol, outside=outside, origin=origin, parent=parent
        )

    def _error_outward(self, packet: IPv4Packet, vrf: str, outside_vrf: str) -> IPv4Packet | None:
        """An ICMP error from inside: it quotes a packet that was translated on its way in."""
        inner = quoted(packet)
        ends = ends_of(inner) if inner is not None else None
        if inner is None or ends is None:
            return packet
        back = Ends(ends.protocol, ends.destination, ends.destination_port, ends.source, ends.source_port)
        entry = self.table.outward(_query(back, back.source_port), vrf)
        if entry is None or entry.outside_vrf != outside_vrf:
            return packet
        port = entry.outer[1]
        far = port if ends.protocol == Protocol.ICMP else ends.source_port
        told = Ends(ends.protocol, ends.source, far, entry.outer[0], port)
        return self._log(packet, rewrite_quoted(packet, entry.outer[0], packet.destination, inner, told))

    def _error_inward(self, packet: IPv4Packet, vrf: str) -> tuple[IPv4Packet, str | None]:
        """An ICMP error from outside: it quotes a packet that was translated on its way out."""
        inner = quoted(packet)
        ends = ends_of(inner) if inner is not None else None
        if inner is None or ends is None:
            return packet, None
        back = Ends(ends.protocol, ends.destination, ends.destination_port, ends.source, ends.source_port)
        entry = self.table.inward(_query(back, back.destination_port), vrf)
        if entry is None:
            return packet, None
        port = entry.local[1]
        far = port if ends.protocol == Protocol.ICMP else ends.destination_port
        told = Ends(ends.protocol, entry.local[0], port, ends.destination, far)
        after = rewrite_quoted(packet, packet.source, entry.local[0], inner, told)
        return self._log(packet, after), entry.vrf

    def _log(self, before: IPv4Packet, after: IPv4Packet) -> IPv4Packet:
        if self.device.debugging.on(NAT_DEBUG):
            source, destination = str(before.source), str(before.destination)
            if before.source != after.source:
                source += f"->{after.source}"
            if before.destination != after.destination:
                destination += f"->{after.destination}"
            self.device.log("", 7, "", f"NAT*: s={source}, d={destination} [{before.identification}]")
        return after


def _query(ends: Ends, port: int) -> Ends:
    """An ICMP query has one identifier for both ends."""
    if ends.protocol != Protocol.ICMP:
        return ends
    return Ends(ends.protocol, ends.source, port, ends.destination, port)
