"""Packets of a group: what a member protects, opens and refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.ip.path import In, Out, Transit
from iosemu.ip.stack import IpStack
from iosemu.ipsec import esp, pseudotime
from iosemu.ipsec.ah import ReplayError
from iosemu.ipsec.sadb import ESP
from iosemu.ipsec.selectors import Flow
from iosemu.ipsec.transforms import IntegrityError
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.subjects.acl.config import AclsConfig, Action
from iosemu.subjects.acl.evaluation import Flow as ListedFlow
from iosemu.subjects.acl.evaluation import find
from iosemu.subjects.crypto.service import tracing
from iosemu.subjects.crypto.service.datapath import flow_of
from iosemu.subjects.crypto.service.flow import CryptoFlow
from iosemu.subjects.gdoi.service.member import GroupMember, LiveTek

if TYPE_CHECKING:
    from iosemu.subjects.gdoi.service.gdoi import Gdoi

GDOI_PORT = 848


class GroupTraffic:
    """The packet path of the groups of one box."""

    def __init__(self, gdoi: Gdoi) -> None:
        self.gdoi = gdoi
        self.device = gdoi.device
        self._standing = False

    def stand(self, wanted: bool) -> None:
        """Be in the packets' way while the box is a member of a group."""
        if wanted == self._standing:
            return
        self._standing = wanted
        stack = self.device.service(IpStack)
        if wanted:
            stack.incoming.hook(In.CLEAR_TEXT, self.inbound)
            stack.outgoing.hook(Out.CRYPTO_MAP, self.outbound)
        else:
            stack.incoming.unhook(self.inbound)
            stack.outgoing.unhook(self.outbound)

    def _members_on(self, interface: str) -> list[GroupMember]:
        return [each for each in self.gdoi.members.values() if interface in each.interfaces and each.rules]

    def _denied_here(self, member: GroupMember, flow: ListedFlow) -> bool:
        """Whether the member's own access list keeps a packet in clear."""
        access_list = self.device.config.of(AclsConfig).get(member.entry.access_list)
        line = find(access_list, flow) if access_list is not None else None
        if line is None or line.action is not Action.DENY:
            return False
        line.matches += 1
        return True

    def _flow(
        self, member: GroupMember, interface: str, packet: IPv4Packet, *, inbound: bool
    ) -> CryptoFlow | None:
        """What of the group's policy protects a packet."""
        listed = ListedFlow.of(packet)
        if self._denied_here(member, listed.reversed() if inbound else listed):
            return None
        described = flow_of(packet)
        if inbound:
            described = Flow(
                described.destination,
                described.source,
                described.protocol,
                described.destination_port,
                described.source_port,
            )
        for rule in member.rules:
            if rule.selector.outbound(described):
                return member.flows.get((interface, rule.selector)) if rule.permit else None
        return None

    def _is_own(self, packet: IPv4Packet) -> bool:
        """GDOI, IKE and ESP that this box itself sends."""
        if not self.gdoi.crypto.fronts.is_ours(packet.source):
            return False
        return packet.protocol == ESP or self._is_gdoi(packet)

    def _is_gdoi(self, packet: IPv4Packet) -> bool:
        if packet.protocol != Protocol.UDP or packet.fragment_offset:
            return False
        return int.from_bytes(packet.payload[2:4]) == GDOI_PORT

    # --- out -----------------------------------------------------------------------------------------------

    def outbound(self, transit: Transit) -> bool:
        """Protect what the group's policy says; without a key it is dropped."""
        packet = transit.packet
        assert transit.out is not None
        if transit.protect is not None or packet.is_group or self._is_own(packet):
            return True
        interface = transit.out.name
        for member in self._members_on(interface):
            flow = self._flow(member, interface, packet, inbound=False)
            if flow is None:
                continue
            return self._protect(transit, member, flow, interface)
        return True

    def _protect(self, transit: Transit, member: GroupMember, flow: CryptoFlow, interface: str) -> bool:
        packet, crypto = transit.packet, self.gdoi.crypto
        pair = flow.current(self.device.now)
        context = self.device.scheduler.context
        if context is not None:
            tracing.matched(self.device, context, interface, member.entry, None, flow.selector)
        if pair is None:
            if context is not None:
                tracing.no_sa(self.device, context, flow.selector, member.group.servers)
            flow.counters.no_sa += 1
            flow.counters.send_errors += 1
            return False
        if context is not None:
            tracing.protected(self.device, context, pair)
        chosen = pair
        transit.protect = lambda: crypto.traffic.protect(packet, flow, chosen, interface)
        return True

    # --- in ------------------------------------------------------------------------------------------------

    def inbound(self, transit: Transit) -> bool:
        """Open what comes under a key of the group, whoever it is for; refuse what should have."""
        packet = transit.packet
        assert transit.came_in is not None
        interface = transit.came_in.name
        members = self._members_on(interface)
        if not members:
            return True
        if packet.protocol == ESP and not packet.is_fragment:
            return self._open(transit, members, interface)
        if self._is_gdoi(packet) and transit.vrf.is_local(packet.destination):
            return True
        for member in members:
            flow = self._flow(member, interface, packet, inbound=True)
            if flow is None:
                continue
            if self.device.scheduler.context is not None:
                tracing.came_clear(
                    self.device, self.device.scheduler.context, interface, member.entry, None, flow.selector
                )
            self.gdoi.crypto.alarms.say(
                "RECVD_PKT_NOT_IPSEC",
                f"Rec'd packet not an IPSEC packet. (ip) vrf/dest_addr= /{packet.destination}, "
                f"src_addr= {packet.source}, prot= {packet.protocol}",
                packet.source,
            )
            return False
        return True

    def _open(self, transit: Transit, members: list[GroupMember], interface: str) -> bool:
        packet = transit.packet
        spi = int.from_bytes(packet.payload[:4])
        for member in members:
            for live in member.teks:
                if live.tek.spi == spi:
                    inner = self._opened(packet, member, live, interface)
                    if inner is not None:
                        self.device.service(IpStack).decapsulated(inner, interface)
                    return False
        ours = self.gdoi.crypto.sadb.inbound(ESP, spi) is not None
        if ours or not any(self._flow(each, interface, packet, inbound=True) for each in members):
            return True
        context = self.device.scheduler.context
        if context is not None:
            tracing.refused(self.device, context, f"there is no SA with SPI {spi:#010x}")
        self.gdoi.crypto.alarms.invalid_spi(packet, ESP, spi)
        return False

    def _opened(
        self, packet: IPv4Packet, member: GroupMember, live: LiveTek, interface: str
    ) -> IPv4Packet | None:
        """The packet inside; None when it is refused, which is counted."""
        sa, context = live.pair.inbound[0], self.device.scheduler.context
        try:
            payload, following = esp.decapsulate(sa, packet.payload)
            if live.pair.clock is not None:
                if following != pseudotime.NEXT_HEADER or live.tek.replay is None:
                    raise ValueError("no stamp")
                payload = pseudotime.opened(payload, live.pair.clock(), live.tek.replay.window)
            elif following != esp.IP_IN_IP:
                raise ValueError("no IP packet")
            inner = IPv4Packet.parse(payload)
        except (ReplayError, IntegrityError, ValueError, MalformedPacket) as error:
            self._refused(packet, member, interface, error)
            return None
        if context is not None:
            tracing.opened(self.device, context, live.pair)
        live.pair.last_used = self.device.now
        flow = self._flow(member, interface, inner, inbound=True)
        if flow is not None:
            flow.counters.decaps += 1
        return inner

    def _refused(self, packet: IPv4Packet, member: GroupMember, interface: str, error: Exception) -> None:
        alarms, context = self.gdoi.crypto.alarms, self.device.scheduler.context
        flow = next((each for (name, _), each in member.flows.items() if name == interface), None)
        if isinstance(error, ReplayError):
            counter, mnemonic, text = "replay_failed", "PKT_REPLAY_ERR", "decrypt: replay check failed"
        elif isinstance(error, IntegrityError):
            counter, mnemonic, text = "verify_failed", "RECVD_PKT_MAC_ERR", "decrypt: mac verify failed for"
        else:
            counter, mnemonic, text = "decaps_failed", "", "what is in it is malformed"
        if context is not None:
            tracing.refused(self.device, context, text)
        if flow is not None:
            flow.counters.receive_errors += 1
            setattr(flow.counters, counter, getattr(flow.counters, counter) + 1)
        if mnemonic:
            number = next((live.pair.inbound[0].conn_id for live in member.teks), 0)
            alarms.say(mnemonic, f"{text} connection id={number}", packet.source)
