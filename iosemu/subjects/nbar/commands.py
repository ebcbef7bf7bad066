"""What is typed of NBAR."""

from __future__ import annotations

from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.subjects.mqc.config import MqcConfig, ProtocolName
from iosemu.subjects.mqc.protocols import PROTOCOLS
from iosemu.subjects.nbar.config import DiscoveryPort
from iosemu.subjects.nbar.service import ProtocolDiscovery

MOST_PORTS = 16
"""Of one line."""


def protocol_discovery(context: Context) -> None:
    """`[no] ip nbar protocol-discovery`."""
    context.edited(InterfaceConfig).of(DiscoveryPort).discovery = not context.off


def port_map(
    context: Context, protocol: ProtocolName, transport: str = "", ports: tuple[int, ...] = ()
) -> None:
    """`ip nbar port-map NAME tcp|udp PORT…`: in place of the ports that the protocol has of itself."""
    maps = context.device.config.of(MqcConfig).port_maps
    if context.off:
        for word in (transport,) if transport else ("tcp", "udp"):
            maps.pop((protocol.name, word), None)
        return
    known = PROTOCOLS[protocol.name]
    if not known.tcp and not known.udp:
        raise CommandError(f"% NBAR ERROR: protocol {protocol.name} has no port map")
    if len(ports) > MOST_PORTS:
        raise CommandError(f"% NBAR ERROR: no more than {MOST_PORTS} ports for a protocol")
    maps[protocol.name, transport] = tuple(dict.fromkeys(ports))


def clear_discovery(context: Context, interface: str = "") -> None:
    """`clear ip nbar protocol-discovery [interface X]`."""
    context.device.service(ProtocolDiscovery).clear(interface)
