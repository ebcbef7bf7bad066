"""What a switch says by LLDP of a port's VLAN and negotiation, and to telephones by LLDP-MED."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.software import serial_number
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.switchport import Switchport
from iosemu.packets import lldp_med
from iosemu.packets.lldp_med import NetworkPolicy, Phy, Power, Tlv
from iosemu.subjects.discovery.config import LldpConfig, LldpPort

UNTAGGED = 4095
"""The VLAN of `switchport voice vlan untagged`."""
MANUFACTURER = "Cisco Systems, Inc."
_FAST, _GIGABIT = 0x6C00, 0x6C01
"""What ports of 100 and 1000 Mb/s can do, as bits of `ifMauAutoNegCapabilityBits`."""
_MAU = {(10, False): 10, (10, True): 11, (100, False): 15, (100, True): 16, (1000, True): 30}
"""`ifMauType` (RFC 4836), by Mb/s and whether it is full duplex."""
_POWER = Power(kind=0, source=1, priority=3, tenths=154)
"""What a port that gives power may give: 15.4 W."""


def of_port(device: Device, interface: Interface) -> Iterator[Tlv]:
    """The VLAN of untagged frames, and how the port negotiates."""
    without = device.config.of(LldpConfig).without
    bridge = device.service(Bridge)
    if "port-vlan" not in without and bridge.is_switchport(interface.name):
        yield lldp_med.port_vlan(bridge.untagged_vlan(interface.name))
    if "mac-phy-cfg" not in without:
        yield _phy(interface).tlv()


def _phy(interface: Interface) -> Phy:
    config, fastest = interface.config, interface.hardware_bandwidth // 1000
    speed = fastest if config.speed == "auto" else int(config.speed)
    media = _GIGABIT if fastest >= 1000 else _FAST
    negotiates = config.speed == "auto" or config.duplex == "auto"
    return Phy(True, negotiates, media, _MAU.get((speed, config.duplex != "half"), 0))


def for_endpoint(device: Device, interface: Interface, port: Switchport) -> Iterator[Tlv]:
    """What a telephone is told: what this end can say, the VLAN of voice, power, and what box this is."""
    without = interface.config.of(LldpPort).without_med
    powers = bool(device.model.facts.get("inline_power"))
    able = lldp_med.CAN_CAPABILITIES
    for name, bit, there in (
        ("network-policy", lldp_med.CAN_POLICY, True),
        ("location", lldp_med.CAN_LOCATION, True),
        ("power-management", lldp_med.CAN_POWER_PSE, powers),
        ("inventory-management", lldp_med.CAN_INVENTORY, True),
    ):
        able |= bit if there and name not in without else 0
    yield lldp_med.med(lldp_med.CAPABILITIES, able.to_bytes(2) + bytes((lldp_med.CONNECTIVITY,)))
    voice = port.appliance_vlan
    if able & lldp_med.CAN_POLICY and voice is not None:
        tagged = voice != UNTAGGED
        yield NetworkPolicy(vlan=voice if tagged else 0, tagged=tagged).tlv()
    if able & lldp_med.CAN_POWER_PSE:
        yield _POWER.tlv()
    if able & lldp_med.CAN_INVENTORY:
        for subtype, text in (
            (lldp_med.SOFTWARE, str(device.image.version)),
            (lldp_med.SERIAL, serial_number(device)),
            (lldp_med.MANUFACTURER, MANUFACTURER),
            (lldp_med.MODEL, str(device.model.facts["platform"])),
        ):
            yield lldp_med.med(subtype, text.encode("latin-1")[:32])
