"""In which states those are who take part in an exchange: read when a message is sent, and when it was worked on."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.ip.config import IpSettings
from iosemu.ip.dhcp import AddressClients
from iosemu.ip.tcp import Tcp
from iosemu.lab.lab import Lab
from iosemu.lab.page.traffic import kind_of
from iosemu.net.stp_types import PortState
from iosemu.packets.dhcp import CLIENT_PORT, SERVER_PORT, DhcpMessage
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.framing import carried, guess
from iosemu.routing.ospf.constants import NeighborState
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.dhcp.service import DhcpServices
from iosemu.subjects.ospf.service.ospf import Ospf
from iosemu.subjects.spanning_tree.service import SpanningTrees
from iosemu.tcp.wire import Endpoint

Sampler = Callable[[], dict[str, str]]
"""Reads the state of each party, by device."""
AGAIN = 10.0
"""Lab seconds for which is believed whose address is whose."""
_TCP, _UDP, _OSPF = 6, 17, 89
_DHCP_PORTS = {SERVER_PORT, CLIENT_PORT}
_IEEE_GROUP, _PVST_GROUP = bytes.fromhex("0180c2000000"), bytes.fromhex("01000ccccccd")
_PORT_WORDS = {
    PortState.DISABLED: "DIS", PortState.BLOCKING: "BLK", PortState.LISTENING: "LIS", PortState.LEARNING: "LRN",
    PortState.FORWARDING: "FWD",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Home:
    """Where an address is."""

    device: str
    interface: str
    network: IPv4Network


@dataclass(slots=True)
class Addresses:
    """Whose address is whose, looked up anew where it may have changed."""

    lab: Lab
    homes: dict[IPv4Address, Home] = field(default_factory=dict)
    _read: float = -1.0

    def refresh(self) -> None:
        """Read all interfaces."""
        self._read = self.lab.scheduler.now
        self.homes = {
            address.ip: Home(name, interface.name, address.network)
            for name, device in self.lab.devices.items()
            for interface in device.interfaces.values()
            if (address := interface.config.of(IpSettings).address) is not None
        }

    def find(self, address: IPv4Address) -> Home | None:
        """Where an address is; None for one that nobody has."""
        if not 0 <= self.lab.scheduler.now - self._read < AGAIN:
            self.refresh()
        return self.homes.get(address)

    def beside(self, home: Home) -> list[Home]:
        """Who else has an address in that subnet."""
        return [
            each
            for each in self.homes.values()
            if each.network == home.network and each.device != home.device
        ]


def cookie_of(frame: bytes) -> bytes:
    """The initiator's cookie of an ISAKMP message in a frame; empty where it has none."""
    if kind_of(frame) != "isakmp":
        return b""
    at = _network(frame)
    at += (frame[at] & 15) * 4
    wrapped = b"\x11\x94" in (frame[at : at + 2], frame[at + 2 : at + 4])  # UDP 4500
    begin = at + (12 if wrapped else 8)
    return frame[begin : begin + 8]


def _network(frame: bytes) -> int:
    """Where the network layer begins."""
    return carried(frame, guess(frame))[1]


def bridge_vlan(frame: bytes) -> int | None:
    """The VLAN of the tree that a BPDU belongs to: its sender's system ID extension; None for what is none."""
    if frame[:6] not in (_IEEE_GROUP, _PVST_GROUP):
        return None
    at = _network(frame) + 3 if frame[12:14] != b"\x81\x00" else 18 + 2 + 3
    if frame[:6] == _PVST_GROUP:
        at += 5
    bridge = frame[at + 17 : at + 19]
    return (
        (int.from_bytes(bridge) & 0xFFF or 1) if len(bridge) == 2 and frame[at + 3 : at + 4] != b"\x80" else 1
    )


