"""GDOI on one box: port 848, the groups that it serves and those that it is a member of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.gdoi.coop import Announcement
from iosemu.gdoi.engine import GdoiEngine
from iosemu.gdoi.exchange import Denied, Downloaded, Grant, Granted
from iosemu.gdoi.numbers import PORT, ExchangeType
from iosemu.gdoi.rekey import Kek
from iosemu.ike import events
from iosemu.ike.header import HEADER_LENGTH
from iosemu.ike.sa import IsakmpSa
from iosemu.ike.types import Datagram, Endpoint, Identity
from iosemu.ip.stack import IpStack
from iosemu.ipsec.sadb import SadbPair
from iosemu.net.scheduler import Timer
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.packets.udp import UdpDatagram
from iosemu.subjects.crypto.config.maps import CryptoMapEntry
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.crypto.service.flow import CryptoFlow
from iosemu.subjects.crypto.service.groups import RekeySa
from iosemu.subjects.gdoi.config import GENERIC, LEVELS, OF_AREA, GdoiConfig, GdoiGroup
from iosemu.subjects.gdoi.service.credentials import GdoiCredentials
from iosemu.subjects.gdoi.service.keyserver import KeyServer
from iosemu.subjects.gdoi.service.member import GroupMember
from iosemu.subjects.gdoi.service.traffic import GroupTraffic

if TYPE_CHECKING:
    from iosemu.box.device import Device

LONGEST_UNPROTECTED = 4096
"""Octets of a message that does not come under a phase 1."""


class Gdoi(Service):
    """Key servers and members of one router."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.crypto = device.service(CryptoEngine)
        self.engine = GdoiEngine(
            GdoiCredentials(self.crypto.credentials), device.rng.randbytes, self.crypto.ike.conn_ids, self
        )
        self.engine.heard_by(self.crypto.debug.listens)
        self.servers: dict[str, KeyServer] = {}
        self.members: dict[str, GroupMember] = {}
        self.running = False
        """GDOI is ON: a group is served, or a crypto map of a group is on an interface."""
        self.traffic = GroupTraffic(self)
        self._told_on = False
        self._timer: Timer | None = None
        self._pumping = False
        self._transport: set[str] = set()
        """Groups that were said to have unicast rekeys."""

    # --- configuration -----------------------------------------------------------------------------------

    def start(self) -> None:
        """Shows of IPsec list what groups have."""
        self.crypto.groups = self

    def stop(self) -> None:
        """Nothing is sent any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def changed(self) -> None:
        """Groups, crypto maps, keys or access lists are others."""
        self.device.soon(self._fit)

    def interface_configured(self, interface: Interface) -> None:
        """A crypto map was put on an interface, or taken away."""
        self.changed()

    def interface_removed(self, interface: Interface) -> None:
        """A member may have lost its interface."""
        self.changed()

    def protocol_changed(self, interface: Interface) -> None:
        """A member may register now, or has lost its address."""
        self.changed()

    def addresses_changed(self, interface: Interface) -> None:
        """A member may have another address."""
        self.changed()

    def _fit(self) -> None:
        groups = self.device.config.of(GdoiConfig).groups
        if not groups and not self.running and not self.servers and not self.members:
            return
        self._fit_servers(groups)
        started = self._fit_members(groups)
        on = bool(self.servers or self.members)
        if on != self.running:
            self.running = on
            self.device.service(IpStack).bind_udp(PORT, self._udp if on else None)
        self.traffic.stand(bool(self.members))
        for member in started:
            member.register()
        if on != self._told_on:
            self._told_on = on
            self.device.log("CRYPTO", 6, "GDOI_ON_OFF", f"GDOI is {'ON' if on else 'OFF'}")
        self.arm()

    def _fit_servers(self, groups: dict[str, GdoiGroup]) -> None:
        local = self.device.service(IpStack).default
        for name in [name for name in self.servers if name not in groups]:
            del self.servers[name]
        for name, group in groups.items():
            server = self.servers.get(name)
            wanted = group.local
            if server is not None and (server.group is not group or server.local is not wanted):
                del self.servers[name]
                server = None
            usable = (
                wanted is not None
                and group.identity is not None
                and wanted.address is not None
                and local.is_local(wanted.address)
            )
            if not usable or wanted is None:
                self.servers.pop(name, None)
            elif server is None:
                self.servers[name] = KeyServer(self, group, wanted)
            self._tell_transport(name, unicast=wanted is not None and wanted.unicast)
            if name in self.servers:
                self.servers[name].refresh()

    def _tell_transport(self, name: str, *, unicast: bool) -> None:
        if unicast and name not in self._transport:
            self._transport.add(name)
            text = f"Group {name} transitioned to Unicast Rekey."
            self.device.log("GDOI", 5, "KS_REKEY_TRANS_2_UNI", text)
        elif not unicast:
            self._transport.discard(name)

    def _fit_members(self, groups: dict[str, GdoiGroup]) -> list[GroupMember]:
        """Members as the crypto maps have them; those that are new, which are to register."""
        wanted: dict[str, tuple[CryptoMapEntry, list[str], IPv4Address]] = {}
        for interface, crypto_map in self.crypto.policy.applied():
            for entry in crypto_map.entries.values():
                group = groups.get(entry.group or "") if entry.gdoi else None
                if group is None or group.identity is None or not group.servers:
                    continue
                if group.name in wanted:
                    wanted[group.name][1].append(interface)
                    continue
                local = self._registers_from(group, crypto_map.local_address or interface)
                if local is not None:
                    wanted[group.name] = entry, [interface], local
        started = []
        for name, member in list(self.members.items()):
            found = wanted.get(name)
            same = found is not None and (found[0], found[2]) == (member.entry, member.local)
            if not same or member.group is not groups.get(name) or member.identity != member.group.identity:
                del self.members[name]
        for name, (entry, interfaces, local) in wanted.items():
            known = self.members.get(name)
            if known is not None:
                known.use(interfaces)
                continue
            self.members[name] = GroupMember(self, groups[name], entry, interfaces, local)
            started.append(self.members[name])
        return started

    def _registers_from(self, group: GdoiGroup, interface: str) -> IPv4Address | None:
        chosen = group.client_interface or interface
        found = self.device.interfaces.get(chosen)
        address = self.crypto.addresses.local_of(chosen)
        up = found is not None and found.protocol_up
        return address if up and address is not None and self.crypto.fronts.is_ours(address) else None

    # --- messages ----------------------------------------------------------------------------------------

    def grant(self, group: Identity, member: IPv4Address) -> Grant | None:
        """What a member may have that asks for a group."""
        for server in self.servers.values():
            if server.group.identity == group and server.complete:
                if not server.authorized(member):
                    return None
                granted = server.grant()
                self.tell("infra", "event", server.group.shown_identity, "GDOI SA sent successfully by KS")
                return granted
        self.tell("ks", "error", str(group), f"No such group, asked for by {member}")
        return None

    def send(self, source: IPv4Address, destination: IPv4Address, data: bytes) -> None:
        """Send a datagram from port 848 to port 848."""
        self.crypto.wire.transmit(Datagram(Endpoint(source, PORT), Endpoint(destination, PORT), data))

    def announce(self, local: IPv4Address, peer: IPv4Address, announcement: Announcement) -> None:
        """Tell another key server something."""
        self.engine.announce(local, peer, announcement, self.device.now)
        self.device.soon(self.pump)

    def connected(self, local: IPv4Address, peer: IPv4Address) -> bool:
        """Whether there is a phase 1 with another key server."""
        return self.engine.established(local, peer)

    def disconnect(self, local: IPv4Address, peer: IPv4Address) -> None:
        """Forget the phase 1 with another key server."""
        self.engine.delete_sa(self.device.now, None, peer, local)

    def _udp(self, packet: IPv4Packet, datagram: UdpDatagram, interface: str) -> None:
        data = datagram.payload
        kind = data[18] if len(data) >= HEADER_LENGTH else 0
        if kind in (ExchangeType.PUSH, ExchangeType.PUSH_ACK):
            if len(data) <= LONGEST_UNPROTECTED:
                self._rekey(packet.source, kind, data)
            return
        if not self.crypto.wire.may_be_peer(packet.source, interface) or not self._answers(packet, interface):
            return
        local = Endpoint(packet.destination, datagram.destination_port)
        peer = Endpoint(packet.source, datagram.source_port)
        self.engine.receive(data, local, peer, self.device.now)
        self.pump()

    def _answers(self, packet: IPv4Packet, interface: str) -> bool:
        """Whether `registration interface` lets a message in."""
        for server in self.servers.values():
            only = server.local.registration_interface
            if server.local.address == packet.destination and only not in (None, interface):
                return False
        return True

    def _rekey(self, source: IPv4Address, kind: int, data: bytes) -> None:
        if kind == ExchangeType.PUSH_ACK:
            taken = any(server.acknowledged(source, data) for server in self.servers.values())
        else:
            taken = any(member.rekeyed(source, data) for member in self.members.values())
        if not taken:
            self.tell("infra", "error", "0", f"Rekey message of an unknown KEK from {source}")
        self.pump()
        self.arm()

    def pump(self) -> None:
        """Send what the engine has to send, and act on what it reports."""
        if self._pumping:
            return
        self._pumping = True
        try:
            while True:
                datagrams, happened = self.engine.datagrams(), self.engine.events()
                for datagram in datagrams:
                    self.crypto.wire.transmit(datagram)
                for event in happened:
                    self.crypto.debug.tell(event)
                    if isinstance(
                        event, events.BadMessage | events.ModeFailure | events.NoSa | events.SaDenied
                    ):
                        self.crypto.events.handle(event)
                for sa in self.engine.keyed():
                    self.crypto.used_keys.phase1(sa)
                outcomes = self.engine.outcomes()
                for outcome in outcomes:
                    self._outcome(outcome)
                announced = self.engine.announcements()
                for local, peer, announcement in announced:
                    for server in list(self.servers.values()):
                        ours = server.group.identity == announcement.group and server.address == local
                        if ours and server.coop is not None:
                            server.coop.heard(peer, announcement)
                if not datagrams and not happened and not outcomes and not announced:
                    break
        finally:
            self._pumping = False
        self.arm()

    def _outcome(self, outcome: Granted | Downloaded | Denied) -> None:
        if isinstance(outcome, Granted):
            for server in self.servers.values():
                if server.group.identity == outcome.group:
                    number = f"{outcome.conn_id}:{server.group.shown_identity}"
                    self.tell("infra", "event", number, "GDOI KD sent successfully by KS")
                    server.registered(outcome.member.address)
            return
        for member in self.members.values():
            if (member.group.identity, member.local) != (outcome.group, outcome.local):
                continue
            if isinstance(outcome, Downloaded):
                member.downloaded(outcome.server, outcome.grant)
            else:
                member.denied(outcome.server)

    # --- time --------------------------------------------------------------------------------------------

    def arm(self) -> None:
        """Plan the next moment at which there is something to do."""
        times = [self.engine.next_timer()]
        times += [server.next_due() for server in self.servers.values()]
        times += [member.next_due() for member in self.members.values()]
        due = min((time for time in times if time is not None), default=None)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.device.scheduler.at(due, self._tick) if due is not None else None

    def _tick(self) -> None:
        self._timer = None
        now = self.device.now
        self.engine.tick(now)
        for server in self.servers.values():
            due = server.next_due()
            if due is not None and due <= now:
                server.tick()
        for member in self.members.values():
            due = member.next_due()
            if due is not None and due <= now:
                member.tick()
        self.pump()

    # --- what others ask ---------------------------------------------------------------------------------

    def sas(self) -> Iterator[IsakmpSa]:
        """The ISAKMP SAs of port 848."""
        return iter(self.engine.sas)

    def rekey_sas(self) -> Sequence[RekeySa]:
        """The SAs that rekeys come under."""
        return [
            RekeySa(member.local, member.server, member.rekey_conn_id)
            for member in self.members.values()
            if member.kek is not None and member.server is not None
        ]

    def flows(self, interface: str, entry: CryptoMapEntry) -> Sequence[CryptoFlow]:
        """What a group protects on an interface."""
        member = self.members.get(entry.group or "")
        if member is None or member.entry is not entry:
            return ()
        return [flow for (name, _), flow in member.flows.items() if name == interface]

    def clear_isakmp(self, conn_id: int | None, peer: IPv4Address | None, local: IPv4Address | None) -> None:
        """Delete ISAKMP SAs; the keys of groups stay."""
        self.engine.delete_sa(self.device.now, conn_id, peer, local)
        self.pump()

    def installed(self, pair: SadbPair) -> None:
        """New SAs get their numbers, and captures their keys."""
        self.crypto.number(pair)
        self.crypto.used_keys.pair(pair)

    def export_kek(self, kek: Kek) -> None:
        """Captures get the key of rekeys."""
        self.crypto.used_keys.kek(kek.spi[:8], kek.key, kek.iv)

    def new_conn_id(self) -> int:
        """A connection id, of those that ISAKMP SAs have."""
        return self.engine.conn_ids.take()

    def clear(self) -> None:
        """`clear crypto gdoi`: key servers make new keys, members register anew."""
        for server in self.servers.values():
            server.reset()
        self.engine.delete_sa(self.device.now)
        for member in self.members.values():
            member.clear()
        self.pump()

    def tell(self, area: str, level: str, group: str, text: str) -> None:
        """A line of debug, where that area or that level is asked for."""
        debugging = self.device.debugging
        if not debugging.any:
            return
        if debugging.on(OF_AREA[area]) or any(
            debugging.on(GENERIC[each]) for each in LEVELS[LEVELS.index(level) :]
        ):
            number = f"({group or 0})"
            self.device.log("", 7, "", f"GDOI:{area.upper()}:{number}:{text}")
