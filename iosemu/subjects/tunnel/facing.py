"""What protects tunnels with many far ends: an entry of a crypto map for each of them."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from iosemu.box.device import Device
from iosemu.ipsec.selectors import Selector
from iosemu.packets.ipv4 import Protocol
from iosemu.subjects.crypto.config.maps import CryptoMap, CryptoMapEntry
from iosemu.subjects.crypto.config.smart_defaults import ipsec_profile
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.tunnel.protection import MAP_SEQUENCE

if TYPE_CHECKING:
    from iosemu.subjects.tunnel.service import Tunnels


class Facing:
    """The far ends of a router's protected multipoint tunnels."""

    def __init__(self, device: Device, tunnels: Tunnels) -> None:
        self._device = device
        self._tunnels = tunnels
        self._numbers: dict[str, dict[IPv4Address, int]] = {}
        """Sequence numbers by far end, of each tunnel."""
        self._maps: dict[str, CryptoMap] = {}
        """What stands for their crypto maps."""

    def look_again(self) -> None:
        """Something was configured: the maps are made anew when they are asked for."""
        self._maps.clear()

    def configured(self, name: str) -> None:
        """The map of one tunnel is made anew."""
        self._maps.pop(name, None)

    def forget(self, name: str) -> None:
        """A tunnel is removed."""
        self._numbers.pop(name, None)

    def map_of(self, name: str) -> CryptoMap | None:
        """The crypto map of a tunnel with many far ends: an entry for each that packets went to or came from."""
        found = self._maps.get(name)
        if found is None:
            if self._template(name) is None:
                return None
            found = self._maps[name] = CryptoMap(f"{name}-head-0")
            for peer in self._numbers.get(name, ()):
                self.entry(name, peer)
        return found

    def _template(self, name: str) -> CryptoMapEntry | None:
        """The profile that protects a multipoint tunnel."""
        tunnel = self._tunnels.get(name)
        if tunnel is None or tunnel.protection is None or self._tunnels.source_of(name) is None:
            return None
        return ipsec_profile(self._device, tunnel.protection)

    def entry(self, name: str, peer: IPv4Address) -> CryptoMapEntry | None:
        """The entry of a protected multipoint tunnel for a far end, made when new; None for other interfaces."""
        tunnel = self._tunnels.get(name)
        found = self.map_of(name) if tunnel is not None and tunnel.multipoint else None
        template, source = self._template(name), self._tunnels.source_of(name)
        if found is None or tunnel is None or template is None or source is None:
            return None
        numbers = self._numbers.setdefault(name, {})
        sequence = numbers.get(peer)
        if sequence is None:
            sequence = numbers[peer] = max(numbers.values(), default=MAP_SEQUENCE - 1) + 1
        entry = found.entries.get(sequence)
        if entry is None:
            entry = found.entries[sequence] = replace(
                template,
                name=found.name,
                sequence=sequence,
                peers=[peer],
                selector=Selector(IPv4Network(source), IPv4Network(peer), Protocol.GRE),
                profile=tunnel.protection,
            )
        return entry

    def released(self, name: str, peer: IPv4Address) -> None:
        """Nothing goes to a far end any more: its SAs go, too."""
        entry = self.entry(name, peer) if peer in self._numbers.get(name, {}) else None
        if entry is None:
            return
        engine = self._device.service(CryptoEngine)
        for flow in list(engine.flows_of(name, entry)):
            engine.remove_flow((name, flow.map_name, flow.sequence, flow.selector))
        del self._numbers[name][peer]
        del self._maps[name].entries[entry.sequence]
