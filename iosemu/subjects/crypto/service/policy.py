"""What crypto maps say: which line protects what, and what phase 2 offers and accepts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Protocol

from iosemu.box.interfaces import ByName
from iosemu.ike.algorithms import GROUPS
from iosemu.ike.proposals import PLAIN_FORMS
from iosemu.ike.types import (
    ChildAnswer,
    ChildOffer,
    ChildRequest,
    Encapsulation,
    Phase2Proposal,
    Refusal,
    TrafficSelector,
)
from iosemu.ikev2.configuration import ChildAnswer as Ikev2Answer
from iosemu.ikev2.configuration import ChildOffer as Ikev2Offer
from iosemu.ikev2.configuration import ChildRefusal
from iosemu.ikev2.selectors import Pair, narrow
from iosemu.ikev2.selectors import selector_of as range_selector
from iosemu.ip.stack import IpStack
from iosemu.ipsec import selectors
from iosemu.ipsec.sadb import Sadb
from iosemu.ipsec.selectors import Selector
from iosemu.packets.ipv4 import Protocol as PacketProtocol
from iosemu.subjects.acl.config import AclsConfig, Action, Entry
from iosemu.subjects.acl.evaluation import Flow, find
from iosemu.subjects.crypto.config.ikev2 import Ikev2Config
from iosemu.subjects.crypto.config.ipsec import IpsecConfig
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig
from iosemu.subjects.crypto.config.maps import CryptoMap, CryptoMapBinding, CryptoMapEntry, CryptoMapsConfig
from iosemu.subjects.crypto.config.smart_defaults import transform_sets
from iosemu.subjects.crypto.service.addresses import Addresses
from iosemu.subjects.crypto.service.dynamic import TemporaryEntries
from iosemu.subjects.crypto.service.flow import CryptoFlow, entry_selector, selector_of
from iosemu.subjects.crypto.service.identities import Identities
from iosemu.subjects.crypto.service.map_index import MapIndex
from iosemu.subjects.crypto.service.tunnels import ProtectedTunnels, Visitor

if TYPE_CHECKING:
    from iosemu.box.device import Device

GRE = 47
ANYTHING = TrafficSelector(IPv4Network("0.0.0.0/0"))


class ClientMaps(Protocol):
    """What Easy VPN clients protect."""

    def wanted(self) -> bool:
        """Whether there is one."""
        ...

    def maps(self) -> Iterator[tuple[str, CryptoMap]]:
        """Outside interfaces with what stands for their crypto map."""
        ...

    def map_of(self, interface: str) -> CryptoMap | None:
        """What stands for the crypto map of one."""
        ...


class Flows(Protocol):
    """What is protected now, as far as the policy has to know."""

    sadb: Sadb
    protected: ProtectedTunnels
    temporary: TemporaryEntries

    @property
    def ezvpn(self) -> ClientMaps:
        """What Easy VPN clients protect."""
        ...

    def flow(self, interface: str, entry: CryptoMapEntry, selector: Selector) -> CryptoFlow:
        """The flow of these identities, made when new."""
        ...


class CryptoPolicy:
    """The crypto maps: which line protects a packet, what phase 2 offers and accepts."""

    def __init__(self, device: Device, addresses: Addresses, flows: Flows) -> None:
        self.device = device
        self.addresses = addresses
        self.flows = flows
        self.identities = Identities(device)
        self._bound: ByName[str] = ByName()
        """The names of the crypto maps on interfaces."""
        self._indices: dict[str, MapIndex] = {}
        """Those of the configured maps that were asked for since something was configured."""

    def has_children(self, peer: IPv4Address) -> bool:
        """Whether any pair of SAs with the peer is installed."""
        return bool(self.flows.sadb.with_peer(peer))

    # --- crypto maps ---------------------------------------------------------------------------------

    def changed(self) -> None:
        """Maps, access lists and bindings may have been typed anywhere."""
        self._indices.clear()
        for name in {*self._bound, *self.device.config.interfaces}:
            self.note(name)

    def index(self, crypto_map: CryptoMap) -> MapIndex:
        """The entries of a configured map by what they are looked for by."""
        found = self._indices.get(crypto_map.name)
        if found is None or found.crypto_map is not crypto_map:
            acls = self.device.config.of(AclsConfig)
            found = self._indices[crypto_map.name] = MapIndex(crypto_map, acls)
        return found

    def note(self, interface: str) -> bool:
        """Take notice of the crypto map on an interface; it may be gone, or the interface. True: it is another."""
        before = self._bound.get(interface)
        config = self.device.config.interfaces.get(interface)
        binding = config.held(CryptoMapBinding) if config is not None else None
        if binding is not None and binding.name and interface in self.device.interfaces:
            self._bound[interface] = binding.name
            self._indices.pop(binding.name, None)
        elif interface in self._bound:
            del self._bound[interface]
        return self._bound.get(interface) != before

    @property
    def binds(self) -> bool:
        """Whether an interface has a crypto map, or is the outside of an Easy VPN client."""
        return bool(self._bound) or self.flows.ezvpn.wanted()

    def applied(self) -> Iterator[tuple[str, CryptoMap]]:
        """Interfaces that have a crypto map, with it."""
        yield from self.applied_maps()
        yield from self.flows.protected.maps()

    def applied_maps(self) -> Iterator[tuple[str, CryptoMap]]:
        """Interfaces with the crypto map that is on them; tunnels are left out."""
        maps = self.device.config.of(CryptoMapsConfig)
        for name, bound in self._bound.items():
            found = maps.get(bound)
            if found is not None:
                yield name, found
        yield from self.flows.ezvpn.maps()

    def bound_map(self, interface: str) -> CryptoMap | None:
        """The configured crypto map on an interface that is no tunnel."""
        return self.device.config.of(CryptoMapsConfig).get(self._bound.get(interface))

    def _towards(self, peer: IPv4Address) -> Iterator[tuple[str, CryptoMap]]:
        """Interfaces whose crypto map may have an entry for a peer; the many peers of one tunnel are left out."""
        yield from self.applied_maps()
        yield from self.flows.protected.maps_towards(peer)

    def map_of(self, interface: str) -> CryptoMap | None:
        """The crypto map on an interface."""
        config = self.device.config.interfaces.get(interface)
        if config is not None and self.flows.protected.has(config.name):
            return self.flows.protected.map_of(interface)
        name = config.of(CryptoMapBinding).name if config is not None else None
        return self.device.config.of(CryptoMapsConfig).get(name) or self.flows.ezvpn.map_of(interface)

    def local_address(self, interface: str, crypto_map: CryptoMap) -> IPv4Address | None:
        """The address that IKE and ESP use: that of `local-address`, else the interface's."""
        return self.addresses.local_of(crypto_map.local_address or interface)

    def home(self, interface: str, crypto_map: CryptoMap) -> str:
        """The interface by which the SAs of a map are known: that of `local-address`, else its own."""
        return crypto_map.local_address or interface

    def peers(self, entry: CryptoMapEntry) -> list[IPv4Address]:
        """The addresses of an entry's peers; names that are not known count for nothing."""
        return [found for peer in entry.peers if (found := self.addresses.address_of(peer)) is not None]

    def permits(self, entry: CryptoMapEntry) -> Iterator[tuple[Entry | None, Selector]]:
        """The permit lines of an entry's access list that have proxy identities; a tunnel's has no line."""
        if entry.selector is not None:
            yield None, entry.selector
        access_list = self.device.config.of(AclsConfig).get(entry.access_list)
        for line in access_list.entries if access_list is not None else ():
            selector = entry_selector(line)
            if line.action is Action.PERMIT and selector is not None:
                yield line, selector
                if entry.manual is not None:
                    return  # one pair of SAs protects one line; those after it count for nothing

    def inside_of(self, entry: CryptoMapEntry, interface: str) -> str:
        """The routing instance of what an entry of a map on an interface protects (IVRF); empty: the default one.

        It is that of the entry's profile, else that of the interface, which is where its peers are.
        """
        named = None
        isakmp = self.isakmp_profile(entry)
        if entry.ikev2_profile is not None and entry.isakmp_profile is None:
            found = self.device.config.of(Ikev2Config).profiles.get(entry.ikev2_profile)
            named = found.ivrf if found is not None else None
        elif isakmp is not None:
            profile = self.device.config.of(IsakmpConfig).profiles.get(isakmp)
            named = profile.vrf if profile is not None else None
        if named is None or self.flows.protected.has(interface):
            return self.device.service(IpStack).vrf_of(interface).name
        return named

    def isakmp_profile(self, entry: CryptoMapEntry) -> str | None:
        """The ISAKMP profile under which phase 1 is made for an entry: its own, else that of its map."""
        return self.device.config.of(CryptoMapsConfig).profile_of(entry)

    def match_on(
        self, interface: str, crypto_map: CryptoMap, flow: Flow, inside: str | None = None
    ) -> tuple[CryptoMapEntry, Entry | None, Selector] | None:
        """`match`, where the peer is known beforehand on a tunnel with many.

        `inside` is the routing instance of the packet; None: entries for any count.
        """
        tunnels = self.flows.protected
        source = IPv4Address(flow.source)
        outer = flow.protocol == PacketProtocol.GRE and tunnels.source_of(interface) == source
        entry = tunnels.facing(interface, IPv4Address(flow.destination)) if outer else None
        if entry is not None:
            return self._match(entry, entry, flow) if entry.complete else None
        if inside is None or tunnels.has(interface):
            return self.match(crypto_map, flow)
        return self.match(crypto_map, flow, lambda each: self.inside_of(each, interface) == inside)

    def match(
        self,
        crypto_map: CryptoMap,
        flow: Flow,
        counts: Callable[[CryptoMapEntry], bool] = lambda _entry: True,
    ) -> tuple[CryptoMapEntry, Entry | None, Selector] | None:
        """The first complete entry that permits a packet; a deny line passes it on to the next entry.

        Entries that came of a dynamic map stand at the place of the one that names it; they have no line.
        """
        configured = self.device.config.of(CryptoMapsConfig).get(crypto_map.name) is crypto_map
        entries: Iterable[CryptoMapEntry] = (
            self.index(crypto_map).about(flow.source, flow.destination)
            if configured
            else crypto_map.entries.values()
        )
        for entry in entries:
            if entry.dynamic is None:
                found = self._match(entry, entry, flow) if entry.complete else None
            else:
                found = self._match_dynamic(entry, entry.dynamic, flow)
            if found is not None and counts(found[0]):
                return found
        return None

    def _match(
        self, entry: CryptoMapEntry, template: CryptoMapEntry, flow: Flow
    ) -> tuple[CryptoMapEntry, Entry | None, Selector] | None:
        if template.selector is not None:
            return (entry, None, template.selector) if template.selector.outbound(_described(flow)) else None
        access_list = self.device.config.of(AclsConfig).get(template.access_list)
        line = find(access_list, flow) if access_list is not None else None
        if line is None or line.action is not Action.PERMIT:
            return None
        if entry.manual is not None and not any(line is each for each, _selector in self.permits(entry)):
            return None
        selector = entry_selector(line)
        return (entry, line, selector) if selector is not None else None

    def _match_dynamic(
        self, entry: CryptoMapEntry, dynamic: str, flow: Flow
    ) -> tuple[CryptoMapEntry, Entry | None, Selector] | None:
        described = _described(flow)
        for temporary, selector in self.flows.temporary.about(entry.name, dynamic, flow):
            if selector.outbound(described):
                return temporary, None, selector
        templates = self.device.config.of(CryptoMapsConfig).dynamic.get(dynamic)
        for template in templates.entries.values() if templates is not None else ():
            found = self._match(entry, template, flow) if template.transform_sets else None
            if found is not None:
                return found
        return None

    # --- phase 2 -------------------------------------------------------------------------------------

    def request(
        self, flow: CryptoFlow, entry: CryptoMapEntry, local: IPv4Address, peer: IPv4Address
    ) -> ChildRequest | None:
        """What to offer for a flow; None while no transform set of the entry exists."""
        proposals = tuple(self.proposals(entry, flow.selector, local, peer))
        if not proposals:
            return None
        seconds, kilobytes = self.lifetimes(entry)
        return ChildRequest(
            local,
            peer,
            flow.local_selector,
            flow.remote_selector,
            proposals,
            seconds,
            kilobytes,
            entry.pfs_group,
            tag=flow,
            aggressive=entry.client is not None or self._aggressive_towards(peer, self.isakmp_profile(entry)),
            profile=self.isakmp_profile(entry),
            client=entry.client,
            identity=entry.identity,
        )

    def _aggressive_towards(self, peer: IPv4Address, profile: str | None) -> bool:
        """Whether this side begins aggressive mode."""
        isakmp = self.device.config.of(IsakmpConfig)
        found = isakmp.profiles.get(profile) if profile is not None else None
        known = isakmp.peers.get(peer)
        return (found is not None and found.aggressive) or (known is not None and known.aggressive)

    def lifetimes(self, entry: CryptoMapEntry) -> tuple[int, int]:
        """Seconds and kilobytes of an entry's SAs."""
        ipsec = self.device.config.of(IpsecConfig)
        return (
            entry.lifetime_seconds or ipsec.lifetime_seconds,
            entry.lifetime_kilobytes or ipsec.lifetime_kilobytes,
        )

    def select_child(self, offer: ChildOffer) -> ChildAnswer | Refusal:
        """Judge an offer: a permit line must cover its identities, then a transform set and PFS must fit."""
        refusal = Refusal.PROXY_MISMATCH
        offered = selector_of(offer.local_selector, offer.remote_selector)
        for interface, crypto_map in self._towards(offer.peer):
            if self.local_address(interface, crypto_map) != offer.local:
                continue
            for entry, template in self._candidates(crypto_map, offer.peer):
                natted = self._behind_nat(interface, template, offered, offer.peer)
                wanted = natted or offered
                if not self._fits(template, wanted, offer, crypto_map, dynamic=entry is not template):
                    continue
                if not self._admits(template, offer):
                    continue
                accepted = self._accepted(template, wanted, offer)
                if isinstance(accepted, Refusal):
                    refusal = accepted
                    continue
                seconds, kilobytes = self.lifetimes(template)
                mine = entry
                if entry is not template:
                    mine = self.flows.temporary.make(entry, template, offer.peer, wanted)
                flow = self.flows.flow(self.home(interface, crypto_map), mine, wanted)
                return ChildAnswer(accepted, seconds, kilobytes, tag=flow)
        return self._visit(offer, offered) or refusal

    def _admits(self, entry: CryptoMapEntry, offer: ChildOffer | Ikev2Offer) -> bool:
        """Whether who makes an offer that an entry is about is what the entry wants."""
        return self.identities.admit(entry.identity, offer.identity, offer.certificate)

    def _visit(self, offer: ChildOffer, offered: Selector) -> ChildAnswer | Refusal | None:
        """Judge an offer of a peer whose ISAKMP profile has a virtual template; None: it has none."""
        profile = self.device.config.of(IsakmpConfig).profiles.get(offer.profile or "")
        if profile is None or profile.virtual_template is None:
            return None
        visitor = Visitor(profile.virtual_template, offer.local, offer.peer, offer.identity, profile.name, 1)
        entry = self.flows.protected.template_entry(visitor)
        if entry is None or entry.selector is None or not entry.selector.covers(offered):
            return Refusal.PROXY_MISMATCH
        if not self._admits(entry, offer):
            return Refusal.PROXY_MISMATCH
        accepted = self._accepted(entry, offered, offer)
        if isinstance(accepted, Refusal):
            return accepted
        admitted = self.flows.protected.admit(visitor)
        if admitted is None:
            return Refusal.PROXY_MISMATCH
        interface, entry = admitted
        flow = self.flows.flow(interface, entry, offered)
        return ChildAnswer(accepted, *self.lifetimes(entry), tag=flow)

    def verdicts(self, offer: ChildOffer) -> Iterator[tuple[CryptoMapEntry, Refusal | None]]:
        """What each entry that could answer says to an offer (None: it takes it); nothing is made of it."""
        offered = selector_of(offer.local_selector, offer.remote_selector)
        for interface, crypto_map in self.applied():
            if self.local_address(interface, crypto_map) != offer.local:
                continue
            for entry, template in self._candidates(crypto_map):
                fits = self._fits(template, offered, offer, crypto_map, dynamic=entry is not template)
                if not fits or not self.identities.fit(template.identity, offer.identity, offer.certificate):
                    yield template, Refusal.PROXY_MISMATCH
                    continue
                accepted = self._accepted(template, offered, offer)
                yield template, accepted if isinstance(accepted, Refusal) else None

    def _behind_nat(
        self, interface: str, entry: CryptoMapEntry, offered: Selector, peer: IPv4Address
    ) -> Selector | None:
        """What a far end of a tunnel with many means that names an address of its own that NAT hides (RFC 3947, 5.2).

        Its packets come from the address that NAT gives, so that is what they are known by here. None: it is another
        tunnel, or no address is hidden.
        """
        own = entry.selector
        if own is None or own == offered or offered.protocol != PacketProtocol.GRE:
            return None
        if self.flows.protected.facing(interface, peer) is None:
            return None
        hosts = offered.local.prefixlen == offered.remote.prefixlen == 32
        one = offered.local == own.local or offered.remote == own.remote
        return own if hosts and one else None

    def select_ikev2(self, offer: Ikev2Offer) -> Ikev2Answer | ChildRefusal:
        """Judge what an IKEv2 peer asks for: it is narrowed to a permit line, then a transform set and PFS must fit."""
        refusal = ChildRefusal.TS_UNACCEPTABLE
        for interface, crypto_map in self._towards(offer.peer):
            if self.local_address(interface, crypto_map) != offer.local:
                continue
            for entry, template in self._candidates(crypto_map, offer.peer):
                dynamic = entry is not template
                told = self._one_pair(offer)
                natted = (
                    self._behind_nat(interface, template, selector_of(*told), offer.peer) if told else None
                )
                if natted is not None and told is not None and template.ikev2_profile == offer.profile:
                    narrowed: Pair | None = told
                else:
                    natted, narrowed = None, self._narrowed(template, offer, dynamic=dynamic)
                if narrowed is None or not self._admits(template, offer):
                    continue
                local, remote = narrowed
                selector = natted or selector_of(local, remote)
                chosen = self._chosen(template, selector, offer)
                if chosen is None:
                    refusal = ChildRefusal.NO_PROPOSAL_CHOSEN
                    continue
                index, group, transport = chosen
                seconds, kilobytes = self.lifetimes(template)
                mine = entry
                if dynamic:
                    mine = self.flows.temporary.make(entry, template, offer.peer, selector)
                flow = self.flows.flow(self.home(interface, crypto_map), mine, selector)
                return Ikev2Answer(index, local, remote, group, seconds, kilobytes, transport, flow)
        return self._visit_ikev2(offer) or refusal

    def _visit_ikev2(self, offer: Ikev2Offer) -> Ikev2Answer | ChildRefusal | None:
        """Judge what a peer asks for whose IKEv2 profile has a virtual template; None: it has none."""
        profile = self.device.config.of(Ikev2Config).profiles.get(offer.profile or "")
        if profile is None or profile.virtual_template is None:
            return None
        gre: bool | None = None
        if profile.virtual_template_auto:
            gre = all(each.protocol == GRE for each in (*offer.local_ranges, *offer.remote_ranges))
        visitor = Visitor(
            profile.virtual_template, offer.local, offer.peer, offer.identity, profile.name, 2, gre
        )
        entry = self.flows.protected.template_entry(visitor)
        if entry is None or entry.selector is None:
            return ChildRefusal.TS_UNACCEPTABLE
        narrowed = narrow(_sides(entry.selector), offer.local_ranges, offer.remote_ranges)
        if narrowed is None or (entry.selector.protocol and selector_of(*narrowed) != entry.selector):
            return ChildRefusal.TS_UNACCEPTABLE
        if not self._admits(entry, offer):
            return ChildRefusal.TS_UNACCEPTABLE
        selector = selector_of(*narrowed)
        chosen = self._chosen(entry, selector, offer)
        if chosen is None:
            return ChildRefusal.NO_PROPOSAL_CHOSEN
        admitted = self.flows.protected.admit(visitor)
        if admitted is None:
            return ChildRefusal.TS_UNACCEPTABLE
        interface, entry = admitted
        flow = self.flows.flow(interface, entry, selector)
        index, group, transport = chosen
        return Ikev2Answer(index, *narrowed, group, *self.lifetimes(entry), transport, flow)

    def _one_pair(self, offer: Ikev2Offer) -> Pair | None:
        """The selectors of an offer that has one on either side."""
        if len(offer.local_ranges) != 1 or len(offer.remote_ranges) != 1:
            return None
        local, remote = range_selector(offer.local_ranges[0]), range_selector(offer.remote_ranges[0])
        return (local, remote) if local is not None and remote is not None else None

    def _narrowed(self, entry: CryptoMapEntry, offer: Ikev2Offer, *, dynamic: bool) -> Pair | None:
        """What an entry for this profile and peer leaves of the selectors that are offered."""
        if entry.ikev2_profile is None or entry.ikev2_profile != offer.profile:
            return None
        if (entry.peers or not dynamic) and offer.peer not in self.peers(entry):
            return None
        ranges = (offer.local_ranges, offer.remote_ranges)
        if dynamic and entry.access_list is None and entry.selector is None:
            return narrow((ANYTHING, ANYTHING), *ranges)
        if entry.selector is not None:
            # a tunnel has one pair of selectors, whole or not at all
            found = narrow(_sides(entry.selector), *ranges)
            return found if found is not None and selector_of(*found) == entry.selector else None
        access_list = self.device.config.of(AclsConfig).get(entry.access_list)
        lines = list(access_list.entries) if access_list is not None else []
        for line in lines:
            selector = entry_selector(line)
            if line.action is not Action.PERMIT or selector is None:
                continue
            found = narrow(_sides(selector), *ranges)
            if found is not None and self._first_covering(lines, selector_of(*found)) is line:
                return found
        return None

    def _first_covering(self, lines: list[Entry], selector: Selector) -> Entry | None:
        for line in lines:
            covering = entry_selector(line)
            if covering is not None and covering.covers(selector):
                return line
        return None

    def _chosen(
        self, entry: CryptoMapEntry, selector: Selector, offer: Ikev2Offer
    ) -> tuple[int, int | None, bool] | None:
        """Which alternative, with which group, and whether this side would have transport mode."""
        mine = list(self.proposals(entry, selector, offer.local, offer.peer))
        suites = [(each.esp, each.ah) for each in mine]
        for index, each in enumerate(offer.alternatives):
            if (each.suite.esp, each.suite.ah) not in suites:
                continue
            group: int | None = None
            if offer.fresh:
                group = next((one for one in each.groups if one in GROUPS), None)
                if entry.pfs_group is not None:
                    if entry.pfs_group not in each.groups:
                        continue
                    group = entry.pfs_group
                elif each.groups and group is None:
                    continue
            own = mine[suites.index((each.suite.esp, each.suite.ah))]
            return index, group, own.encapsulation is Encapsulation.TRANSPORT
        return None

    def _candidates(
        self, crypto_map: CryptoMap, peer: IPv4Address | None = None
    ) -> Iterator[tuple[CryptoMapEntry, CryptoMapEntry]]:
        """The entries of a map with what they are judged by: themselves, or templates of a dynamic map.

        With a peer those that cannot be about it are left out.
        """
        configured = self.device.config.of(CryptoMapsConfig).get(crypto_map.name) is crypto_map
        entries: Iterable[CryptoMapEntry] = crypto_map.entries.values()
        if peer is not None and configured:
            entries = self.index(crypto_map).towards(peer)
        for entry in entries:
            if entry.dynamic is None:
                if entry.complete and entry.manual is None:
                    yield entry, entry
                continue
            templates = self.device.config.of(CryptoMapsConfig).dynamic.get(entry.dynamic)
            for template in templates.entries.values() if templates is not None else ():
                if template.transform_sets:
                    yield entry, template

    def _fits(
        self, entry: CryptoMapEntry, offered: Selector, offer: ChildOffer, whole: CryptoMap, *, dynamic: bool
    ) -> bool:
        """Whether an entry is about this peer and these identities; a template may leave both open."""
        if entry.ikev2_profile is not None:
            return False
        if (entry.isakmp_profile or whole.isakmp_profile) not in (None, offer.profile):
            return False
        if (entry.peers or not dynamic) and offer.peer not in self.peers(entry):
            return False
        if dynamic and entry.access_list is None:
            return True
        if entry.selector is not None:
            return entry.selector == offered
        access_list = self.device.config.of(AclsConfig).get(entry.access_list)
        for line in access_list.entries if access_list is not None else ():
            selector = entry_selector(line)
            if selector is not None and selector.covers(offered):
                return line.action is Action.PERMIT
        return False

    def _accepted(self, entry: CryptoMapEntry, offered: Selector, offer: ChildOffer) -> int | Refusal:
        mine = list(self.proposals(entry, offered, offer.local, offer.peer))
        for index, proposal in enumerate(offer.proposals):
            mode = PLAIN_FORMS.get(proposal.encapsulation, proposal.encapsulation)
            if Phase2Proposal(proposal.esp, proposal.ah, mode) in mine:
                if entry.pfs_group is not None and offer.pfs_group != entry.pfs_group:
                    return Refusal.PFS_MISMATCH
                return index
        return Refusal.TRANSFORM_MISMATCH

    def proposals(
        self, entry: CryptoMapEntry, selector: Selector, local: IPv4Address, peer: IPv4Address
    ) -> Iterator[Phase2Proposal]:
        """The entry's transform sets; transport mode only between the crypto peers themselves."""
        yield from entry.offered
        sets = transform_sets(self.device)
        endpoints = (int(selector.local.network_address), int(selector.remote.network_address))
        hosts = selector.local.prefixlen == selector.remote.prefixlen == 32
        for name in entry.transform_sets:
            if name not in sets:
                continue
            proposal = sets[name].proposal()
            if proposal.encapsulation is Encapsulation.TRANSPORT and not (
                hosts and endpoints == (int(local), int(peer))
            ):
                proposal = Phase2Proposal(proposal.esp, proposal.ah, Encapsulation.TUNNEL)
            yield proposal


def _sides(selector: Selector) -> Pair:
    """A selector as its two sides."""
    return (
        TrafficSelector(selector.local, selector.protocol, selector.local_port),
        TrafficSelector(selector.remote, selector.protocol, selector.remote_port),
    )


def _described(flow: Flow) -> selectors.Flow:
    """A flow as selectors look at it."""
    source, destination = IPv4Address(flow.source), IPv4Address(flow.destination)
    return selectors.Flow(
        source, destination, flow.protocol, flow.source_port or 0, flow.destination_port or 0
    )
