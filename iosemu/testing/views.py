"""What a device holds at one moment, as plain typed values: for tests that look at state, not at text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from types import MappingProxyType

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.bridging.bridge import Bridge
from iosemu.ip.config import IpSettings
from iosemu.ip.stack import IpStack
from iosemu.subjects.crypto.service.engine import CryptoEngine


@dataclass(frozen=True, slots=True)
class CountersView:
    """Packets and octets (frames without FCS) since the last clear."""

    in_packets: int
    in_octets: int
    in_errors: int
    in_drops: int
    out_packets: int
    out_octets: int
    out_errors: int
    out_drops: int


@dataclass(frozen=True, slots=True)
class InterfaceView:
    """One interface; `up` when packets can pass."""

    name: str
    description: str
    address: IPv4Interface | None
    mac: str
    admin_up: bool
    line_up: bool
    protocol_up: bool
    counters: CountersView

    @property
    def up(self) -> bool:
        """Line and protocol are up."""
        return self.line_up and self.protocol_up


@dataclass(frozen=True, slots=True)
class RouteView:
    """One installed route; `code` is IOS's letter (`C`, `S` …)."""

    code: str
    network: IPv4Network
    next_hop: IPv4Address | None
    interface: str | None
    distance: int
    metric: int


@dataclass(frozen=True, slots=True)
class ArpView:
    """One row of the ARP table; `age` in lab seconds, None for an own or static address."""

    address: IPv4Address
    mac: str
    interface: str
    age: float | None


@dataclass(frozen=True, slots=True)
class MacView:
    """One row of a switch's MAC address table."""

    vlan: int
    mac: str
    port: str
    static: bool


@dataclass(frozen=True, slots=True)
class IsakmpSaView:
    """One ISAKMP SA; `state` in the words of `show crypto isakmp sa`."""

    local: IPv4Address
    peer: IPv4Address
    state: str
    initiator: bool
    conn_id: int
    remaining: float | None
    """Lab seconds until it expires; None before it is established."""


@dataclass(frozen=True, slots=True)
class Ikev2SaView:
    """One IKEv2 SA; `status` as in `show crypto ikev2 sa`: READY, IN-NEG or DELETE."""

    local: IPv4Address
    peer: IPv4Address
    status: str
    initiator: bool
    tunnel_id: int
    children: int
    """Pairs of IPsec SAs under it."""
    remaining: float | None
    """Lab seconds until it expires; None before it is established."""


@dataclass(frozen=True, slots=True)
class IpsecSaView:
    """One protected flow of a crypto map, with its SAs if it has any."""

    interface: str
    map_name: str
    local: IPv4Network
    remote: IPv4Network
    peer: IPv4Address | None
    inbound_spis: tuple[int, ...]
    outbound_spis: tuple[int, ...]
    encaps: int
    decaps: int
    send_errors: int
    receive_errors: int
    remaining: float | None
    """Lab seconds until the SAs expire; None without SAs."""

    @property
    def active(self) -> bool:
        """It has SAs that carry packets."""
        return bool(self.outbound_spis)


@dataclass(frozen=True, slots=True)
class LogView:
    """One system message: lab seconds, facility, severity, mnemonic, and the text without them."""

    when: float
    facility: str
    severity: int
    mnemonic: str
    text: str


@dataclass(frozen=True, slots=True)
class DeviceView:
    """Everything a test may want to know of a device; nothing in it changes afterwards."""

    name: str
    hostname: str
    kind: str
    model: str
    image: str
    powered: bool
    now: float
    """Lab seconds."""
    uptime: float
    interfaces: Mapping[str, InterfaceView]
    routes: tuple[RouteView, ...] = ()
    arp: tuple[ArpView, ...] = ()
    mac_table: tuple[MacView, ...] = ()
    isakmp_sas: tuple[IsakmpSaView, ...] = ()
    ikev2_sas: tuple[Ikev2SaView, ...] = ()
    ipsec_sas: tuple[IpsecSaView, ...] = ()
    log: tuple[LogView, ...] = ()


