"""Virtual-Access interfaces: made from a virtual template for one peer, and gone with its SAs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_config import InterfaceConfig
from iosemu.ike.types import Identity
from iosemu.ip.config import primary_address
from iosemu.subjects.crypto.config.maps import CryptoMap, CryptoMapEntry
from iosemu.subjects.crypto.config.smart_defaults import ipsec_profile, ipsec_profiles
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.crypto.service.tunnels import Visitor
from iosemu.subjects.tunnel.config import Tunnel, TunnelMode
from iosemu.subjects.tunnel.protection import MAP_SEQUENCE, protecting

PATIENCE = 30.0
"""Seconds that an interface may be without SAs from the time it was made."""
TEMPLATE, ACCESS = "Virtual-Template", "Virtual-Access"


@dataclass(slots=True)
class Clone:
    """One interface that was made."""

    visitor: Visitor
    until: float
    """Lab time until which it waits for its SAs."""
    map: CryptoMap | None = None
    """What stands for its crypto map, once that was asked for."""


def access_config(device: Device, origin: InterfaceConfig | None) -> InterfaceConfig:
    """The configuration of a further Virtual-Access interface: as the template's, if there is one."""
    number = next(
        each
        for each in range(1, len(device.config.interfaces) + 2)
        if f"{ACCESS}{each}" not in device.config.interfaces
    )
    config = InterfaceConfig(f"{ACCESS}{number}")
    if origin is not None:
        config.bandwidth, config.delay, config.load_interval = (
            origin.bandwidth,
            origin.delay,
            origin.load_interval,
        )
        for part in origin.parts:
            config.put(deepcopy(part))
    config.cloned = True
    return config


class Clones:
    """The Virtual-Access interfaces of a box.

    `make` gives the box an interface of a configuration; `look_again` has one looked at in a moment.
    """

    def __init__(
        self, device: Device, make: Callable[[InterfaceConfig], Interface], look_again: Callable[[str], None]
    ) -> None:
        self.device = device
        self._make = make
        self._look_again = look_again
        self._clones: dict[str, Clone] = {}
        self._by_peer: dict[tuple[IPv4Address, IPv4Address, Identity | None], str] = {}

    def __contains__(self, name: object) -> bool:
        return name in self._clones

    def template(self, number: int) -> Tunnel | None:
        """The tunnel settings of a template."""
        config = self.device.config.interfaces.get(f"{TEMPLATE}{number}")
        return config.held(Tunnel) if config is not None else None

    def any_template(self) -> bool:
        """Whether any template protects what its interfaces carry."""
        profiles = ipsec_profiles(self.device)
        found = (each.config.held(Tunnel) for each in self.device.interfaces.of_kind(TEMPLATE))
        return any(each is not None and each.protection in profiles for each in found)

    def entry(self, visitor: Visitor) -> CryptoMapEntry | None:
        """What the interface of a peer would protect."""
        tunnel = self.template(visitor.template)
        if tunnel is None:
            return None
        found = self._map("", self._fitted(tunnel, visitor), visitor)
        return found.entries[MAP_SEQUENCE] if found is not None else None

    def map_of(self, name: str, tunnel: Tunnel) -> CryptoMap | None:
        """What stands for the crypto map of an interface that was made."""
        clone = self._clones[name]
        if clone.map is None:
            clone.map = self._map(name, tunnel, clone.visitor)
        return clone.map

    def configured(self, name: str | None = None) -> None:
        """What one of them protects may be otherwise; None: what any of them does."""
        for each in self._clones if name is None else (name,):
            clone = self._clones.get(each)
            if clone is not None:
                clone.map = None

    def admit(self, visitor: Visitor) -> str | None:
        """The interface of a peer, made when it is new."""
        key = (visitor.local, visitor.peer, visitor.identity)
        known = self._by_peer.get(key)
        if known is not None and self._clones[known].visitor == visitor:
            return known
        if known is not None:
            self.remove(known)
        origin = self.device.config.interfaces.get(f"{TEMPLATE}{visitor.template}")
        tunnel = origin.held(Tunnel) if origin is not None else None
        if origin is None or tunnel is None:
            return None
        config = access_config(self.device, origin)
        config.put(self._fitted(tunnel, visitor))
        name = config.name
        self._clones[name] = Clone(visitor, self.device.now + PATIENCE)
        self._by_peer[key] = name
        interface = self._make(config)
        interface.address_method = "unset"
        with self.device.batch():
            self.device.add_interface(interface)
            self.device.interface_configured(name)
        self.device.scheduler.after(PATIENCE, lambda: self._look_again(name))
        return name

    def interface_for(self, local: IPv4Address, peer: IPv4Address, identity: Identity | None) -> str | None:
        """The interface that was made for a peer."""
        return self._by_peer.get((local, peer, identity))

    def tidy(self, names: Iterable[str]) -> None:
        """Remove those of these whose SAs are gone, or never came, or whose template is."""
        crypto = self.device.service(CryptoEngine)
        for name in names:
            clone = self._clones.get(name)
            if clone is None:
                continue
            entry = self.entry_of(name)
            flows = crypto.flows_of(name, entry) if entry is not None else []
            if any(flow.pairs for flow in flows):
                clone.until = 0.0
            elif entry is None or self.device.now >= clone.until:
                self.remove(name)

    def entry_of(self, name: str) -> CryptoMapEntry | None:
        """What an interface protects; None when template or profile is not there any more."""
        config = self.device.config.interfaces.get(name)
        tunnel = config.held(Tunnel) if config is not None else None
        if tunnel is None or self.template(self._clones[name].visitor.template) is None:
            return None
        found = self.map_of(name, tunnel)
        return found.entries[MAP_SEQUENCE] if found is not None else None

    def remove(self, name: str) -> None:
        """Remove one interface."""
        clone = self._clones.get(name)
        interface = self.device.interfaces.get(name)
        if clone is None or interface is None:
            return
        self.device.delete_interface(name)
        del self._clones[name]
        del self._by_peer[clone.visitor.local, clone.visitor.peer, clone.visitor.identity]

    def _fitted(self, tunnel: Tunnel, visitor: Visitor) -> Tunnel:
        """The settings of a template, with both ends of one peer."""
        source: IPv4Address | str = tunnel.source if tunnel.source is not None else visitor.local
        if isinstance(source, str):
            source = primary_address(self.device.config.interfaces.get(source)) or visitor.local
        mode = tunnel.mode
        if visitor.gre is not None:
            mode = TunnelMode.GRE if visitor.gre else TunnelMode.IPSEC
        name = f"{TEMPLATE}{visitor.template}"
        return replace(tunnel, source=source, destination=visitor.peer, mode=mode, template=name)

    def _map(self, name: str, tunnel: Tunnel, visitor: Visitor) -> CryptoMap | None:
        if tunnel.source != visitor.local or tunnel.protection is None:
            return None
        profile = ipsec_profile(self.device, tunnel.protection)
        if profile is None:
            return None
        # a template's interface belongs to the IKE profile that the peer came under
        if visitor.version == 1:
            named = profile.isakmp_profile
            profile = replace(profile, isakmp_profile=visitor.profile)
        else:
            named = profile.ikev2_profile
            profile = replace(profile, ikev2_profile=visitor.profile)
        if named not in (None, visitor.profile) or (
            visitor.version == 1 and profile.ikev2_profile is not None
        ):
            return None
        return protecting(name, tunnel, visitor.local, profile)
