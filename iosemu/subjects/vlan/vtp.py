"""VTP at work: the database of a switch, and what its neighbors on trunks say of theirs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.vlans import RESERVED, Vlan, VlanConfig
from iosemu.net.scheduler import Timer
from iosemu.net.vtp import Database, VtpSwitch
from iosemu.packets import vtp
from iosemu.packets.dtp import CISCO_GROUP
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EthernetFrame
from iosemu.packets.llc import OUI_CISCO, SNAP_VTP, Snap
from iosemu.packets.vtp import VlanType, VtpVlan
from iosemu.subjects.vlan.service import VlanDatabase

if TYPE_CHECKING:
    from iosemu.box.device import Device

_TYPES = {
    1002: VlanType.FDDI,
    1003: VlanType.TOKEN_RING,
    1004: VlanType.FDDI_NET,
    1005: VlanType.TOKEN_RING_NET,
}
_NOTICES = {"VTP_DOMAIN_NAME_CHG": 6, "VTP_USER_NOTIFICATION": 4}
"""Severities."""


class Vtp(Service):
    """Runs a `VtpSwitch`."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.switch = VtpSwitch()
        self._timer: Timer | None = None
        self._pruned: dict[str, frozenset[int]] = {}
        self._stamp = "0" * vtp.STAMP

    def start(self) -> None:
        """Power came."""
        bridge = self.device.service(Bridge)
        self.device.bind_group(CISCO_GROUP, self.receive)
        bridge.members_changed.append(self.ports_changed)
        bridge.pruned = lambda port, number: number in self._pruned.get(port, ())
        self.device.service(VlanDatabase).stored.append(self._stored)
        self.switch.changed(self.database(), self.device.now)

    def stop(self) -> None:
        """Power went."""
        if self._timer is not None:
            self._timer.cancel()
        self.switch = VtpSwitch()
        self._pruned = {}

    def database(self) -> Database:
        """The VLANs as VTP carries them: those of the normal range."""
        config = self.device.config.of(VlanConfig)
        vlans = tuple(
            VtpVlan(number, each.name, each.mtu, each.suspended, _TYPES.get(number, VlanType.ETHERNET))
            for number, each in sorted(config.vlans.items())
            if number <= max(RESERVED)
        )
        return Database(
            config.vtp_mode,
            config.vtp_domain,
            config.vtp_password,
            config.vtp_version,
            config.vtp_pruning,
            config.revision,
            IPv4Address(config.updater),
            self._stamp,
            vlans,
        )

    def changed(self) -> None:
        """VLANs or settings may be others; a new revision comes when they are stored."""
        self.ports_changed()

    def protocol_changed(self, interface: Interface) -> None:
        """A trunk may be up, or down."""
        self.ports_changed()

    def interface_configured(self, interface: Interface) -> None:
        """A port may be in another VLAN."""
        self.ports_changed()

    def _stored(self) -> None:
        """The database has a new revision."""
        moment = self.device.origin + timedelta(seconds=self.device.now)
        if self.switch.database.revision != self.device.config.of(VlanConfig).revision:
            self._stamp = f"{moment:%y%m%d%H%M%S}"
        self.switch.changed(self.database(), self.device.now)
        self._after()

    def ports_changed(self) -> None:
        """Ports may have become trunks, or use other VLANs."""
        bridge = self.device.service(Bridge)
        up = [name for name in bridge.switch_ports() if self.device.interfaces[name].protocol_up]
        trunks = {name for name in up if bridge.is_trunking(name)}
        used = {vlan for name in up if name not in trunks for vlan in bridge.plane.port(name).vlans}
        used |= {
            int(each.name.removeprefix("Vlan"))
            for each in self.device.interfaces.of_kind("Vlan")
            if each.admin_up
        }
        self.switch.wanted = frozenset(used)
        self.switch.trunks_are(trunks, self.device.now)
        self._after()

    def receive(self, interface: Interface, frame: bytes) -> bool:
        """Take a control frame; False when it is not VTP."""
        try:
            snap = Snap.parse(EthernetFrame.parse(frame).payload)
            if (snap.oui, snap.protocol) != (OUI_CISCO, SNAP_VTP):
                return False
            message = vtp.parse(snap.payload)
        except MalformedPacket:
            return False
        trunk = self.device.service(Bridge).bundles.bundle_of(interface.name) or interface.name
        self.switch.receive(trunk, message, self.device.now)
        self._after()
        return True

    def _after(self) -> None:
        """Take over what was learned, send what is to be said, plan the next timer."""
        switch, now = self.switch, self.device.now
        notes, switch.notes = switch.notes, []
        for mnemonic, text in notes:
            self.device.log("SW_VLAN", _NOTICES[mnemonic], mnemonic, text)
        learned, switch.learned = switch.learned, None
        if learned is not None:
            self._take(learned)
        bridge = self.device.service(Bridge)
        for trunk, message in switch.messages():
            mac = self.device.interfaces[trunk].mac
            bridge.plane.transmit(trunk, vtp.to_frame(message, mac).to_bytes(), None)
        pruned = {
            trunk: found
            for trunk in switch.trunks
            if (found := switch.pruned(trunk, now) & bridge.switchport(trunk).pruned_vlans)
        }
        if pruned != self._pruned:
            self._pruned = pruned
            bridge.plane.topology_changed()
        if self._timer is not None:
            self._timer.cancel()
        due = switch.next_timer()
        self._timer = None if due is None else self.device.scheduler.at(due, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self.switch.tick(self.device.now)
        self._after()

    def _take(self, learned: Database) -> None:
        """The domain's VLANs are this switch's from now on; its own beyond the normal range stay."""
        config = self.device.config.of(VlanConfig)
        beyond = {number: vlan for number, vlan in config.vlans.items() if number > max(RESERVED)}
        ours = {each.number: each for each in config.vlans.values()}
        taken: dict[int, Vlan] = {}
        for each in learned.vlans or ():
            known = ours.get(each.number) or Vlan(each.number)
            taken[each.number] = replace(known, name=each.name, mtu=each.mtu, suspended=each.suspended)
        if taken:
            config.vlans = {**taken, **beyond}
        config.vtp_domain, config.vtp_version = learned.domain, learned.version
        config.vtp_pruning = learned.pruning
        self._stamp = learned.stamp
        self.device.service(VlanDatabase).learned(
            learned.revision, str(learned.updater), _as_shown(learned.stamp, config.modified)
        )
        self.device.configured("vlan")


def _as_shown(stamp: str, otherwise: str) -> str:
    """`yymmddhhmmss` as `show vtp status` has it: `3-1-02 00:15:01`."""
    if len(stamp) != vtp.STAMP or not stamp.isdigit() or stamp == "0" * vtp.STAMP:
        return otherwise
    year, month, day, hour, minute, second = (stamp[at : at + 2] for at in range(0, vtp.STAMP, 2))
    return f"{int(month)}-{int(day)}-{year} {hour}:{minute}:{second}"