def view(device: Device) -> DeviceView:
    """What a device holds now."""
    interfaces = {name: _interface(each) for name, each in device.interfaces.items()}
    stack = device.find(IpStack)
    return DeviceView(
        name=device.name,
        hostname=device.hostname,
        kind=device.kind,
        model=device.model.name,
        image=device.image.name,
        powered=device.powered,
        now=device.now,
        uptime=device.now - device.booted_at,
        interfaces=MappingProxyType(interfaces),
        routes=() if stack is None else tuple(_routes(stack)),
        arp=() if stack is None else tuple(_arp(stack, device.now)),
        mac_table=_macs(device),
        isakmp_sas=_isakmp(device),
        ikev2_sas=_ikev2(device),
        ipsec_sas=_ipsec(device),
        log=tuple(
            LogView(each.when, each.facility, each.severity, each.mnemonic, each.text)
            for each in device.syslog.messages
        ),
    )


def _interface(interface: Interface) -> InterfaceView:
    counters = interface.counters
    return InterfaceView(
        interface.name,
        interface.config.description,
        interface.config.of(IpSettings).address,
        str(interface.mac),
        interface.admin_up,
        interface.line_up,
        interface.protocol_up,
        CountersView(
            counters.in_packets,
            counters.in_octets,
            counters.in_errors,
            counters.in_drops,
            counters.out_packets,
            counters.out_octets,
            counters.out_errors,
            counters.out_drops,
        ),
    )


def _routes(stack: IpStack) -> list[RouteView]:
    return [
        RouteView(each.source.value, each.network, each.next_hop, each.interface, each.distance, each.metric)
        for each in stack.routes
    ]


def _arp(stack: IpStack, now: float) -> list[ArpView]:
    return [ArpView(each.address, str(each.mac), each.interface, each.age(now)) for each in stack.arp.table]


def _macs(device: Device) -> tuple[MacView, ...]:
    bridge = device.find(Bridge)
    if bridge is None:
        return ()
    return tuple(
        MacView(each.vlan, str(each.address), each.port, each.static) for each in bridge.mac_entries()
    )


def _isakmp(device: Device) -> tuple[IsakmpSaView, ...]:
    crypto = device.find(CryptoEngine)
    if crypto is None:
        return ()
    return tuple(
        IsakmpSaView(
            sa.local.address,
            sa.peer.address,
            sa.state.value,
            sa.role.value == "I",
            sa.conn_id,
            None if sa.expires is None else max(0.0, sa.expires - device.now),
        )
        for sa in crypto.ike.sas
        if not sa.deleted
    )


def _ikev2(device: Device) -> tuple[Ikev2SaView, ...]:
    crypto = device.find(CryptoEngine)
    if crypto is None:
        return ()
    return tuple(
        Ikev2SaView(
            sa.local.address,
            sa.peer.address,
            sa.status,
            sa.role.value == "I",
            sa.number,
            len(sa.children),
            None if sa.expires is None else max(0.0, sa.expires - device.now),
        )
        for sa in crypto.ikev2.engine.sas
    )


def _ipsec(device: Device) -> tuple[IpsecSaView, ...]:
    crypto = device.find(CryptoEngine)
    if crypto is None:
        return ()
    views = []
    for flow in crypto.flows.values():
        pair = flow.current(device.now)
        peer = pair.peer if pair is not None else crypto.peer_of(flow)
        views.append(
            IpsecSaView(
                flow.interface,
                flow.map_name,
                flow.selector.local,
                flow.selector.remote,
                peer,
                () if pair is None else tuple(sa.spi for sa in pair.inbound),
                () if pair is None else tuple(sa.spi for sa in pair.outbound),
                flow.counters.encaps,
                flow.counters.decaps,
                flow.counters.send_errors,
                flow.counters.receive_errors,
                None if pair is None else max(0.0, pair.expires - device.now),
            )
        )
    return tuple(views)
