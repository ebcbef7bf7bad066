"""Virtual links (RFC 2328, 15)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from iosemu.routing.ospf.config import InterfaceConfig, VirtualLinkConfig
from iosemu.routing.ospf.constants import BACKBONE, LS_INFINITY, InterfaceState, NetworkType
from iosemu.routing.ospf.interface import Interface
from iosemu.routing.ospf.lsa import ROUTER_VERTEX
from iosemu.routing.ospf.numbers import address
from iosemu.routing.ospf.spf import address_towards

if TYPE_CHECKING:
    from iosemu.routing.ospf.area import Area
    from iosemu.routing.ospf.core import Core


class VirtualLinks:
    """Brings virtual links up and down with the paths in their transit areas."""

    def __init__(self, process: Core) -> None:
        self.process = process
        self._count = 0

    def configure(self, area: Area) -> None:
        """Make the virtual links through an area those of its configuration."""
        wanted = {int(link.router_id): link for link in area.config.virtual_links}
        for interface in list(area.virtual_links):
            assert interface.virtual is not None
            peer = int(interface.virtual.router_id)
            if wanted.get(peer) == interface.virtual:
                del wanted[peer]
                continue
            self.process.interface_machine.down(interface)
            self.process.forget_interface(interface)
            area.virtual_links.remove(interface)
        for link in wanted.values():
            self._add(area, link)

    def _add(self, area: Area, link: VirtualLinkConfig) -> None:
        process = self.process
        config = InterfaceConfig(
            f"OSPF_VL{self._count}",
            address(0),
            32,
            BACKBONE,
            NetworkType.VIRTUAL_LINK,
            hello_interval=link.hello_interval,
            dead_interval=link.dead_interval,
            retransmit_interval=link.retransmit_interval,
            transmit_delay=link.transmit_delay,
            authentication=link.authentication,
        )
        self._count += 1
        interface = process.make_interface(config)
        interface.virtual = link
        interface.transit_area = area
        area.virtual_links.append(interface)
        self.follow(area)

    def follow(self, area: Area) -> None:
        """The tree of a transit area is new: see where the other ends are."""
        tree = area.tree
        for interface in area.virtual_links:
            assert interface.virtual is not None
            peer = int(interface.virtual.router_id)
            vertex = peer | ROUTER_VERTEX
            cost = tree.distance.get(vertex) if tree else None
            target = address_towards(tree, peer) if tree and cost is not None else None
            if cost is None or cost >= LS_INFINITY or target is None or not area.normal:
                if interface.state is not InterfaceState.DOWN:
                    self.process.interface_machine.down(interface)
                continue
            assert tree is not None
            self._reach(interface, cost, target, min(tree.hops[vertex])[0])

    def _reach(self, interface: Interface, cost: int, target: int, outgoing: str) -> None:
        process = self.process
        physical = process.interfaces[outgoing]
        if interface.state is not InterfaceState.DOWN and interface.address != physical.address:
            process.interface_machine.down(interface)
        interface.outgoing = outgoing
        interface.peer_address = target
        if interface.path_cost != cost:
            interface.path_cost = cost
            interface.area.router_lsa_wanted = True
        if interface.state is InterfaceState.DOWN:
            config = replace(interface.config, address=physical.config.address)
            interface.set_config(config, process.config.reference_bandwidth)
            process.interface_machine.up(interface)

    def find(self, area: Area, router_id: int) -> Interface | None:
        """The virtual link through an area to a router, if it is up."""
        for interface in area.virtual_links:
            if interface.virtual is not None and int(interface.virtual.router_id) == router_id:
                return interface if interface.state is not InterfaceState.DOWN else None
        return None
