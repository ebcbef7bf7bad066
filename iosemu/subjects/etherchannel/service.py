"""EtherChannel: ports bundled into a Port-channel interface, by configuration, by LACP or by PAgP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from iosemu.box.interface import Interface
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.interface_types import short_name
from iosemu.box.service import Service
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.switchport import Switchport
from iosemu.net.lacp import LacpPort
from iosemu.net.link import Direction
from iosemu.net.pagp import CAPABILITY, PagpPort
from iosemu.net.scheduler import Timer
from iosemu.packets.dtp import CISCO_GROUP
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EthernetFrame, EtherType
from iosemu.packets.lacp import SLOW_GROUP, LacpPacket
from iosemu.packets.llc import OUI_CISCO, SNAP_PAGP, Snap
from iosemu.packets.pagp import FLUSH, PagpPacket, PagpSide
from iosemu.subjects.errdisable.service import Errdisable
from iosemu.subjects.etherchannel.config import MODES, ChannelLimits, ChannelMember, EtherChannelConfig
from iosemu.subjects.etherchannel.load_balance import BUCKETS, mixed_of
from iosemu.subjects.trunking.service import TrunkNegotiation

if TYPE_CHECKING:
    from iosemu.box.device import Device

KIND = "Port-channel"
BUNDLED, SUSPENDED, DOWN, ALONE, WAITING, STANDBY = "P", "s", "D", "I", "w", "H"


def channel_name(group: int) -> str:
    """`Port-channel1`."""
    return f"{KIND}{group}"


class EtherChannels(Service):
    """The bundles of a switch: which ports are in which, and where a frame leaves."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.lacp: dict[str, LacpPort] = {}
        self.pagp: dict[str, PagpPort] = {}
        self._bundled: dict[str, str] = {}
        self._withheld: frozenset[str] = frozenset()
        self._timer: Timer | None = None
        self.since: dict[str, float] = {}
        """Lab time at which a port came into its present state in its group."""
        self.joined: dict[str, tuple[float, str]] = {}
        """When a port was bundled last, and which, by Port-channel."""
        self.left: dict[str, tuple[float, str]] = {}
        self._states: dict[str, str] = {}

    # --- questions -----------------------------------------------------------------------------------

    def groups(self) -> dict[int, list[str]]:
        """Member ports by group, in the order of the box; groups without members too."""
        groups: dict[int, list[str]] = {}
        for name, config in self.device.config.interfaces.items():
            if config.kind == KIND:
                groups.setdefault(int(name.removeprefix(KIND)), [])
            elif (group := config.of(ChannelMember).group) is not None:
                groups.setdefault(group, []).append(name)
        return dict(sorted(groups.items()))

    def machine_of(self, port: str) -> LacpPort | PagpPort | None:
        """What negotiates for a port."""
        return self.lacp.get(port) or self.pagp.get(port)

    def protocol_of(self, ports: Sequence[str]) -> str:
        """`LACP`, `PAgP` or `-`: what a group of ports negotiates by."""
        if any(port in self.lacp for port in ports):
            return "LACP"
        return "PAgP" if any(port in self.pagp for port in ports) else "-"

    def _machines(self) -> Iterator[tuple[str, LacpPort | PagpPort]]:
        return chain(self.lacp.items(), self.pagp.items())

    def bundle_of(self, port: str) -> str | None:
        """The Port-channel that carries a port's frames now."""
        return self._bundled.get(port)

    def active(self, channel: str) -> list[str]:
        """The bundled ports of a Port-channel."""
        return [port for port, name in self._bundled.items() if name == channel]

    def is_withheld(self, port: str) -> bool:
        """Whether a port carries nothing of its own: bundled, suspended or waiting for its partner."""
        return port in self._bundled or port in self._withheld

    def is_forced(self, channel: str) -> bool:
        """Whether nothing was negotiated with the other end of a Port-channel."""
        return all(self.machine_of(port) is None for port in self.active(channel))

    def chosen(self, channel: str, value: int) -> str | None:
        """The member that carries what the hash makes this value of: eight buckets are dealt out in turn."""
        ports = self.active(channel)
        return ports[value % BUCKETS % len(ports)] if ports else None

    def status(self, port: str) -> str:
        """The letter of `show etherchannel summary`."""
        interface = self.device.interfaces[port]
        channel = self.device.config.interfaces.get(
            channel_name(interface.config.of(ChannelMember).group or 0)
        )
        if not interface.protocol_up or channel is None or channel.shutdown:
            return DOWN
        if not self._fits(interface.config, channel):
            return SUSPENDED
        machine = self.machine_of(port)
        if machine is None or machine.bundled:
            return BUNDLED
        if isinstance(machine, LacpPort) and machine.standby:
            return STANDBY
        return ALONE if machine.partner is None else WAITING

    def _fits(self, member: InterfaceConfig, channel: InterfaceConfig) -> bool:
        """Whether a member's layer 2 settings are those of the bundle."""

        def settings(layer2: Switchport | None) -> tuple[object, ...] | None:
            if layer2 is None:
                return None
            return (layer2.mode, layer2.access_vlan, layer2.native_vlan, layer2.allowed_vlans)

        same_speed = True
        for other in self.groups().get(member.of(ChannelMember).group or 0, []):
            config = self.device.config.interfaces[other]
            same_speed = same_speed and (config.speed, config.duplex) == (member.speed, member.duplex)
            break
        return same_speed and settings(member.held(Switchport)) == settings(channel.held(Switchport))

    # --- configuration -------------------------------------------------------------------------------

    def start(self) -> None:
        """Power came: tell the ports who is bundled, and listen to partners."""
        self.device.service(Bridge).bundles = self
        self.device.bind_group(SLOW_GROUP, self.receive)
        self.device.bind_group(CISCO_GROUP, self.receive_pagp)

    def creatable(self) -> Mapping[str, tuple[int, int]]:
        """Port-channels, as many as the hardware can tie."""
        groups = self.device.model.facts["etherchannel_groups"]
        return {KIND: (1, groups)} if groups else {}

    def make_interface(self, config: InterfaceConfig) -> Interface | None:
        """A new Port-channel interface, not yet with members."""
        if config.kind != KIND:
            return None
        name = config.name
        config.put(Switchport())
        interface = Interface(self.device, config, self.device.switch_mac)
        interface.has_carrier = lambda: len(self.active(name)) >= config.of(ChannelLimits).fewest
        interface.transmit = lambda frame: self._transmit(name, frame)
        return interface

    def interface_removed(self, interface: Interface) -> None:
        """The members of a bundle that is no more are shut down."""
        if interface.kind == KIND:
            for port in self.groups().get(int(interface.name.removeprefix(KIND)), []):
                member = self.device.config.interfaces[port]
                member.of(ChannelMember).group, member.of(ChannelMember).mode, member.shutdown = (
                    None,
                    "",
                    True,
                )
                self.device.interfaces[port].refresh()
            self.configured()

    def interface_configured(self, interface: Interface) -> None:
        """A port or a bundle was configured."""
        if interface.kind == KIND:
            self.channel_changed(interface.name)
        elif interface.is_physical:
            self.configured()

    def protocol_changed(self, interface: Interface) -> None:
        """A member may have to join or to leave."""
        if interface.is_physical:
            self.link_changed(interface.name)

    def configured(self) -> None:
        """Channel groups were typed: give each member that negotiates its machine."""
        for name, config in self.device.config.interfaces.items():
            member = config.of(ChannelMember)
            mode, group = member.mode, member.group
            machine = self.lacp.get(name)
            self._configure_pagp(name, member)
            if group is None or MODES[mode] != "lacp":
                self.lacp.pop(name, None)
            elif machine is None or (machine.key, machine.active) != (group, mode == "active"):
                number = list(self.device.ports).index(name) + 1
                machine = LacpPort(self.device.switch_mac, group, number, mode == "active")
                self.lacp[name] = machine
                self._prioritise(machine, member)
                if self.device.interfaces[name].protocol_up:
                    machine.link_up(self.device.now)
            else:
                self._prioritise(machine, member)
        self.refresh()

    def _prioritise(self, machine: LacpPort, member: ChannelMember) -> None:
        system = self.device.config.of(EtherChannelConfig).system_priority
        machine.configure(system, member.lacp_priority, member.fast, self.device.now)

    def changed(self) -> None:
        """`lacp system-priority` may be another one."""
        self.configured()

    def _configure_pagp(self, name: str, member: ChannelMember) -> None:
        if member.group is None or MODES[member.mode] != "pagp":
            self.pagp.pop(name, None)
            return
        machine, desirable = self.pagp.get(name), member.mode == "desirable"
        if machine is None or (machine.key, machine.desirable) != (member.group, desirable):
            number = list(self.device.ports).index(name) + 1
            own = PagpSide(self.device.switch_mac, port=number, capability=CAPABILITY | member.group)
            bundle = len(self.device.ports) + member.group
            short = short_name(name)
            machine = PagpPort(own, member.group, desirable, self.device.hostname, short, bundle)
            self.pagp[name] = machine
        machine.name = self.device.hostname
        machine.set_learning(physical=member.learns_by_port, priority=member.pagp_priority)
        if self.device.interfaces[name].protocol_up:
            machine.link_up(self.device.now)

    def channel_changed(self, name: str) -> None:
        """Settings of a Port-channel were typed: its members take them over."""
        channel = self.device.config.interfaces[name]
        layer2 = channel.held(Switchport)
        for port in self.groups().get(int(name.removeprefix(KIND)), []):
            member = self.device.config.interfaces[port]
            if member.shutdown != channel.shutdown:
                member.shutdown = channel.shutdown
                self.device.interfaces[port].refresh()
            own = member.held(Switchport)
            if layer2 is not None and own is not None:
                own.mode = layer2.mode
                own.access_vlan = layer2.access_vlan
                own.native_vlan = layer2.native_vlan
                own.allowed_vlans = layer2.allowed_vlans
                own.nonegotiate = layer2.nonegotiate
                negotiation = self.device.find(TrunkNegotiation)
                if negotiation is not None:
                    negotiation.port_changed(port)
        self.device.interfaces[name].refresh()  # `port-channel min-links`
        self.refresh()

    def stop(self) -> None:
        """Power went."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # --- events --------------------------------------------------------------------------------------

    def link_changed(self, name: str) -> None:
        """The line protocol of a port came up or went down."""
        machine = self.machine_of(name)
        if machine is not None:
            if self.device.interfaces[name].protocol_up:
                machine.link_up(self.device.now)
            else:
                machine.link_down()
        if self.device.config.interfaces[name].of(ChannelMember).group is not None:
            self.refresh()

    def receive(self, interface: Interface, frame: bytes) -> bool:
        """Take a frame; False when it is not LACP."""
        name = interface.name
        if frame[12:14] != EtherType.SLOW_PROTOCOLS.to_bytes(2, "big"):
            return False
        machine = self.lacp.get(name)
        if machine is not None:
            try:
                machine.receive(LacpPacket.parse(EthernetFrame.parse(frame).payload), self.device.now)
            except MalformedPacket:
                machine.malformed += 1
                return True
            self.refresh()
        return True

    def receive_pagp(self, interface: Interface, frame: bytes) -> bool:
        """Take a frame; False when it is not PAgP."""
        try:
            snap = Snap.parse(EthernetFrame.parse(frame).payload)
        except MalformedPacket:
            return False
        if (snap.oui, snap.protocol) != (OUI_CISCO, SNAP_PAGP):
            return False
        machine = self.pagp.get(interface.name)
        if machine is not None:
            if snap.payload[:1] == bytes((FLUSH,)):
                machine.flushes += 1
                return True
            try:
                machine.receive(PagpPacket.parse(snap.payload), self.device.now)
            except MalformedPacket:
                machine.malformed += 1
                return True
            self.refresh()
        return True

    def refresh(self) -> None:
        """Work out anew who is bundled, send what LACP and PAgP have to say, plan their next timer."""
        self._select()
        bundled: dict[str, str] = {}
        withheld: set[str] = set()
        for group, ports in self.groups().items():
            for port in ports:
                status = self.status(port)
                if self._states.get(port) != status:
                    self._states[port], self.since[port] = status, self.device.now
                if status == BUNDLED:
                    bundled[port] = channel_name(group)
                elif status in (SUSPENDED, WAITING, STANDBY):
                    withheld.add(port)
        changed = bundled != self._bundled or withheld != set(self._withheld)
        touched = {*bundled.values(), *self._bundled.values()}
        before, self._bundled, self._withheld = self._bundled, bundled, frozenset(withheld)
        for name, machine in self._machines():
            for packet in machine.packets():
                mac = self.device.interfaces[name].mac
                self.device.service(Bridge).plane.transmit(name, packet.to_frame(mac).to_bytes(), None)
        for port in (*bundled, *before):
            if bundled.get(port) != before.get(port):
                self._announce(port, bundled.get(port), before.get(port))
        if changed:
            for channel in touched:
                if channel in self.device.interfaces:
                    self.device.interfaces[channel].refresh()
            self.device.service(Bridge).ports_changed()
        self._plan()

    def _announce(self, port: str, joined: str | None, left: str | None) -> None:
        if joined is not None:
            self.joined[joined] = (self.device.now, port)
        if left is not None:
            self.left[left] = (self.device.now, port)
            errdisable = self.device.find(Errdisable)
            if errdisable is not None and port in self.pagp and self.device.interfaces[port].line_up:
                errdisable.flap(port, "pagp-flap")
        mnemonic, text = "BUNDLE", f"joined port-channel {short_name(joined or '')}"
        if joined is None:
            mnemonic, text = "UNBUNDLE", f"left the port-channel {short_name(left or '')}"
        self.device.log("EC", 5, mnemonic, f"Interface {short_name(port)} {text}")

    def _select(self) -> None:
        """The first partner of a group is the aggregator's; ports with another one are not selected.

        Of those with that partner as many are bundled as there is room for, in the order of the end that decides.
        """
        partners: dict[int, object] = {}
        candidates: dict[str, list[LacpPort]] = {}
        for name, machine in self._machines():
            config = self.device.config.interfaces[name]
            channel = self.device.config.interfaces.get(channel_name(config.of(ChannelMember).group or 0))
            partner = machine.partner
            if partner is None or channel is None or channel.shutdown or not self._fits(config, channel):
                machine.select(False, self.device.now)
                continue
            who: object
            if isinstance(partner, PagpPacket):
                who = (partner.own.device, partner.own.capability)
            else:
                who = (partner.system, partner.key)
            fits = partners.setdefault(machine.key, who) == who
            if fits and isinstance(machine, LacpPort):
                candidates.setdefault(channel.name, []).append(machine)
            else:
                machine.select(fits, self.device.now)
        for name, found in candidates.items():
            room = self.device.config.interfaces[name].of(ChannelLimits).most
            for place, each in enumerate(sorted(found, key=lambda machine: machine.rank)):
                each.select(place < room, self.device.now, standby=place >= room)

    def _plan(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due = min(
            (when for _name, machine in self._machines() if (when := machine.next_timer()) is not None),
            default=None,
        )
        self._timer = None if due is None else self.device.scheduler.at(due, self._tick)

    def _tick(self) -> None:
        self._timer = None
        if not self.device.powered:
            return
        for _name, machine in self._machines():
            when = machine.next_timer()
            if when is not None and when <= self.device.now:
                machine.tick(self.device.now)
        self.refresh()

    # --- frames --------------------------------------------------------------------------------------

    def _transmit(self, channel: str, frame: bytes) -> None:
        method = self.device.config.of(EtherChannelConfig).load_balance
        chosen = self.chosen(channel, mixed_of(frame, method))
        if chosen is not None and self.device.interfaces[chosen].send(frame):
            self.device.service(Bridge).plane.mirror_member(chosen, channel, Direction.OUT, frame)
