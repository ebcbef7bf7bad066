"""VRRP at work: the engines of all groups between interfaces, tracked objects and the IP stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from iosemu.box.debugging import DebugFlag
from iosemu.box.interface import Interface
from iosemu.box.interface_types import short_name
from iosemu.firsthop.authentication import keyed_md5, verified
from iosemu.firsthop.vrrp import OWNER, Changed, Settings, State, VirtualRouter
from iosemu.ip.config import IpSettings
from iosemu.ip.first_hop import NETWORK_CONTROL, FirstHop, RunningGroup, Told
from iosemu.ip.stack import IpStack, multicast_mac
from iosemu.ip.virtual import Duty, Holding
from iosemu.packets.addresses import MacAddress
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.vrrp import GROUP, MD5, MD5_LENGTH, NO_AUTHENTICATION, TEXT, TTL, VrrpAdvertisement, parse
from iosemu.routing.keys import Keys
from iosemu.subjects.key_chain.keys import ChainKeys
from iosemu.subjects.routing.following import FollowedObjects
from iosemu.subjects.routing.tracking import tracked
from iosemu.subjects.vrrp.config import (
    AUTHENTICATION,
    ERRORS,
    EVENTS,
    PACKETS,
    STATE,
    VrrpGroupSettings,
    VrrpPort,
)

_DEBUG = 7


def _duty(number: int) -> Duty:
    """What a trace says of the group."""
    return Duty("VRRP", number, "master", f"vrrp {number} ip")


@dataclass(eq=False, kw_only=True)
class Running(RunningGroup[VrrpGroupSettings, VirtualRouter]):
    """One group of an interface, and what it holds of the stack."""

    holding: Holding

    @property
    def station(self) -> MacAddress:
        """The virtual router's station address (RFC 3768 section 7.3)."""
        return MacAddress(bytes.fromhex("00005e0001") + bytes((self.settings.number,)))


