"""What the router's configuration answers to the IKE engine, and to the question which line protects what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.device.acl import Flow, find
from iosemu.device.config.acl import Action, Entry
from iosemu.device.config.crypto_map import CryptoMap, CryptoMapEntry
from iosemu.device.config.isakmp import Identity as IdentityKind
from iosemu.device.config.isakmp import IsakmpStyle, builtin_policies, default_suite
from iosemu.device.crypto_flow import CryptoFlow, entry_selector, selector_of
from iosemu.device.crypto_keys import UDP_FORMS
from iosemu.ike.configuration import BaseConfiguration
from iosemu.ike.types import (
    ChildAnswer,
    ChildOffer,
    ChildRequest,
    Encapsulation,
    Identity,
    Phase1Policy,
    Phase2Proposal,
    Refusal,
)
from iosemu.ipsec.selectors import Selector

if TYPE_CHECKING:
    from iosemu.device.crypto import CryptoEngine
    from iosemu.device.router import Router


class CryptoPolicy(BaseConfiguration):
    """The typed configuration as the IKE engine asks for it: read anew, so that changes count at once."""

    def __init__(self, router: Router, engine: CryptoEngine) -> None:
        self.router = router
        self.engine = engine

    # --- phase 1 -------------------------------------------------------------------------------------

    def policies(self) -> Sequence[Phase1Policy]:
        """The configured suites by priority, then what the image has built in."""
        style = self.router.image.style(IsakmpStyle)
        suites = list(self.router.config.isakmp.policies.values())
        if not suites and style.builtin_policies:
            suites = builtin_policies()
        if style.default_suite:
            suites.append(default_suite())
        return [suite.suite() for suite in suites]

    def preshared_key(self, peer: IPv4Address) -> bytes | None:
        """The most specific key."""
        key = self.router.config.isakmp.key_for(peer)
        return key.secret.encode() if key is not None else None

    def identity_key(self, identity: Identity, peer: IPv4Address) -> bytes | None:
        """A key by the host name that was claimed, else that of the peer's address."""
        for key in self.router.config.isakmp.keys:
            if key.hostname and key.hostname == str(identity):
                return key.secret.encode()
        return self.preshared_key(peer)

    def identity(self, local: IPv4Address) -> Identity:
        """As `crypto isakmp identity` says."""
        if self.router.config.isakmp.identity is IdentityKind.HOSTNAME:
            return Identity.hostname(self.router.hostname)
        return Identity.address(local)

    def aggressive_mode(self) -> bool:
        """Answered unless `crypto isakmp aggressive-mode disable`."""
        return not self.router.config.isakmp.aggressive_disabled

    def keepalive(self) -> tuple[int, int, bool] | None:
        """DPD as configured."""
        keepalive = self.router.config.isakmp.keepalive
        return (keepalive.interval, keepalive.retry, keepalive.periodic) if keepalive is not None else None

    def nat_traversal(self) -> bool:
        """Offered unless `no crypto ipsec nat-transparency udp-encapsulation`."""
        return self.router.config.ipsec.nat_transparency

    def nat_keepalive(self) -> int:
        """Seconds, 0 for none."""
        return self.router.config.isakmp.nat_keepalive

    def has_children(self, peer: IPv4Address) -> bool:
        """Whether any pair of SAs with the peer is installed."""
        return any(pair.peer == peer for pair in self.engine.sadb)

    # --- crypto maps ---------------------------------------------------------------------------------

    def applied(self) -> Iterator[tuple[str, CryptoMap]]:
        """Interfaces that have a crypto map, with it."""
        maps = self.router.config.crypto_maps
        for name, interface in self.router.config.interfaces.items():
            found = maps.get(interface.crypto_map)
            if found is not None:
                yield name, found

    def map_of(self, interface: str) -> CryptoMap | None:
        """The crypto map on an interface."""
        config = self.router.config.interfaces.get(interface)
        return self.router.config.crypto_maps.get(config.crypto_map) if config is not None else None

    def local_address(self, interface: str, crypto_map: CryptoMap) -> IPv4Address | None:
        """The address that IKE and ESP use: that of `local-address`, else the interface's."""
        config = self.router.config.interfaces.get(crypto_map.local_address or interface)
        return config.address.ip if config is not None and config.address is not None else None

    def permits(self, entry: CryptoMapEntry) -> Iterator[tuple[Entry, Selector]]:
        """The permit lines of an entry's access list that have proxy identities."""
        access_list = self.router.config.acls.get(entry.access_list)
        for line in access_list.entries if access_list is not None else ():
            selector = entry_selector(line)
            if line.action is Action.PERMIT and selector is not None:
                yield line, selector

    def match(self, crypto_map: CryptoMap, flow: Flow) -> tuple[CryptoMapEntry, Entry, Selector] | None:
        """The first complete entry that permits a packet; a deny line passes it on to the next entry."""
        for entry in crypto_map.entries.values():
            access_list = self.router.config.acls.get(entry.access_list)
            if access_list is None or not entry.complete:
                continue
            line = find(access_list, flow)
            if line is None or line.action is not Action.PERMIT:
                continue
            selector = entry_selector(line)
            if selector is not None:
                return entry, line, selector
        return None

    # --- phase 2 -------------------------------------------------------------------------------------

    def request(
        self, flow: CryptoFlow, entry: CryptoMapEntry, local: IPv4Address, peer: IPv4Address
    ) -> ChildRequest | None:
        """What to offer for a flow; None while no transform set of the entry exists."""
        proposals = tuple(self._proposals(entry, flow.selector, local, peer))
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
        )

    def lifetimes(self, entry: CryptoMapEntry) -> tuple[int, int]:
        """Seconds and kilobytes of an entry's SAs."""
        ipsec = self.router.config.ipsec
        return (
            entry.lifetime_seconds or ipsec.lifetime_seconds,
            entry.lifetime_kilobytes or ipsec.lifetime_kilobytes,
        )

    def select_child(self, offer: ChildOffer) -> ChildAnswer | Refusal:
        """Judge an offer: a permit line must cover its identities, then a transform set and PFS must fit."""
        refusal = Refusal.PROXY_MISMATCH
        offered = selector_of(offer.local_selector, offer.remote_selector)
        for interface, crypto_map in self.applied():
            if self.local_address(interface, crypto_map) != offer.local:
                continue
            for entry in crypto_map.entries.values():
                if not entry.complete or offer.peer not in entry.peers:
                    continue
                if not any(selector.covers(offered) for _line, selector in self.permits(entry)):
                    continue
                accepted = self._accepted(entry, offered, offer)
                if isinstance(accepted, Refusal):
                    refusal = accepted
                    continue
                seconds, kilobytes = self.lifetimes(entry)
                flow = self.engine.flow(interface, entry, offered)
                return ChildAnswer(accepted, seconds, kilobytes, tag=flow)
        return refusal

    def _accepted(self, entry: CryptoMapEntry, offered: Selector, offer: ChildOffer) -> int | Refusal:
        mine = list(self._proposals(entry, offered, offer.local, offer.peer))
        for index, proposal in enumerate(offer.proposals):
            mode = UDP_FORMS.get(proposal.encapsulation, proposal.encapsulation)
            if Phase2Proposal(proposal.esp, proposal.ah, mode) in mine:
                if entry.pfs_group is not None and offer.pfs_group != entry.pfs_group:
                    return Refusal.PFS_MISMATCH
                return index
        return Refusal.TRANSFORM_MISMATCH

    def _proposals(
        self, entry: CryptoMapEntry, selector: Selector, local: IPv4Address, peer: IPv4Address
    ) -> Iterator[Phase2Proposal]:
        """The entry's transform sets; transport mode only between the crypto peers themselves."""
        sets = self.router.config.ipsec.transform_sets
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
