"""ARP inspection at work: it judges the ARP packets that untrusted ports bring, by lists and by what DHCP gave."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.box.interface_types import short_name
from iosemu.box.service import Service
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.inspection import Passage, stand
from iosemu.net.bursts import Burst, Bursts
from iosemu.net.tracing import Line
from iosemu.packets.addresses import MacAddress
from iosemu.packets.arp import ArpOperation, ArpPacket
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import ARP
from iosemu.subjects.acl.config import AclsConfig
from iosemu.subjects.arp_inspection.config import ArpFilter, InspectionConfig, InspectionPort, VlanLogging
from iosemu.subjects.arp_inspection.log_buffer import Key, LogBuffer, Reason
from iosemu.subjects.dhcp_snooping.service import DhcpSnooping
from iosemu.subjects.errdisable.service import Errdisable

if TYPE_CHECKING:
    from iosemu.box.device import Device

CAUSE = "arp-inspection"
_NOBODY = IPv4Address(0)
_EVERYBODY = IPv4Address("255.255.255.255")
_WORDS = {
    Reason.DHCP_DENY: "no binding has the sender's addresses",
    Reason.ACL_DENY: "the ARP access list denies it",
    Reason.SOURCE_MAC: "the frame's source is not the sender's MAC address",
    Reason.DESTINATION_MAC: "the frame's destination is not the target's MAC address",
    Reason.IP: "an address that no station may have",
}


@dataclass(slots=True)
class Statistics:
    """Packets of one VLAN since they were cleared."""

    forwarded: int = 0
    reasons: Counter[Reason] = field(default_factory=Counter)
    malformed: int = 0

    @property
    def dropped(self) -> int:
        """Those that were not let pass."""
        return self.malformed + sum(count for reason, count in self.reasons.items() if reason.denies)


class ArpInspection(Service):
    """Looks into the ARP packets of the VLANs that it is told."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.statistics: dict[int, Statistics] = {}
        self.buffer = LogBuffer(device)
        self._bursts = Bursts()

    def changed(self) -> None:
        """Be in the way of frames only while there is something to look into."""
        at_work = bool(self.device.config.of(InspectionConfig).vlans)
        stand(self.device.service(Bridge).plane.inspectors, self.inspect, at_work=at_work)
        self.buffer.plan()

    def stop(self) -> None:
        """Power went."""
        self.buffer.stop()

    def port(self, name: str) -> InspectionPort:
        """What is said of a port."""
        return self.device.config.interfaces[name].held(InspectionPort) or InspectionPort()

    def counted(self, vlan: int) -> Statistics:
        """The statistics of a VLAN."""
        return self.statistics.setdefault(vlan, Statistics())

    # --- packets -------------------------------------------------------------------------------------

    def inspect(self, port: str | None, vlan: int, frame: bytes) -> Passage | None:
        """Judge a frame; what is no ARP passes, and what the switch itself sends does."""
        config = self.device.config.of(InspectionConfig)
        if port is None or vlan not in config.vlans or frame[12:14] != ARP:
            return Passage(frame)
        if not self._within_rate(port):
            return None
        counted = self.counted(vlan)
        try:
            packet = ArpPacket.parse(frame[14:])
        except MalformedPacket as error:
            counted.malformed += 1
            self._drop(port, vlan, str(error))
            return None
        if self.port(port).trusted:
            counted.forwarded += 1
            return Passage(frame)
        reason, told = self._judge(vlan, frame, packet)
        counted.reasons[reason] += 1
        if told:
            self.buffer.add(Key(port, vlan, packet, reason))
        if reason.denies:
            self._drop(port, vlan, _WORDS[reason])
            return None
        counted.forwarded += 1
        return Passage(frame)

    def _judge(self, vlan: int, frame: bytes, packet: ArpPacket) -> tuple[Reason, bool]:
        """Why a packet passes or does not, and whether that is logged."""
        config = self.device.config.of(InspectionConfig)
        invalid = _invalid(config, frame, packet)
        if invalid is not None:
            return invalid, True
        logging = config.logging.get(vlan, VlanLogging())
        chosen = config.filters.get(vlan)
        by_list = self._by_list(chosen, packet, logging) if chosen is not None else None
        if by_list is not None:
            return by_list
        probe = packet.sender_ip == _NOBODY
        if self._bound(vlan, packet.sender_mac, packet.target_ip if probe else packet.sender_ip):
            if probe:
                return Reason.PROBE_PERMIT, logging.probe
            return Reason.DHCP_PERMIT, logging.dhcp in ("permit", "all")
        return Reason.DHCP_DENY, logging.dhcp in ("deny", "all")

    def _by_list(
        self, chosen: ArpFilter, packet: ArpPacket, logging: VlanLogging
    ) -> tuple[Reason, bool] | None:
        """What the list says; None: nothing, and the bindings decide. A list that does not exist says nothing."""
        found = self.device.config.of(AclsConfig).arp.get(chosen.name)
        if found is None:
            return None
        entry = found.find(packet)
        if entry is None and not chosen.static:
            return None
        permitted = entry is not None and entry.action == "permit"
        told = logging.acl == "matchlog" and entry is not None and entry.log
        if permitted:
            return Reason.ACL_PERMIT, told
        return Reason.ACL_DENY, told or logging.acl == "deny"

    def _bound(self, vlan: int, station: MacAddress, address: IPv4Address) -> bool:
        binding = self.device.service(DhcpSnooping).known(vlan, station)
        return binding is not None and binding.address == address

    def _drop(self, port: str, vlan: int, text: str) -> None:
        context = self.device.scheduler.context
        if context is not None:
            line = Line("", (f"ip arp inspection vlan {vlan}", "ip arp inspection vlan"))
            context.drop(self.device.name, "ARP inspection", f"{port}: {text}", line)

    # --- limits --------------------------------------------------------------------------------------

    def _within_rate(self, port: str) -> bool:
        limit = self.port(port).limited
        if limit.rate is None:
            return True
        burst = self._bursts.count(port, limit.burst, self.device.now)
        if burst.count <= limit.rate * limit.burst:
            return True
        if not self.device.interfaces[port].err_disabled:
            self._exceeded(port, burst, limit.burst)
        self._drop_rate(port, limit.rate)
        return False

    def _exceeded(self, port: str, burst: Burst, seconds: int) -> None:
        within = f"{burst.count} packets received in"
        if seconds == 1:
            took = round((self.device.now - burst.since) * 1000)
            mnemonic, text = "PACKET_RATE_EXCEEDED", f"{within} {took} milliseconds on {short_name(port)}."
        else:
            mnemonic, text = (
                "PACKET_BURST_RATE_EXCEEDED",
                f"{within} {seconds} seconds on {short_name(port)}.",
            )
        self.device.log("SW_DAI", 4, mnemonic, text)
        self._bursts.forget(port)
        for name in self.device.service(Bridge).physical(port):
            self.device.service(Errdisable).disable(name, CAUSE)

    def _drop_rate(self, port: str, rate: int) -> None:
        context = self.device.scheduler.context
        if context is not None:
            line = Line(f"interface {port}", ("ip arp inspection limit",))
            context.drop(
                self.device.name, "ARP inspection", f"{port}: more than {rate} ARP packets a second", line
            )


def _invalid(config: InspectionConfig, frame: bytes, packet: ArpPacket) -> Reason | None:
    """What `ip arp inspection validate …` finds wrong."""
    response = packet.operation == ArpOperation.REPLY
    if config.source_mac and frame[6:12] != packet.sender_mac:
        return Reason.SOURCE_MAC
    if config.destination_mac and response and frame[:6] != packet.target_mac:
        return Reason.DESTINATION_MAC
    if config.ip:
        zero = packet.sender_ip == _NOBODY and not config.allow_zeros
        if zero or _unusable(packet.sender_ip) or (response and _unusable(packet.target_ip)):
            return Reason.IP
    return None


def _unusable(address: IPv4Address) -> bool:
    return address.is_multicast or address == _EVERYBODY
