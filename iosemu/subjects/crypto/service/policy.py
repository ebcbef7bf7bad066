"""What phase 2 offers and accepts, as the crypto maps say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

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
from iosemu.ipsec.selectors import Selector
from iosemu.packets.ipv4 import Protocol as PacketProtocol
from iosemu.subjects.acl.config import AclsConfig, Action, Entry
from iosemu.subjects.crypto.config.ikev2 import Ikev2Config
from iosemu.subjects.crypto.config.ipsec import IpsecConfig
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig
from iosemu.subjects.crypto.config.maps import CryptoMap, CryptoMapEntry, CryptoMapsConfig
from iosemu.subjects.crypto.config.smart_defaults import transform_sets
from iosemu.subjects.crypto.service.addresses import Addresses
from iosemu.subjects.crypto.service.applied_maps import AppliedMaps, Flows
from iosemu.subjects.crypto.service.flow import CryptoFlow, entry_selector, selector_of
from iosemu.subjects.crypto.service.identities import Identities
from iosemu.subjects.crypto.service.tunnels import Visitor

if TYPE_CHECKING:
    from iosemu.box.device import Device

ANYTHING = TrafficSelector(IPv4Network("0.0.0.0/0"))


class CryptoPolicy(AppliedMaps):
    """The crypto maps: which line protects a packet, what phase 2 offers and accepts."""

    def __init__(self, device: Device, addresses: Addresses, flows: Flows) -> None:
        super().__init__(device, addresses, flows)
        self.identities = Identities(device)

    def has_children(self, peer: IPv4Address) -> bool:
        """Whether any pair of SAs with the peer is installed."""
        return bool(self.flows.sadb.with_peer(peer))

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
            gre = all(
                each.protocol == PacketProtocol.GRE for each in (*offer.local_ranges, *offer.remote_ranges)
            )
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
