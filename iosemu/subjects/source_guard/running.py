"""IP source guard in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.interface_types import short_name
from iosemu.box.render import Render
from iosemu.subjects.source_guard.config import SourceBindings, SourceVerification


def binding_lines(switch: Device, _render: Render) -> Iterator[str]:
    """The static bindings."""
    for (vlan, station), row in switch.config.of(SourceBindings).rows.items():
        yield (
            f"ip source binding {station.dotted.upper()} vlan {vlan} {row.address} "
            f"interface {short_name(row.port)}"
        )


def port_lines(_switch: Device, config: InterfaceConfig) -> Iterator[str]:
    """`ip verify source` under `interface X`."""
    held = config.held(SourceVerification)
    if held is not None and held.by:
        yield " ip verify source port-security" if held.by == "ip-mac" else " ip verify source"
