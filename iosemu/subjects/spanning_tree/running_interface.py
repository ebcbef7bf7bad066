"""Spanning tree under `interface X`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.subject import Fields, InterfaceSection
from iosemu.bridging.switchport import Switchport


def _portfast(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    port = config.held(Switchport)
    if port is not None and port.portfast is not None:
        option = " disable" if not port.portfast else " trunk" if port.portfast_trunk else ""
        yield f" spanning-tree portfast{option}"


def _per_vlan(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    port = config.held(Switchport)
    if port is None:
        return
    for number, cost in sorted(port.stp_vlan_cost.items()):
        yield f" spanning-tree vlan {number} cost {cost}"
    if port.stp_cost is not None:
        yield f" spanning-tree cost {port.stp_cost}"
    for number, priority in sorted(port.stp_vlan_priority.items()):
        yield f" spanning-tree vlan {number} port-priority {priority}"
    if port.stp_priority != 128:
        yield f" spanning-tree port-priority {port.stp_priority}"
    for number, cost in sorted(port.mst_cost.items()):
        yield f" spanning-tree mst {number} cost {cost}"
    for number, priority in sorted(port.mst_priority.items()):
        yield f" spanning-tree mst {number} port-priority {priority}"
    if port.simulate_pvst is not None:
        yield f" spanning-tree mst simulate pvst{'' if port.simulate_pvst else ' disable'}"


SECTIONS = (
    InterfaceSection(
        "spanning-tree",
        (
            _portfast,
            Fields(Switchport, ("bpduguard", "bpdufilter", "link_type")),
            _per_vlan,
            Fields(Switchport, ("guard",)),
        ),
    ),
)
