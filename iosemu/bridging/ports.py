"""What a switch knows of its layer 2 ports: as they are configured and as they came to be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.bridging.monitor import MonitorConfig
from iosemu.bridging.private_vlans import PrivateVlans
from iosemu.bridging.switchport import Switchport, SwitchportMode
from iosemu.bridging.vlans import VlanConfig

CHANNEL = "Port-channel"
FIRST_CHANNEL_NUMBER = 64
"""Port-channel 1 is spanning tree's port 65."""


class PortStates(Protocol):
    """Who says which ports pass frames: spanning tree."""

    def is_forwarding(self, name: str, vlan: int) -> bool:
        """Whether frames pass."""
        ...

    def is_learning(self, name: str, vlan: int) -> bool:
        """Whether addresses may be learned."""
        ...


class Bundles(Protocol):
    """Who ties ports together: EtherChannel."""

    def bundle_of(self, port: str) -> str | None:
        """The Port-channel that carries a port's frames now."""
        ...

    def active(self, channel: str) -> list[str]:
        """The bundled ports of a Port-channel."""
        ...

    def is_withheld(self, port: str) -> bool:
        """Whether a port carries nothing of its own."""
        ...

    def is_forced(self, channel: str) -> bool:
        """Whether nothing was negotiated with the other end of a Port-channel (mode `on`)."""
        ...


class _Open:
    """A switch without spanning tree and EtherChannel: every port passes everything."""

    def is_forwarding(self, name: str, vlan: int) -> bool:
        return True

    def is_learning(self, name: str, vlan: int) -> bool:
        return True

    def bundle_of(self, port: str) -> str | None:
        return None

    def active(self, channel: str) -> list[str]:
        return []

    def is_withheld(self, port: str) -> bool:
        return False

    def is_forced(self, channel: str) -> bool:
        return False


class SwitchPorts(Service):
    """The questions about ports that the protocols of a switch and its shows ask; nothing changes here."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.interfaces = device.interfaces
        self.states: PortStates = _Open()
        self.bundles: Bundles = _Open()
        self.negotiated: Callable[[str], bool] = lambda _port: False
        """Whether DTP made a port a trunk."""
        self.pruned: Callable[[str, int], bool] = lambda _port, _vlan: False
        """Whether nobody behind a trunk wants to hear a VLAN (VTP pruning)."""
        self.closed: dict[tuple[str, int], str] = {}
        """VLANs that are err-disabled on ports which go on with their others, and why."""
        self.undecided: Callable[[str], bool] = lambda _port: False
        """Whether DTP may do so in a moment."""
        self.unauthorized: set[str] = set()
        """Ports that let nobody through until somebody proves who is there (802.1X)."""
        self.assigned: dict[str, int] = {}
        """VLANs that access ports were put into, in place of those that are configured."""
        self.default_mode = SwitchportMode(device.model.facts["default_switchport_mode"])

    def switch_ports(self) -> list[str]:
        """Layer 2 ports as the VLANs see them: a bundle in place of its members."""
        channels = [each.name for each in self.device.interfaces.of_kind(CHANNEL)]
        return [
            name
            for name in (*self.device.ports, *channels)
            if self.is_switchport(name) and not self.bundles.is_withheld(name)
        ]

    def has(self, interface: Interface) -> bool:
        """Whether it is wired to the switch: one of its ports, switched or routed, or a bundle of them."""
        return interface.name in self.device.switch_ports or interface.kind == CHANNEL

    def is_switchport(self, name: str) -> bool:
        """Whether the name is that of a layer 2 port here."""
        config = self.device.config.interfaces.get(name)
        return config is not None and config.held(Switchport) is not None

    def port_number(self, name: str) -> int:
        """The number in a port's spanning tree identifier."""
        if name.startswith(CHANNEL):
            return FIRST_CHANNEL_NUMBER + int(name.removeprefix(CHANNEL))
        return self.device.model.ports.index(name) + 1

    def physical(self, name: str) -> list[str]:
        """What a port stands for: itself, or the ports that are bundled in it now."""
        return list(self.bundles.active(name)) if name.startswith(CHANNEL) else [name]

    def port_speed(self, name: str) -> int:
        """Mb/s of a port, or of a bundle's members together."""
        return sum(self.device.interfaces[each].hardware_bandwidth for each in self.physical(name)) // 1000

    def switchport(self, name: str) -> Switchport:
        """A port's layer 2 configuration."""
        port = self.device.config.interfaces[name].held(Switchport)
        assert port is not None
        return port

    def access_vlan(self, name: str) -> int:
        """The VLAN of an access port now: assigned, or configured."""
        assigned = self.assigned.get(name)
        return self.switchport(name).access_vlan if assigned is None else assigned

    def switchport_mode(self, name: str) -> SwitchportMode:
        """The configured mode, or the model's default."""
        return self.switchport(name).mode or self.default_mode

    def is_trunking(self, name: str) -> bool:
        """Whether the port is a trunk now: by configuration or by negotiation."""
        mode = self.switchport_mode(name)
        if mode is SwitchportMode.ACCESS:
            return False
        if mode is SwitchportMode.TRUNK:
            return True
        return any(self.negotiated(each) for each in self.physical(name))

    def is_undecided(self, name: str) -> bool:
        """Whether it is being negotiated if the port is a trunk."""
        return any(self.undecided(each) for each in self.physical(name))

    def untagged_vlan(self, name: str) -> int:
        """The VLAN of frames without a tag on a port."""
        port = self.switchport(name)
        if port.mode is not None and port.mode.is_private:
            private = self.private_vlans().port(port)
            return private.untagged if private is not None else self.access_vlan(name)
        return port.native_vlan if self.is_trunking(name) else self.access_vlan(name)

    def private_vlans(self) -> PrivateVlans:
        """The private VLANs that are in order."""
        return PrivateVlans.of(self.device.config.of(VlanConfig))

    def trunk_vlans(self, name: str) -> frozenset[int]:
        """VLANs that exist, are active and allowed on the trunk."""
        return self.active_vlans() & self.switchport(name).allowed_vlans

    def active_vlans(self) -> frozenset[int]:
        """VLANs that exist and are active."""
        return self.device.config.of(VlanConfig).active()

    def vlan_usable(self, vlan: int) -> bool:
        """Whether the VLAN exists and is active."""
        return self.device.config.of(VlanConfig).usable(vlan)

    def is_forwarding(self, name: str, vlan: int) -> bool:
        """Whether spanning tree lets frames pass, and the port is open."""
        return name not in self.unauthorized and self.states.is_forwarding(name, vlan)

    def is_learning(self, name: str, vlan: int) -> bool:
        """Whether spanning tree lets addresses be learned."""
        return self.states.is_learning(name, vlan)

    def is_monitor_destination(self, name: str) -> bool:
        """Whether the port is a SPAN destination."""
        sessions = self.device.config.of(MonitorConfig).sessions.values()
        return any(name in session.destination_interfaces for session in sessions)
