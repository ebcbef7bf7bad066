"""The agent at work: UDP port 161 in front of the engine, traps and informs behind it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.facts import Fact
from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.box.syslog import Message
from iosemu.bridging.vlans import VlanConfig
from iosemu.ip.stack import IpStack
from iosemu.net.scheduler import Timer
from iosemu.net.snmp.access import Access, Community, Group, Member, Policy, Subtree, View
from iosemu.net.snmp.agent import Agent, Inbound
from iosemu.net.snmp.mib import MibTree
from iosemu.net.snmp.usm import Auth, Priv, UsmUser, localized_key, privacy_key
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.packets.snmp import (
    SNMP_PORT,
    Oid,
    VarBind,
    address,
    integer,
    octets,
    plain,
    ticks,
)
from iosemu.packets.udp import UdpDatagram
from iosemu.subjects.acl.service import AccessLists
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.snmp.config import DEFAULT_VIEW, PACKETS, EngineAddress, SnmpConfig, SnmpPort, UserLine
from iosemu.subjects.snmp.mibs.bridge import bridge_nodes
from iosemu.subjects.snmp.mibs.cisco import cisco_nodes
from iosemu.subjects.snmp.mibs.hsrp import hsrp_nodes
from iosemu.subjects.snmp.mibs.indexes import InterfaceIndexes
from iosemu.subjects.snmp.mibs.interfaces import IF_TABLE, interface_nodes, interface_type, oper_status
from iosemu.subjects.snmp.mibs.ip import ip_nodes
from iosemu.subjects.snmp.mibs.ipsec_flow import ipsec_flow_nodes
from iosemu.subjects.snmp.mibs.notifications import notification
from iosemu.subjects.snmp.mibs.system import system_nodes
from iosemu.subjects.snmp.notifier import SNMP_TRAPS, Notifier

CISCO_ENGINE = bytes.fromhex("800000090300")
"""An engine ID of Cisco's enterprise number, made of a MAC address (RFC 3411 section 5, SnmpEngineID)."""
USERS = "persistent-data"
"""Where NVRAM keeps the users, which no listing shows."""
COLD_START, WARM_START, LINK_DOWN, LINK_UP, AUTHENTICATION = range(1, 6)
CONFIG_EVENT = (1, 3, 6, 1, 4, 1, 9, 9, 43, 2, 0, 1)
CONFIG_HISTORY = (1, 3, 6, 1, 4, 1, 9, 9, 43, 1, 1, 6, 1)
SYSLOG_EVENT = (1, 3, 6, 1, 4, 1, 9, 9, 41, 2, 0, 1)
SYSLOG_HISTORY = (1, 3, 6, 1, 4, 1, 9, 9, 41, 1, 2, 3, 1)
TUNNEL_START, TUNNEL_STOP = (1, 3, 6, 1, 4, 1, 9, 9, 171, 2, 0, 7), (1, 3, 6, 1, 4, 1, 9, 9, 171, 2, 0, 8)
PEER_ADDRESS = (1, 3, 6, 1, 4, 1, 9, 9, 171, 1, 2, 3, 1, 7)
AUTHENTICATION_ADDRESS = (1, 3, 6, 1, 4, 1, 9, 2, 1, 5, 0)
SYSLOG_LEVEL = 4
"""`logging history warnings`, as it is of itself: messages up to this severity become traps."""
SETTLED = 5.0
"""Seconds after power came at which the cold start is told: the ports are up then."""