class Parties:
    """Finds out who takes part in the exchange that a frame belongs to."""

    def __init__(self, lab: Lab, far: dict[str, str]) -> None:
        self._lab = lab
        self._far = far
        """By the name of a port, the port at the other end of its cable."""
        self.addresses = Addresses(lab)

    def of(self, frame: bytes, port: str) -> tuple[Hashable, Sampler] | None:
        """Which exchange it is, and how the states of its parties are read; None for what has no states."""
        kind = kind_of(frame)
        if kind == "isakmp":
            cookie = cookie_of(frame)
            return (("ike", cookie), lambda: dict(self._ike(cookie))) if cookie else None
        if kind == "control":
            vlan = bridge_vlan(frame)
            if vlan is None:
                return None
            cable = (port, self._far.get(port, port))
            return ("stp", frozenset(cable), vlan), lambda: dict(self._stp(cable, vlan))
        at = _network(frame)
        if kind not in ("tcp", "udp", "routing") or len(frame) < at + 20:
            return None
        body = at + (frame[at] & 15) * 4
        source, destination = IPv4Address(frame[at + 12 : at + 16]), IPv4Address(frame[at + 16 : at + 20])
        ports = int.from_bytes(frame[body : body + 2]), int.from_bytes(frame[body + 2 : body + 4])
        if frame[at + 9] == _TCP:
            ends = Endpoint(source, ports[0]), Endpoint(destination, ports[1])
            return ("tcp", frozenset(ends)), lambda: dict(self._tcp(*ends))
        if frame[at + 9] == _OSPF:
            return ("ospf", source, destination), lambda: dict(self._ospf(source, destination))
        if frame[at + 9] == _UDP and set(ports) <= _DHCP_PORTS:
            try:
                message = DhcpMessage.parse(frame[body + 8 :])
            except MalformedPacket:
                return None
            return ("dhcp", message.hardware), lambda: dict(self._dhcp(message))
        return None

    def _ike(self, cookie: bytes) -> Iterator[tuple[str, str]]:
        for name, device in self._lab.devices.items():
            crypto = device.find(CryptoEngine) if device.powered else None
            for sa in crypto.ike.sas if crypto is not None else ():
                if sa.cookie_i == cookie:
                    yield name, sa.state.value
            for known in crypto.ikev2.engine.sas if crypto is not None else ():
                if known.spi_i == cookie:
                    yield name, known.state.value

    def _stp(self, ends: tuple[str, ...], vlan: int) -> Iterator[tuple[str, str]]:
        for end in ends:
            name, _, port = end.partition(":")
            device = self._lab.devices.get(name)
            trees = device.find(SpanningTrees) if device is not None and device.powered else None
            tree = trees.tree(vlan) if trees is not None else None
            entry = tree.ports.get(port) if tree is not None else None
            if entry is not None:
                yield name, f"{short_name(port)} {entry.role.value} {_PORT_WORDS[entry.state]}"

    def _tcp(self, source: Endpoint, destination: Endpoint) -> Iterator[tuple[str, str]]:
        for here, there in ((source, destination), (destination, source)):
            home = self.addresses.find(IPv4Address(str(here.address)))
            device = self._lab.devices[home.device] if home is not None else None
            tcp = device.find(Tcp) if device is not None and device.powered else None
            for _, engine in tcp.engines() if tcp is not None else ():
                connection = engine.find(here, there)
                if connection is not None and home is not None:
                    yield home.device, connection.state.value

    def _ospf(self, source: IPv4Address, destination: IPv4Address) -> Iterator[tuple[str, str]]:
        home = self.addresses.find(source)
        if home is None:
            return
        beside = self.addresses.beside(home)
        whom = self.addresses.find(destination)
        others = [each for each in beside if whom is None or each.device == whom.device]
        names = {address: each.device for address, each in self.addresses.homes.items()}
        known = []
        for address, state in self._neighbors(home):
            name = names.get(address, str(address))
            if any(name == each.device for each in others):
                known.append(f"{name} {_word(state)}")
        if known:
            yield home.device, ", ".join(known)
        for each in others:
            for address, state in self._neighbors(each):
                if address == source:
                    yield each.device, f"{home.device} {_word(state)}"

    def _neighbors(self, home: Home) -> Iterator[tuple[IPv4Address, NeighborState]]:
        device = self._lab.devices[home.device]
        ospf = device.find(Ospf) if device.powered else None
        instance = ospf.instance_on(home.interface) if ospf is not None else None
        interface = instance.engine.interfaces.get(home.interface) if instance is not None else None
        for neighbor in interface.neighbors.values() if interface is not None else ():
            yield IPv4Address(neighbor.address), neighbor.state

    def _dhcp(self, message: DhcpMessage) -> Iterator[tuple[str, str]]:
        for name, device in self._lab.devices.items():
            words = list(_dhcp_words(device, message)) if device.powered else []
            if words:
                yield name, ", ".join(words)


def _word(state: NeighborState) -> str:
    return "2WAY" if state is NeighborState.TWO_WAY else state.name


def _dhcp_words(device: Device, message: DhcpMessage) -> Iterator[str]:
    clients, services = device.find(AddressClients), device.find(DhcpServices)
    for name, client in clients.clients.items() if clients is not None else ():
        interface = device.interfaces.get(name)
        if interface is not None and bytes(interface.mac) == message.hardware:
            yield client.state.name
    for engine in services.engines.values() if services is not None else ():
        standing = engine.standing(message.identity)
        if standing is not None:
            yield f"{standing[0]} {standing[1]}"