class Vrrp(FirstHop[VrrpGroupSettings, Running]):
    """Runs the groups that are configured."""

    facility = "VRRP"

    # --- groups ----------------------------------------------------------------------------------------

    def _configured(self, interface: Interface) -> Mapping[int, VrrpGroupSettings]:
        config = interface.config.held(VrrpPort)
        return config.groups if config is not None else {}

    def _group_address(self, interface: Interface) -> IPv4Address:
        return GROUP

    def _listen(self, on: bool) -> None:
        self.device.service(IpStack).bind_protocol(Protocol.VRRP, self._receive if on else None)

    def _made(self, interface: Interface, settings: VrrpGroupSettings, told: Told) -> Running:
        return Running(
            interface,
            settings,
            VirtualRouter(self._settings(interface, settings)),
            FollowedObjects(self.device, f"VRRP {interface.name} {settings.number}", told),
            holding=Holding(self.device.service(IpStack).virtual, interface, _duty(settings.number)),
        )

    def _disable(self, running: Running) -> None:
        running.engine.disable(self.device.now, State.DISABLE)

    def _refresh(self, running: Running) -> None:
        """Take over what was typed and what became of interfaces and objects."""
        engine, settings, now = running.engine, running.settings, self.device.now
        running.followed.set(settings.objects)
        engine.configure(self._settings(running.interface, settings), now)
        address = running.interface.config.of(IpSettings).address
        if settings.address is None:
            if engine.state is not State.DISABLE:
                engine.disable(now, State.DISABLE)
        elif address is None or not self._can_run(running):
            if engine.state is not State.INIT:
                engine.disable(now)
        elif engine.state not in (State.BACKUP, State.MASTER) or engine.own != address.ip:
            if engine.state is not State.INIT:
                engine.disable(now)
            engine.enable(address.ip, now)
        self._settle(running)

    def _can_run(self, running: Running) -> bool:
        interface, settings = running.interface, running.settings
        networks = [each.network for each in interface.config.of(IpSettings).addresses]
        fits = all(any(address in network for network in networks) for address in settings.addresses)
        return interface.protocol_up and fits and not settings.shutdown

    def owner(self, interface: Interface, settings: VrrpGroupSettings) -> bool:
        """Whether the virtual address is the interface's own."""
        return any(each.ip == settings.address for each in interface.config.of(IpSettings).addresses)

    def priority(self, interface: Interface, settings: VrrpGroupSettings) -> int:
        """The configured priority without what tracked objects take from it; an owner has 255."""
        if self.owner(interface, settings):
            return OWNER
        down = (taken for number, taken in settings.objects.items() if tracked(self.device, number) is False)
        return max(settings.priority - sum(down), 1)

    def _settings(self, interface: Interface, settings: VrrpGroupSettings) -> Settings:
        return Settings(
            settings.number,
            settings.addresses,
            self.priority(interface, settings),
            settings.preempt,
            float(settings.delay),
            settings.interval / 1000,
            settings.learn,
        )

    # --- messages --------------------------------------------------------------------------------------

    def _receive(self, packet: IPv4Packet, interface: str) -> None:
        if packet.destination != GROUP or interface not in self._joined:
            return
        if packet.ttl != TTL:
            self.debug(ERRORS, f"Advertisement from {packet.source} has TTL {packet.ttl}")
            return
        try:
            message = parse(packet.payload)
        except MalformedPacket as error:
            self.debug(ERRORS, f"Advertisement from {packet.source}: {error}")
            return
        running = self.groups.get((interface, message.group))
        if running is None or running.engine.state not in (State.BACKUP, State.MASTER):
            return
        self.debug(
            PACKETS, f"Grp {message.group} Advertisement priority {message.priority}, ipaddr {packet.source}"
        )
        if not self._believed(running, message, packet.source):
            return
        running.engine.receive(packet.source, message, self.device.now)
        self._settle(running)

    def _keys(self, settings: VrrpGroupSettings) -> Keys | None:
        key = settings.single_key(self.device.now)
        if key is not None:
            return key
        return ChainKeys(self.device, settings.key_chain) if settings.key_chain else None

    def _believed(self, running: Running, message: VrrpAdvertisement, source: IPv4Address) -> bool:
        settings, keys = running.settings, self._keys(running.settings)
        expected = MD5 if keys is not None else TEXT if settings.text else NO_AUTHENTICATION
        told = f"Bad authentication from {source}, group {message.group}, type {message.authentication_type}"
        if message.authentication_type != expected:
            self._complain(running, "BADAUTHTYPE", f"{told}, expected {expected}")
            return False
        data = message.authentication
        if expected == TEXT:
            good = data == _text(settings)
        elif keys is not None:
            bare = replace(message, authentication=data[:4] + bytes(16))
            good = verified(keys, int.from_bytes(data[:4], "big"), bare.to_bytes(), data[4:])
        else:
            good = True
        if not good:
            self._complain(running, "BADAUTH", told)
        self.debug(
            AUTHENTICATION, f"Grp {message.group} authentication {'good' if good else 'bad'} from {source}"
        )
        return good

    # --- what engines leave ----------------------------------------------------------------------------

    def _settle(self, running: Running) -> None:
        """Carry out what an engine left, and be there when it is due."""
        engine = running.engine
        number, name = running.settings.number, short_name(running.interface.name)
        for event in engine.events():
            if isinstance(event, Changed):
                text = f"{name} Grp {number} state {event.before.value} -> {event.after.value}"
                self.device.log("VRRP", 6, "STATECHANGE", text)
                self.debug(EVENTS, f"Grp {number} Event - {event.why.removeprefix('Event - ')}")
                self.debug(STATE, f"Grp {number} changing to V_{event.after.name}")
            else:
                self.debug(ERRORS, f"Grp {number} Advertisement from {event.source} {event.why}")
        for message in engine.messages():
            self._send(running, message)
        if engine.state is State.MASTER:
            running.holding.take(list(running.settings.addresses), running.station)
        else:
            running.holding.give_up()
        self._arm(running)

    def _send(self, running: Running, message: VrrpAdvertisement) -> None:
        source = running.engine.own
        keys, settings = self._keys(running.settings), running.settings
        if keys is not None:
            key = keys.sending()
            if key is None:
                return
            data = key.number.to_bytes(4, "big")
            bare = replace(message, authentication_type=MD5, authentication=data.ljust(MD5_LENGTH, b"\0"))
            message = replace(bare, authentication=data + keyed_md5(key.secret, bare.to_bytes()))
        elif settings.text:
            message = replace(message, authentication_type=TEXT, authentication=_text(settings))
        if source is None:
            return
        self.debug(
            PACKETS, f"Grp {message.group} sending Advertisement checksum {message.to_bytes()[6:8].hex()}"
        )
        packet = IPv4Packet(source, GROUP, Protocol.VRRP, message.to_bytes(), TTL, tos=NETWORK_CONTROL)
        virtual = self.device.service(IpStack).virtual
        virtual.send(running.interface, packet, multicast_mac(GROUP), running.station)

    def debug(self, flag: DebugFlag, text: str) -> None:
        """A line of `debug vrrp …`."""
        if self.device.debugging.wants(flag):
            self.device.log("", _DEBUG, "", f"VRRP: {text}")


def _text(settings: VrrpGroupSettings) -> bytes:
    return settings.text.encode("latin-1", "replace")[:8].ljust(8, b"\0")
