"""What a switch knows of its layer 2 ports: as they are configured and as they came to be."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.bridging.plane import SwitchingPlane
from iosemu.bridging.switchport import Switchport, SwitchportMode
from iosemu.bridging.vlans import VlanConfig
from iosemu.kinds.switch_config import SwitchConfig
from iosemu.subjects.etherchannel.service import KIND, EtherChannels
from iosemu.subjects.span.config import MonitorConfig
from iosemu.subjects.spanning_tree.service import SpanningTrees
from iosemu.subjects.trunking.service import TrunkNegotiation

FIRST_CHANNEL_NUMBER = 64
"""Port-channel 1 is spanning tree's port 65."""


class SwitchPorts(Device):
    """The questions about ports that the protocols of a switch and its shows ask; nothing changes here."""

    config: SwitchConfig
    interfaces: dict[str, Interface]
    plane: SwitchingPlane
    trees: SpanningTrees
    channels: EtherChannels
    trunking: TrunkNegotiation
    _default_mode: SwitchportMode

    def switch_ports(self) -> list[str]:
        """Layer 2 ports as the VLANs see them: a bundle in place of its members."""
        channels = [name for name in self.interfaces if name.startswith(KIND)]
        return [
            name
            for name in (*self.ports, *channels)
            if self.is_switchport(name) and not self.channels.is_withheld(name)
        ]

    def is_switchport(self, name: str) -> bool:
        """Whether the name is that of a layer 2 port here."""
        config = self.config.interfaces.get(name)
        return config is not None and config.switchport is not None

    def port_number(self, name: str) -> int:
        """The number in a port's spanning tree identifier."""
        if name.startswith(KIND):
            return FIRST_CHANNEL_NUMBER + int(name.removeprefix(KIND))
        return self.model.ports.index(name) + 1

    def port_speed(self, name: str) -> int:
        """Mb/s of a port, or of a bundle's members together."""
        members = self.channels.active(name) if name.startswith(KIND) else [name]
        return sum(self.interfaces[member].hardware_bandwidth for member in members) // 1000

    def switchport(self, name: str) -> Switchport:
        """A port's layer 2 configuration."""
        port = self.config.interfaces[name].switchport
        assert port is not None
        return port

    def switchport_mode(self, name: str) -> SwitchportMode:
        """The configured mode, or the model's default."""
        return self.switchport(name).mode or self._default_mode

    def is_trunking(self, name: str) -> bool:
        """Whether the port is a trunk now: by configuration or by negotiation."""
        mode = self.switchport_mode(name)
        if mode is SwitchportMode.ACCESS:
            return False
        if mode is SwitchportMode.TRUNK:
            return True
        if name.startswith(KIND):
            return any(self.trunking.is_trunking(member) for member in self.channels.active(name))
        return self.trunking.is_trunking(name)

    def untagged_vlan(self, name: str) -> int:
        """The VLAN of frames without a tag on a port."""
        port = self.switchport(name)
        return port.native_vlan if self.is_trunking(name) else port.access_vlan

    def _native(self, name: str) -> int | None:
        return self.untagged_vlan(name) if self.is_switchport(name) else None

    def trunk_vlans(self, name: str) -> frozenset[int]:
        """VLANs that exist, are active and allowed on the trunk."""
        allowed = self.switchport(name).allowed_vlans
        vlans = self.config.of(VlanConfig)
        return frozenset(
            vlan.number for vlan in vlans.ethernet() if vlan.number in allowed and vlans.usable(vlan.number)
        )

    def port_vlans(self, name: str) -> frozenset[int]:
        """VLANs whose spanning trees a port is in."""
        if self.plane.is_destination(name):
            return frozenset()
        if self.is_trunking(name):
            return self.trunk_vlans(name)
        port = self.switchport(name)
        wanted = {port.access_vlan} if port.voice_vlan is None else {port.access_vlan, port.voice_vlan}
        return frozenset(vlan for vlan in wanted if self.vlan_usable(vlan))

    def vlan_usable(self, vlan: int) -> bool:
        """Whether the VLAN exists and is active."""
        return self.config.of(VlanConfig).usable(vlan)

    def is_forwarding(self, name: str, vlan: int) -> bool:
        """Whether spanning tree lets frames pass."""
        return self.trees.is_forwarding(name, vlan)

    def is_learning(self, name: str, vlan: int) -> bool:
        """Whether spanning tree lets addresses be learned."""
        return self.trees.is_learning(name, vlan)

    def is_monitor_destination(self, name: str) -> bool:
        """Whether the port is a SPAN destination."""
        return any(
            name in session.destination_interfaces
            for session in self.config.of(MonitorConfig).sessions.values()
        )