class SnmpAgent(Service):
    """Answers requests, from the lab and from the port that the lab file may open, and sends traps."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.indexes = InterfaceIndexes(device)
        self.agent = Agent(
            self._tree,
            Inbound(
                self._permits,
                self._refused,
                lambda request: self.notifier.answered(request),
                lambda message, source: self.notifier.elsewhere(message, source),
            ),
        )
        self.notifier = Notifier(device, self.agent, self._usm)
        self._trees: dict[int, MibTree] = {}
        self._bound = False
        self._events = 0
        self._cold: Timer | None = None

    # --- life ------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Power came: users are those of NVRAM; the log and the tunnels are listened to."""
        self.agent.boots = self.device.boots
        self._load_users()
        self.device.syslog.listeners.append(self._logged)
        self.device.syslog.fact_listeners.append(self._happened)
        self.device.service(IpStack).vrf_listeners.append(self._vrf_gone)
        crypto = self.device.find(CryptoEngine)
        if crypto is not None:
            crypto.alarms.sessions.append(self._tunnel)
        self._cold = self.device.scheduler.after(SETTLED, self._cold_start)
        for _number in self.indexes.ordered():
            pass
        self.changed()

    def _vrf_gone(self, name: str) -> None:
        self.device.config.of(SnmpConfig).forget_vrf(name)
        self.changed()

    def stop(self) -> None:
        """Power goes."""
        if self._cold is not None:
            self._cold.cancel()
        self.notifier.stop()

    @property
    def uptime(self) -> float:
        """Seconds since power came."""
        return self.device.now - self.device.booted_at

    @property
    def engine(self) -> bytes:
        """snmpEngineID."""
        typed = self.device.config.of(SnmpConfig).engine
        return bytes.fromhex(typed) if typed else CISCO_ENGINE + bytes(self.device.base_mac)

    # --- configuration ---------------------------------------------------------------------------------------

    def changed(self) -> None:
        """Take over what was typed."""
        config = self.device.config.of(SnmpConfig)
        views = self._views(config)
        communities = {
            line.name: Community(
                Access(
                    views.get(line.view or DEFAULT_VIEW),
                    views.get(line.view or DEFAULT_VIEW) if line.write else None,
                ),
                line.access_list,
            )
            for line in config.communities.values()
        }
        members = {}
        for user in config.users.values():
            if user.remote is not None:
                continue
            groups = tuple(
                Group(
                    group.level,
                    Access(
                        views.get(group.read or DEFAULT_VIEW), views.get(group.write) if group.write else None
                    ),
                    group.access_list,
                )
                for group in config.groups.values()
                if group.name == user.group and group.model == "v3"
            )
            members[user.name] = Member(self._usm(user, self.engine), groups, user.access_list)
        self.agent.policy = Policy(self.engine, communities, members)
        self.notifier.changed()
        if config.enabled != self._bound:
            self._bound = config.enabled
            handler = self._receive if self._bound else None
            self.device.service(IpStack).bind_udp(SNMP_PORT, handler, vrf=None)

    def _views(self, config: SnmpConfig) -> dict[str, View]:
        subtrees: dict[str, list[Subtree]] = {
            DEFAULT_VIEW: [
                Subtree((1,), True),
                *(Subtree((1, 3, 6, 1, 6, 3, hidden), False) for hidden in (15, 16, 18)),
            ]
        }
        for line in config.views.values():
            subtrees.setdefault(line.name, []).append(Subtree(line.family, line.included))
        return {name: View(each) for name, each in subtrees.items()}

    @staticmethod
    def _usm(user: UserLine, engine: bytes) -> UsmUser:
        if user.auth is None:
            return UsmUser(user.name)
        key = localized_key(user.auth, user.auth_password, engine)
        if user.priv is None:
            return UsmUser(user.name, user.auth, key)
        privacy = privacy_key(user.auth, user.priv, user.priv_password, engine)
        return UsmUser(user.name, user.auth, key, user.priv, privacy)

    def keep_users(self) -> None:
        """Write the users into NVRAM. Raises FileSystemError where there is no room."""
        users = [asdict(user) for user in self.device.config.of(SnmpConfig).users.values()]
        for each in users:
            each["auth"] = each["auth"].name if each["auth"] is not None else None
            each["priv"] = each["priv"].name if each["priv"] is not None else None
            if each["remote"] is not None:
                each["remote"]["address"] = str(each["remote"]["address"])
        if users:
            self.device.nvram[USERS] = json.dumps({"snmp": users}).encode()
        elif USERS in self.device.nvram:
            del self.device.nvram[USERS]

    def _load_users(self) -> None:
        stored = self.device.nvram.get(USERS)
        if stored is None:
            return
        users = self.device.config.of(SnmpConfig).users
        try:
            for each in json.loads(stored)["snmp"]:
                auth = Auth[each.pop("auth")] if each["auth"] else each.pop("auth")
                priv = Priv[each.pop("priv")] if each["priv"] else each.pop("priv")
                remote = each.pop("remote", None)
                if remote is not None:
                    remote = EngineAddress(**{**remote, "address": IPv4Address(remote["address"])})
                user = UserLine(**each, auth=auth, priv=priv, remote=remote)
                users[user.key] = user
        except (ValueError, KeyError, TypeError):
            users.clear()

    # --- objects ---------------------------------------------------------------------------------------------

    def _tree(self, context: str) -> MibTree | None:
        if context and not (context.isascii() and context.isdigit() and len(context) < 5):
            return None
        vlan = int(context or 1)
        if context:
            vlans = self.device.config.find(VlanConfig)
            if vlans is None or vlan not in vlans.vlans:
                return None
        if vlan not in self._trees:
            # it brings the shows that it reads: when somebody asks
            from iosemu.subjects.snmp.mibs.entity import entity_nodes

            device, indexes = self.device, self.indexes
            self._trees[vlan] = MibTree(
                [
                    *system_nodes(device, self.agent.counters),
                    *interface_nodes(device, indexes),
                    *ip_nodes(device, indexes),
                    *bridge_nodes(device, indexes, vlan),
                    *entity_nodes(device, indexes),
                    *cisco_nodes(device, indexes),
                    *hsrp_nodes(device, indexes),
                    *ipsec_flow_nodes(device),
                ]
            )
        return self._trees[vlan]

    def look(self, name: Oid, following: bool = False) -> tuple[str, str] | None:
        """An object of the box for the box itself, as text; `following`: the next one. None: there is none."""
        tree = self._tree("")
        assert tree is not None, "the default context is always there"
        tree.begin()
        if following:
            found = tree.after(name)
            if found is None:
                return None
            name, value = found.name, found.value
        else:
            value = tree.get(name)
        text = plain(value)
        return None if text is None else (".".join(map(str, name)), text)

    def _permits(self, name: str, source: object) -> bool:
        return not isinstance(source, IPv4Address) or self.device.service(AccessLists).permits_address(
            name, source
        )

    # --- in --------------------------------------------------------------------------------------------------

    def _receive(self, packet: IPv4Packet, datagram: UdpDatagram, name: str) -> None:
        wanted = self.device.debugging.wants(PACKETS)
        if wanted:
            self._debug(f"SNMP: Packet received via UDP from {packet.source} on {name}")
        answer = self.agent.receive(datagram.payload, packet.source, self.uptime)
        if answer is None:
            return
        stack = self.device.service(IpStack)
        vrf = stack.vrf_of(name)
        source = packet.destination if vrf.is_local(packet.destination) else None
        stack.send_udp(source, SNMP_PORT, packet.source, datagram.source_port, answer, vrf=vrf)
        if wanted:
            self._debug(f"SNMP: Packet sent via UDP to {packet.source}")

    def outside(self, data: bytes, source: IPv4Address) -> bytes | None:
        """The answer to a datagram that came by the lab's own port; None: there is none."""
        if not self._bound or not self.device.powered:
            return None
        return self.agent.receive(data, source, self.uptime)

    def _debug(self, text: str) -> None:
        self.device.log("SNMP", 7, "", text)

    # --- traps -----------------------------------------------------------------------------------------------

    def _cold_start(self) -> None:
        self._cold = None
        if not self._bound:
            return
        self.device.log(
            "SNMP", 5, "COLDSTART", f"SNMP agent on host {self.device.hostname} is undergoing a cold start"
        )
        self.trap("snmp coldstart", (*SNMP_TRAPS, COLD_START))

    def _refused(self, source: object) -> None:
        if isinstance(source, IPv4Address):
            self.trap(
                "snmp authentication",
                (*SNMP_TRAPS, AUTHENTICATION),
                [VarBind(AUTHENTICATION_ADDRESS, address(source))],
            )

    def protocol_changed(self, interface: Interface) -> None:
        """Link up, or down."""
        if not self._bound or not interface.config.of(SnmpPort).link_traps:
            return
        number = self.indexes.number(interface.name)
        bindings = [
            VarBind((*IF_TABLE, 1, number), integer(number)),
            VarBind((*IF_TABLE, 2, number), octets(interface.name)),
            VarBind((*IF_TABLE, 3, number), integer(interface_type(interface))),
            VarBind((*IF_TABLE, 7, number), integer(1 if interface.admin_up else 2)),
            VarBind((*IF_TABLE, 8, number), integer(oper_status(interface))),
        ]
        up = interface.protocol_up
        self.trap(
            "snmp linkup" if up else "snmp linkdown", (*SNMP_TRAPS, LINK_UP if up else LINK_DOWN), bindings
        )

    def _logged(self, message: Message) -> None:
        if not self._bound or not message.mnemonic:
            return
        if message.facility == "SYS" and message.mnemonic == "CONFIG_I":
            self._events += 1
            self.trap(
                "config",
                CONFIG_EVENT,
                [
                    VarBind((*CONFIG_HISTORY, column, self._events), integer(value))
                    for column, value in ((3, 1), (4, 2), (5, 3))
                ],
            )
        if message.severity <= SYSLOG_LEVEL:
            number = message.number
            self.trap(
                "syslog",
                SYSLOG_EVENT,
                [
                    VarBind((*SYSLOG_HISTORY, 2, number), octets(message.facility)),
                    VarBind((*SYSLOG_HISTORY, 3, number), integer(message.severity + 1)),
                    VarBind((*SYSLOG_HISTORY, 4, number), octets(message.mnemonic)),
                    VarBind((*SYSLOG_HISTORY, 5, number), octets(message.text[:255])),
                    VarBind((*SYSLOG_HISTORY, 6, number), ticks(message.when - self.device.booted_at)),
                ],
            )

    def _happened(self, about: Fact) -> None:
        told = notification(about, self.indexes) if self._bound else None
        if told is not None:
            self.trap(told.kind, told.name, told.bindings)

    def _tunnel(self, peer: IPv4Address, up: bool) -> None:
        kind = "ipsec tunnel start" if up else "ipsec tunnel stop"
        self.trap(
            kind, TUNNEL_START if up else TUNNEL_STOP, [VarBind((*PEER_ADDRESS, 1), octets(peer.packed))]
        )

    def trap(self, kind: str, name: Oid, bindings: Iterable[VarBind] = ()) -> None:
        """Tell the hosts, as soon as what happens now is over, if such traps are enabled."""
        self.notifier.trap(kind, name, tuple(bindings))
