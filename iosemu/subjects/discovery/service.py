"""CDP and LLDP of a router or switch: who is told what, and who was heard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_types import Medium, short_name
from iosemu.box.service import Service
from iosemu.box.software import platform, version_lines
from iosemu.box.subject import Forwarding
from iosemu.box.system import SystemConfig
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.switchport import Switchport
from iosemu.bridging.vlans import VlanConfig
from iosemu.ip.config import IpSettings
from iosemu.ip.serial import KIND, SerialLines, has_one_circuit
from iosemu.net.neighbors import NeighborTable
from iosemu.net.scheduler import Timer
from iosemu.packets.cdp import (
    APPLIANCE,
    CLUSTER_HELLO,
    POWER_AVAILABLE,
    PROTOCOL_HELLO,
    TRUST,
    UNTRUSTED_COS,
    CdpCapability,
    CdpPacket,
)
from iosemu.packets.dtp import CISCO_GROUP
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EthernetFrame, EtherType
from iosemu.packets.hdlc import CDP
from iosemu.packets.llc import OUI_CISCO, SNAP_CDP, Snap
from iosemu.packets.lldp import LLDP_GROUP, LldpCapability, LldpPacket
from iosemu.packets.lldp_med import CONNECTIVITY, Organizational, Tlv
from iosemu.subjects.discovery import organizational
from iosemu.subjects.discovery.config import CdpConfig, CdpPort, LldpConfig, LldpPort
from iosemu.subjects.routing.config import RoutesConfig

DISCOVERY_GROUPS = (CISCO_GROUP, LLDP_GROUP)


@dataclass(slots=True)
class DiscoveryCounters:
    """Advertisements of one protocol since the counters were cleared."""

    sent: int = 0
    received: int = 0
    malformed: int = 0


class Discovery(Service):
    """Advertises on every interface that has a socket and whose line protocol is up, and keeps the neighbors."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.cdp: NeighborTable[CdpPacket] = NeighborTable()
        self.lldp: NeighborTable[LldpPacket] = NeighborTable()
        self.cdp_counters = DiscoveryCounters()
        self.lldp_counters = DiscoveryCounters()
        self._timers: dict[str, Timer] = {}
        self._lldp_was_on = False
        self._endpoints: dict[str, float] = {}
        """Until when an endpoint of LLDP-MED is believed to be at a port."""

    def start(self) -> None:
        """Power came: listen, and advertise from now on."""
        self.device.bind_group(CISCO_GROUP, self.receive)
        self.device.bind_group(LLDP_GROUP, self.receive)
        lines = self.device.find(SerialLines)
        if lines is not None:
            lines.control[CDP] = self._receive_by_line
        self._plan_cdp()
        self._plan_lldp()

    def stop(self) -> None:
        """Power went."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers = {}

    def changed(self) -> None:
        """Settings changed: take up the new timers, and say goodbye where LLDP was turned off."""
        config = self.device.config
        if not config.of(CdpConfig).enabled:
            self.cdp.clear()
        if self._lldp_was_on and not config.of(LldpConfig).enabled:
            for interface in self._interfaces():
                self._send_lldp(interface, ttl=0)
            self.lldp.clear()
        elif config.of(LldpConfig).enabled and not self._lldp_was_on:
            for interface in self._interfaces():
                self._send_lldp(interface)
        self._lldp_was_on = config.of(LldpConfig).enabled
        self._plan_cdp()
        self._plan_lldp()

    def interface_configured(self, interface: Interface) -> None:
        """Forget the neighbors of a port that no longer listens."""
        if not interface.config.of(CdpPort).enabled:
            self.cdp.clear(interface.name)
        if not interface.config.of(LldpPort).receive:
            self.lldp.clear(interface.name)

    def protocol_changed(self, interface: Interface) -> None:
        """Advertise on a port that came up, forget the neighbors on one that went down."""
        if not self._speaks(interface):
            return
        if interface.protocol_up:
            if self.device.config.of(CdpConfig).enabled:
                self._send_cdp(interface)
            if self.device.config.of(LldpConfig).enabled:
                self._send_lldp(interface)
        else:
            self.cdp.clear(interface.name)
            self.lldp.clear(interface.name)

    # --- out -----------------------------------------------------------------------------------------

    def _interfaces(self) -> list[Interface]:
        return [each for each in self.device.interfaces.values() if self._speaks(each) and each.protocol_up]

    @staticmethod
    def _speaks(interface: Interface) -> bool:
        """Whether advertisements can be sent: out of a port, in Ethernet frames or on a line that has a framing."""
        if has_one_circuit(interface.config):
            return True
        return interface.is_physical and (interface.type.medium is Medium.ETHERNET or interface.kind == KIND)

    def _plan(self, key: str, seconds: float, action: Callable[[], None]) -> None:
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()
        self._timers[key] = self.device.scheduler.after(seconds, action)

    def _plan_cdp(self) -> None:
        self._plan("cdp", float(self.device.config.of(CdpConfig).timer), self._cdp_due)

    def _plan_lldp(self) -> None:
        if self.device.config.of(LldpConfig).enabled:
            self._plan("lldp", float(self.device.config.of(LldpConfig).timer), self._lldp_due)

    def _cdp_due(self) -> None:
        if self.device.config.of(CdpConfig).enabled:
            for interface in self._interfaces():
                self._send_cdp(interface)
        self._plan_cdp()

    def _lldp_due(self) -> None:
        if self.device.config.of(LldpConfig).enabled:
            for interface in self._interfaces():
                self._send_lldp(interface)
        self._plan_lldp()

    def _send_cdp(self, interface: Interface) -> None:
        if interface.config.of(CdpPort).enabled:
            packet = self.advertisement(interface)
            if interface.serial:
                if not self.device.service(SerialLines).send_control(interface, CDP, packet.to_bytes()):
                    return
            else:
                self.device.send_control(interface, packet.to_frame(interface.mac).to_bytes())
            self.cdp_counters.sent += 1

    def _send_lldp(self, interface: Interface, ttl: int | None = None) -> None:
        if interface.config.of(LldpPort).transmit and not interface.serial:
            packet = self.lldp_advertisement(interface)
            if ttl is not None:
                packet = replace(packet, ttl=ttl)
            self.lldp_counters.sent += 1
            self.device.send_control(interface, packet.to_frame(interface.mac).to_bytes())

    def _addresses(self, interface: Interface) -> tuple[IPv4Address, ...]:
        """The interface's own address, or, on a layer 2 port, that of the first VLAN interface that is up."""
        if interface.config.of(IpSettings).addresses:
            return (interface.config.of(IpSettings).addresses[0].ip,)
        for other in self.device.interfaces.values():
            if other.kind == "Vlan" and other.admin_up and other.config.of(IpSettings).addresses:
                return (other.config.of(IpSettings).addresses[0].ip,)
        return ()

    def device_id(self) -> str:
        """The host name, with the domain if there is one."""
        domain = self.device.config.of(SystemConfig).domain_name
        return f"{self.device.hostname}.{domain}" if domain else str(self.device.hostname)

    def advertisement(self, interface: Interface) -> CdpPacket:
        """What CDP says on an interface."""
        device = self.device
        addresses = self._addresses(interface)
        layer2 = interface.config.held(Switchport)
        default = CdpCapability.SWITCH | CdpCapability.IGMP
        if device.composition.forwarding is not Forwarding.NEVER:
            default |= CdpCapability.ROUTER
        return CdpPacket(
            self.device_id(),
            interface.name,
            addresses,
            device.model.facts.get("cdp_capabilities", int(default)),
            "\n".join(version_lines(device)),
            platform(device),
            device.config.of(VlanConfig).vtp_domain if layer2 is not None else None,
            self._native_vlan(interface),
            _full_duplex(interface),
            addresses,
            device.config.of(CdpConfig).holdtime,
            2 if device.config.of(CdpConfig).advertise_v2 else 1,
            self._of_switches(interface, layer2) if layer2 is not None and device.is_switch else (),
        )

    def _native_vlan(self, interface: Interface) -> int | None:
        """The VLAN of a port's untagged frames; None where it has no VLANs."""
        if interface.config.held(Switchport) is None:
            return None
        return self.device.service(Bridge).untagged_vlan(interface.name)

    def _of_switches(self, interface: Interface, port: Switchport) -> tuple[tuple[int, bytes], ...]:
        """What only switches say: voice's VLAN, no cluster, no trust in markings, and no power for a neighbour."""
        voice = None if self.device.service(Bridge).is_trunking(interface.name) else port.appliance_vlan
        appliance = () if voice is None else ((APPLIANCE, b"\x01" + voice.to_bytes(2, "big")),)
        nobody = bytes(4) + b"\xff" * 4  # the commander's address and mask
        hello = nobody + b"\x01\x02\x21\xff" + bytes(6) + bytes(self.device.base_mac) + b"\xff\0\0"
        told = [(PROTOCOL_HELLO, CLUSTER_HELLO + hello), (TRUST, bytes((port.extended_trust,)))]
        told.append((UNTRUSTED_COS, bytes((port.extended_cos or 0,))))
        if self.device.model.facts.get("cdp_power"):
            told.append((POWER_AVAILABLE, bytes((0, 0, 0, 1, 0, 0, 0, 0)) + b"\xff" * 4))
        return (*appliance, *told)

    def lldp_advertisement(self, interface: Interface) -> LldpPacket:
        """What LLDP says on an interface."""
        device = self.device
        addresses = self._addresses(interface)
        forwarding = device.composition.forwarding
        able = LldpCapability.BRIDGE
        if forwarding is not Forwarding.NEVER:
            able |= LldpCapability.ROUTER
        enabled = LldpCapability.BRIDGE if device.switch_ports else LldpCapability(0)
        told = forwarding is Forwarding.WHEN_TOLD and device.config.of(RoutesConfig).routing
        if told or forwarding is Forwarding.ALWAYS:
            enabled |= LldpCapability.ROUTER
        without = device.config.of(LldpConfig).without
        return LldpPacket(
            self.device.base_mac,
            short_name(interface.name),
            device.config.of(LldpConfig).holdtime,
            None if "port-description" in without else interface.config.description or interface.name,
            None if "system-name" in without else self.device_id(),
            None if "system-description" in without else "\n".join(version_lines(device))[:255],
            None if "system-capabilities" in without else int(able),
            int(enabled),
            addresses[0] if addresses and "management-address" not in without else None,
            other=tuple(self._organizational(interface)),
        )

    def _organizational(self, interface: Interface) -> Iterator[Tlv]:
        """What only switches say, and more of it to endpoints of LLDP-MED (telephones) that were heard."""
        layer2 = interface.config.held(Switchport)
        if not self.device.is_switch:
            return
        yield from organizational.of_port(self.device, interface)
        if layer2 is not None and self._endpoints.get(interface.name, 0.0) > self.device.now:
            yield from organizational.for_endpoint(self.device, interface, layer2)

    # --- in ------------------------------------------------------------------------------------------

    def receive(self, interface: Interface, frame: bytes) -> bool:
        """Take a frame that came in on a port; False when it is neither CDP nor LLDP."""
        name = interface.name
        try:
            if frame[:6] == LLDP_GROUP:
                return self._receive_lldp(name, frame)
            if frame[:6] == CISCO_GROUP:
                return self._receive_cdp(name, frame)
        except MalformedPacket:
            counters = self.lldp_counters if frame[:6] == LLDP_GROUP else self.cdp_counters
            counters.malformed += 1
            return True
        return False

    def _receive_lldp(self, name: str, frame: bytes) -> bool:
        parsed = EthernetFrame.parse(frame)
        if parsed.ethertype != EtherType.LLDP:
            return False
        if (
            self.device.config.of(LldpConfig).enabled
            and self.device.interfaces[name].config.of(LldpPort).receive
        ):
            packet = LldpPacket.parse(parsed.payload)
            self.lldp_counters.received += 1
            said = Organizational.of(packet.other)
            self.lldp.hear(name, packet, self.device.now)
            if said.capabilities is not None and said.device_class != CONNECTIVITY:
                self._endpoint_heard(self.device.interfaces[name], packet.ttl)
        return True

    def _endpoint_heard(self, interface: Interface, ttl: int) -> None:
        """An endpoint of LLDP-MED is at a port: a new one is told at once what it is to do (TIA-1057 section 11)."""
        now = self.device.now
        new = self._endpoints.get(interface.name, 0.0) <= now
        self._endpoints[interface.name] = now + ttl
        if new and ttl:
            self.device.scheduler.after(0.0, lambda: self._send_lldp(interface))

    def _receive_cdp(self, name: str, frame: bytes) -> bool:
        snap = Snap.parse(EthernetFrame.parse(frame).payload)
        if (snap.oui, snap.protocol) != (OUI_CISCO, SNAP_CDP):
            return False
        interface = self.device.interfaces[name]
        if self.device.config.of(CdpConfig).enabled and interface.config.of(CdpPort).enabled:
            self._hear_cdp(interface, snap.payload)
        return True

    def _receive_by_line(self, interface: Interface, payload: bytes) -> None:
        if self.device.config.of(CdpConfig).enabled and interface.config.of(CdpPort).enabled:
            try:
                self._hear_cdp(interface, payload)
            except MalformedPacket:
                self.cdp_counters.malformed += 1

    def _hear_cdp(self, interface: Interface, payload: bytes) -> None:
        packet = CdpPacket.parse(payload)
        self.cdp_counters.received += 1
        self.cdp.hear(interface.name, packet, self.device.now)
        self._compare(interface, packet)

    def _compare(self, interface: Interface, packet: CdpPacket) -> None:
        """Complain about a neighbor whose native VLAN or duplex differs."""
        native_vlan = self._native_vlan(interface)
        theirs = f"with {packet.device_id} {packet.port_id}"
        if native_vlan is not None and packet.native_vlan not in (None, native_vlan):
            self.device.log(
                "CDP",
                4,
                "NATIVE_VLAN_MISMATCH",
                f"Native VLAN mismatch discovered on {interface.name} ({native_vlan}), {theirs} "
                f"({packet.native_vlan}).",
            )
        if not self.device.config.of(CdpConfig).log_duplex:
            return
        full_duplex = _full_duplex(interface)
        if packet.full_duplex is not None and full_duplex not in (None, packet.full_duplex):
            words = {True: "full duplex", False: "half duplex"}
            verb = "" if full_duplex else "not "
            self.device.log(
                "CDP",
                4,
                "DUPLEX_MISMATCH",
                f"duplex mismatch discovered on {interface.name} ({verb}full duplex), {theirs} "
                f"({words[packet.full_duplex]}).",
            )


def _full_duplex(interface: Interface) -> bool | None:
    """What CDP says of a port's duplex; None on a serial line."""
    return None if interface.serial else interface.config.duplex != "half"
