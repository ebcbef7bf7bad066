"""Packets between the IP stack and the SADB: what is protected, opened, refused, and counted."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from iosemu.ip.config import ip_mtu
from iosemu.ip.path import Transit
from iosemu.ip.stack import IpStack
from iosemu.ipsec.ah import ReplayError
from iosemu.ipsec.esp import IntegrityError
from iosemu.ipsec.sadb import AH, ESP, SadbPair, SequenceExhaustedError
from iosemu.ipsec.selectors import Selector
from iosemu.net.fragment import fragment
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.icmp import UnreachableCode
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.subjects.acl.config import Entry
from iosemu.subjects.acl.evaluation import Flow
from iosemu.subjects.acl.service import AccessLists
from iosemu.subjects.crypto.config.ipsec import IpsecBinding, IpsecConfig
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig
from iosemu.subjects.crypto.config.maps import CryptoMapEntry
from iosemu.subjects.crypto.service import datapath, tracing
from iosemu.subjects.crypto.service.flow import CryptoFlow

if TYPE_CHECKING:
    from iosemu.subjects.crypto.service.engine import CryptoEngine

ISAKMP_PORT = 500
NAT_T_PORT = 4500
MOST_OVERHEAD = 160
"""Octets: more than ESP, AH, UDP and an IP header together can add."""


class Traffic:
    """The packet path of one crypto engine."""

    def __init__(self, engine: CryptoEngine) -> None:
        self.engine = engine
        self.device = engine.device
        self._by_line: dict[int, tuple[Entry, CryptoMapEntry, str, CryptoFlow]] = {}
        """The flow that a line's packets last took; it counts as long as the flow has SAs."""
        self._watches: tuple[bool, bool] | None = None
        """Whether dead peer detection watches the packets of IKEv1's SAs, and of IKEv2's; None: look again."""

    @property
    def lists(self) -> AccessLists:
        """The access lists of the box at work."""
        return self.device.service(AccessLists)

    def outbound(self, transit: Transit) -> bool:
        """Protect a packet that a crypto map's access list permits; what has no SA yet is dropped."""
        engine, packet = self.engine, transit.packet
        assert transit.out is not None
        interface = transit.out.name
        interface = (
            self.engine.protected.home(packet, self.device.service(IpStack).vrf_of(interface).name)
            or interface
        )
        crypto_map = engine.policy.map_of(interface)
        if crypto_map is None or self._is_own(packet, interface):
            return True
        match = engine.policy.match_on(interface, crypto_map, Flow.of(packet), transit.vrf.name)
        context = self.device.scheduler.context
        if match is None:
            if context is not None:
                tracing.in_clear(self.device, context, interface, crypto_map)
            return True
        entry, line, selector = match
        home = engine.policy.home(interface, crypto_map)
        known = self._by_line.get(id(line))
        if (
            known is not None
            and known[0] is line
            and known[1] is entry
            and known[2] == home
            and known[3].pairs
            and not entry.per_host
        ):
            flow = known[3]
        else:
            flow = self._flow_for(packet, home, entry, selector)
            if line is not None and flow.selector == selector:
                self._by_line[id(line)] = (line, entry, home, flow)
        pair = flow.current(engine.now)
        if line is not None and (pair is None or engine.style.acl_counts_protected):
            line.matches += 1
        if context is not None:
            tracing.matched(self.device, context, interface, entry, line, selector)
        if entry.access_group_out is not None and not self.lists.permits(
            entry.access_group_out, packet, transit
        ):
            if context is not None:
                context.drop_there()
            return False
        if pair is None:
            if context is not None:
                tracing.no_sa(self.device, context, flow.selector, engine.policy.peers(entry))
            flow.counters.no_sa += 1
            flow.counters.send_errors += 1
            engine.requests.ask(flow)
            return False
        if context is not None:
            tracing.protected(self.device, context, pair)
        transit.outside = engine.front_of(interface)
        transit.pre_classify = entry.pre_classify
        transit.protect = lambda: self.protect(packet, flow, pair, interface)
        return True

    def _is_isakmp(self, packet: IPv4Packet) -> bool:
        if packet.protocol != Protocol.UDP or packet.fragment_offset:
            return False
        return int.from_bytes(packet.payload[2:4]) in (ISAKMP_PORT, NAT_T_PORT)

    def _is_own(self, packet: IPv4Packet, interface: str) -> bool:
        """IKE, ESP and AH of this router never enter a tunnel; routes lead into a tunnel interface."""
        if self.engine.protected.is_vti(interface) or not self.engine.fronts.is_ours(packet.source):
            return False
        return packet.protocol in (ESP, AH) or self._is_isakmp(packet)

    def _flow_for(
        self, packet: IPv4Packet, interface: str, entry: CryptoMapEntry, selector: Selector
    ) -> CryptoFlow:
        """The flow of a packet: a narrower one that the peer negotiated, else that of the line."""
        engine = self.engine
        if entry.per_host and entry.access_list is not None:
            selector = Selector(
                IPv4Network(packet.source),
                IPv4Network(packet.destination),
                selector.protocol,
                selector.local_port,
                selector.remote_port,
            )
        flow = engine.flow(interface, entry, selector)
        if flow.pairs:
            return flow
        described = datapath.flow_of(packet)
        for other in engine.flows_of(interface, entry):
            if other.pairs and other.selector.outbound(described) and other.current(engine.now) is not None:
                return other
        return flow

    def protect(
        self, packet: IPv4Packet, flow: CryptoFlow, pair: SadbPair, interface: str
    ) -> tuple[IPv4Packet, ...]:
        """What travels instead of a packet; nothing when it is dropped, which is counted."""
        engine = self.engine
        tunnels = self.engine.protected
        mtu = ip_mtu(self.device.config.interfaces[interface])
        if tunnels.has(interface):
            mtu = tunnels.transport_mtu(interface)
        pieces = [packet]
        ipsec = self.device.config.of(IpsecConfig)
        here = self.device.config.interfaces[interface].of(IpsecBinding)
        df_bit = here.df_bit_of(ipsec)
        near = packet.total_length + MOST_OVERHEAD > mtu
        if near and datapath.outer_size(pair, packet.total_length) > mtu and pair.outbound[0].tunnel:
            room = datapath.plaintext_mtu(pair, mtu)
            whole = not here.fragments_first(ipsec) or (packet.dont_fragment and df_bit == "clear")
            if packet.dont_fragment and df_bit != "clear":
                flow.counters.encaps_failed += 1
                flow.counters.send_errors += 1
                if self.device.scheduler.context is not None:
                    tracing.too_large(self.device, self.device.scheduler.context, interface, packet, room)
                self._fragmentation_needed(packet, room)
                return ()
            pieces = [packet] if whole else fragment(packet, room)
        try:
            protected = tuple(
                datapath.protect(
                    piece, pair, self.device.rng.randbytes, self.device.service(IpStack).next_identification
                )
                for piece in pieces
            )
        except SequenceExhaustedError:
            flow.counters.send_errors += 1
            engine.remove_pair(pair)
            engine.negotiate(flow)
            return ()
        if df_bit != "copy":
            outer = df_bit == "set"
            protected = tuple(replace(each, dont_fragment=outer) for each in protected)
        flow.counters.encaps += len(protected)
        if tunnels.is_vti(interface):
            tunnels.sealed(interface, packet)
        pair.last_used = engine.now
        if pair.ike_version == 2:
            if self._watched(2):
                engine.ikev2.engine.traffic_sent(pair.peer, engine.now)
                engine.pump()
        elif self._watched(1):
            engine.ike.traffic_sent(pair.peer, engine.now)
            engine.pump()
        engine.life.touched(pair)
        engine.life.sent(pair)
        return protected

    def configured(self) -> None:
        """Something of crypto was typed."""
        self._watches = None

    def _watched(self, version: int) -> bool:
        """Whether dead peer detection of a version of IKE watches the traffic."""
        if self._watches is None:
            isakmp = self.device.config.of(IsakmpConfig)
            old = isakmp.keepalive is not None or any(each.keepalive for each in isakmp.profiles.values())
            self._watches = (old, self.engine.ikev2.configuration.watches)
        return self._watches[version - 1]

    def _fragmentation_needed(self, packet: IPv4Packet, mtu: int) -> None:
        hop = self.device.service(IpStack).hop(packet.source)
        back = self.device.service(IpStack).interfaces.get(hop.interface) if hop is not None else None
        if back is not None:
            self.device.service(IpStack).icmp.unreachable(
                UnreachableCode.FRAGMENTATION_NEEDED, packet, back, mtu
            )

    # --- in ------------------------------------------------------------------------------------------

    def admit_clear(self, transit: Transit) -> bool:
        """Refuse a packet in clear that the mirrored access list would have protected."""
        engine, packet = self.engine, transit.packet
        assert transit.came_in is not None
        interface = transit.came_in.name
        if packet.protocol in (ESP, AH) and transit.vrf.is_local(packet.destination):
            return True
        tunnels = self.engine.protected
        if tunnels.has(interface):
            return True  # it came out of the tunnel's protection
        interface = tunnels.home(packet, transit.vrf.name, inbound=True) or interface
        crypto_map = engine.policy.map_of(interface)
        if crypto_map is None or self._is_isakmp(packet):
            return True
        match = engine.policy.match_on(interface, crypto_map, Flow.of(packet).reversed())
        if match is None:
            return True
        if self.device.scheduler.context is not None:
            tracing.came_clear(self.device, self.device.scheduler.context, interface, *match)
        engine.alarms.say(
            "RECVD_PKT_NOT_IPSEC",
            f"Rec'd packet not an IPSEC packet. (ip) vrf/dest_addr= /{packet.destination}, "
            f"src_addr= {packet.source}, prot= {packet.protocol}",
            packet.source,
        )
        return False

    def receive_esp(self, packet: IPv4Packet, interface: str) -> tuple[IPv4Packet, str] | None:
        """Open ESP or AH addressed to this router; None when it is refused, which is counted.

        With what was inside goes the routing instance that it belongs to.
        """
        engine = self.engine
        alarms = engine.alarms
        context = self.device.scheduler.context
        try:
            inner, pair, _removed = datapath.unprotect(packet, engine.sadb.inbound)
        except LookupError as error:
            protocol, spi = error.args
            if context is not None:
                tracing.refused(self.device, context, f"there is no SA with SPI {spi:#010x}")
            alarms.invalid_spi(packet, protocol, spi)
            return None
        except MalformedPacket:
            if context is not None:
                tracing.refused(self.device, context, "what is in it is malformed")
            alarms.refused(packet, "decaps_failed", "", "")
            return None
        except ReplayError as error:
            if context is not None:
                tracing.refused(self.device, context, "its sequence number was used before, or is too old")
            text = f"decrypt: replay check failed\n{error.args[0]}"
            alarms.refused(packet, "replay_failed", "PKT_REPLAY_ERR", text)
            return None
        except IntegrityError:
            if context is not None:
                tracing.refused(self.device, context, "its integrity check value is wrong")
            alarms.refused(packet, "verify_failed", "RECVD_PKT_MAC_ERR", "decrypt: mac verify failed for")
            return None
        except datapath.DummyError:
            return None
        except datapath.IdentityError:
            if context is not None:
                tracing.refused(self.device, context, "its addresses are not those of the SA")
            text = "identity doesn't match negotiated identity"
            alarms.refused(packet, "invalid_identity", "RECVD_PKT_INV_IDENTITY", text)
            return None
        except ValueError:
            if context is not None:
                tracing.refused(self.device, context, "its length is wrong")
            alarms.refused(packet, "invalid_length", "", "")
            return None
        flow = pair.owner
        if context is not None:
            tracing.opened(self.device, context, pair)
        if isinstance(flow, CryptoFlow):
            flow.counters.decaps += 1
        pair.last_used = engine.now
        pair.unanswered_since = None
        if not pair.usable:
            engine.supersede(pair)
        if pair.ike_version == 2:
            engine.ikev2.engine.traffic_received(pair.peer, engine.now)
        elif self._watched(1):
            engine.ike.traffic_received(pair.peer, engine.now)
        engine.life.touched(pair)
        if not self._admitted(inner, flow):
            return None
        if isinstance(flow, CryptoFlow) and self.engine.protected.is_vti(flow.interface):
            self.engine.protected.opened(flow.interface, inner)
            return None
        entry = engine.entry_of(flow) if isinstance(flow, CryptoFlow) else None
        here = self.device.service(IpStack).vrf_of(interface).name
        return inner, here if entry is None else engine.policy.inside_of(entry, interface)

    def _admitted(self, inner: IPv4Packet, flow: object) -> bool:
        """Whether `set ip access-group … in` lets a decrypted packet pass."""
        entry = self.engine.entry_of(flow) if isinstance(flow, CryptoFlow) else None
        if entry is None or entry.access_group_in is None:
            return True
        return self.lists.permits(entry.access_group_in, inner)
