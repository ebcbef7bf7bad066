"""Crypto maps where they are applied: the one of an interface, and which of its lines protects a packet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Protocol

from iosemu.box.interfaces import ByName
from iosemu.ip.stack import IpStack
from iosemu.ipsec import selectors
from iosemu.ipsec.sadb import Sadb
from iosemu.ipsec.selectors import Selector
from iosemu.packets.ipv4 import Protocol as PacketProtocol
from iosemu.subjects.acl.config import AclsConfig, Action, Entry
from iosemu.subjects.acl.evaluation import Flow, find
from iosemu.subjects.crypto.config.ikev2 import Ikev2Config
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig
from iosemu.subjects.crypto.config.maps import CryptoMap, CryptoMapBinding, CryptoMapEntry, CryptoMapsConfig
from iosemu.subjects.crypto.service.addresses import Addresses
from iosemu.subjects.crypto.service.dynamic import TemporaryEntries
from iosemu.subjects.crypto.service.flow import CryptoFlow, entry_selector
from iosemu.subjects.crypto.service.map_index import MapIndex
from iosemu.subjects.crypto.service.tunnels import ProtectedTunnels

if TYPE_CHECKING:
    from iosemu.box.device import Device


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


class AppliedMaps:
    """The crypto maps of interfaces, configured ones and those of Easy VPN clients."""

    def __init__(self, device: Device, addresses: Addresses, flows: Flows) -> None:
        self.device = device
        self.addresses = addresses
        self.flows = flows
        self._bound: ByName[str] = ByName()
        """The names of the crypto maps on interfaces."""
        self._indices: dict[str, MapIndex] = {}
        """Those of the configured maps that were asked for since something was configured."""

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


def _described(flow: Flow) -> selectors.Flow:
    """A flow as selectors look at it."""
    source, destination = IPv4Address(flow.source), IPv4Address(flow.destination)
    return selectors.Flow(
        source, destination, flow.protocol, flow.source_port or 0, flow.destination_port or 0
    )
