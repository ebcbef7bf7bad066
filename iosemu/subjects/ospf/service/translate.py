"""What is typed, as the engine wants it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.interface import Interface
from iosemu.box.interface_types import Medium
from iosemu.box.passwords import Password, reveal
from iosemu.ip.config import IpSettings, ip_mtu
from iosemu.routing.ospf import (
    AreaConfig,
    AreaKind,
    AreaRange,
    Authentication,
    AuthenticationType,
    DefaultInformation,
    InterfaceConfig,
    Key,
    MaxMetric,
    MetricType,
    NeighborConfig,
    NetworkType,
    NssaDefault,
    ProcessConfig,
    SummaryAddress,
    VirtualLinkConfig,
)
from iosemu.subjects.ospf.config.area import AreaId, OspfArea, OspfKeys, VirtualLink
from iosemu.subjects.ospf.config.interface import OspfInterface
from iosemu.subjects.ospf.config.process import OspfProcess

MAX_SUMMARY_METRIC = 16711680
"""What `max-metric` makes of summary and external LSAs where no number is named."""


def _metric_type(number: int | None) -> MetricType:
    return MetricType.E1 if number == 1 else MetricType.E2


def _secret(password: Password | None) -> bytes:
    if password is None:
        return b""
    return reveal(password.value) if password.type == 7 else password.value.encode("latin-1", "replace")


def authentication(keys: OspfKeys, area: OspfArea | None) -> Authentication:
    """What signs packets: what the interface says, else what its area says."""
    kind = keys.type or (area.authentication if area is not None else None) or "null"
    if kind == "simple":
        return Authentication(AuthenticationType.SIMPLE, _secret(keys.password)[:8])
    if kind == "message-digest":
        made = tuple(Key(number, _secret(key)[:16]) for number, key in keys.keys)
        return Authentication(AuthenticationType.CRYPTOGRAPHIC, keys=made)
    return Authentication()


# --- process and areas -------------------------------------------------------------------------------


def process_config(config: OspfProcess) -> ProcessConfig:
    """`router ospf N` for the engine."""
    default = config.default_information
    limit = config.max_metric
    made = ProcessConfig(
        process_id=config.number,
        areas=_areas(config),
        reference_bandwidth=config.reference_bandwidth,
        max_paths=config.maximum_paths or 4,
        rfc1583_compatible=config.rfc1583,
        opaque=config.opaque,
        lls=config.lls,
        redistributing=bool(config.redistribute),
        superbackbone=bool(config.vrf) and not config.vrf_lite,
        default_information=DefaultInformation(
            default.always,
            default.metric if default.metric is not None else 1,
            _metric_type(default.metric_type),
        )
        if default is not None
        else None,
        summary_addresses=tuple(
            SummaryAddress(prefix, each.advertise, each.tag or 0) for prefix, each in config.summaries.items()
        ),
        max_metric=MaxMetric(limit.include_stub, limit.summary, limit.external, limit.on_startup)
        if limit is not None
        else None,
    )
    return _with_timers(made, config)


def _with_timers(made: ProcessConfig, config: OspfProcess) -> ProcessConfig:
    if config.spf is not None:
        start, hold, maximum = (each / 1000 for each in config.spf)
        made = replace(made, spf_start=start, spf_hold=hold, spf_maximum=maximum)
    if config.lsa is not None:
        start, hold, maximum = (each / 1000 for each in config.lsa)
        made = replace(made, lsa_start=start, lsa_hold=hold, lsa_maximum=maximum)
    if config.lsa_arrival is not None:
        made = replace(made, lsa_arrival=config.lsa_arrival / 1000)
    if config.flood_pacing is not None:
        made = replace(made, flood_pacing=config.flood_pacing / 1000)
    if config.group_pacing is not None:
        made = replace(made, lsa_group_pacing=float(config.group_pacing))
    return made


def _areas(config: OspfProcess) -> Mapping[int, AreaConfig]:
    return {number: _area(area) for number, area in config.areas.items()}


def _area(area: OspfArea) -> AreaConfig:
    nssa = area.nssa
    normal = area.kind is AreaKind.NORMAL
    return AreaConfig(
        kind=area.kind,
        no_summary=area.no_summary if area.kind is AreaKind.STUB else nssa.no_summary and not normal,
        default_cost=area.default_cost,
        ranges=tuple(AreaRange(prefix, each.advertise, each.cost) for prefix, each in area.ranges.items()),
        virtual_links=tuple(_virtual(router, link) for router, link in area.virtual_links.items()),
        nssa_default=NssaDefault(
            nssa.metric if nssa.metric is not None else 1, _metric_type(nssa.metric_type)
        )
        if nssa.default
        else None,
        no_redistribution=nssa.no_redistribution,
        translate_always=nssa.translate_always,
        suppress_forwarding_address=nssa.suppress_forwarding,
    )


def _virtual(router: IPv4Address, link: VirtualLink) -> VirtualLinkConfig:
    dead = link.dead if link.dead is not None else 4 * link.hello
    signs = authentication(link.keys, None)
    return VirtualLinkConfig(router, link.hello, dead, link.retransmit, link.transmit_delay, signs)


# --- interfaces --------------------------------------------------------------------------------------


def network_type(interface: Interface) -> NetworkType:
    """The network type of an interface where `ip ospf network` says nothing."""
    if interface.kind == "Loopback":
        return NetworkType.LOOPBACK
    if interface.type.medium is Medium.ETHERNET:
        return NetworkType.BROADCAST
    if interface.nonbroadcast:
        return NetworkType.NON_BROADCAST
    return NetworkType.POINT_TO_POINT


def area_by_network(config: OspfProcess, address: IPv4Address) -> AreaId | None:
    """The area of the most specific `network` line that an address fits."""
    value = int(address)
    fitting = [
        (int(wildcard), area)
        for (network, wildcard), area in config.networks.items()
        if value & ~int(wildcard) & 0xFFFFFFFF == int(network)
    ]
    return min(fitting, key=lambda each: each[0])[1] if fitting else None


def interface_config(
    config: OspfProcess, area: AreaId, interface: Interface, by_network: bool
) -> InterfaceConfig | None:
    """An interface for the engine; None while it has no address."""
    settings, own = interface.config.of(IpSettings), interface.config.of(OspfInterface)
    primary = settings.address
    if primary is None:
        return None
    kind = own.network_type or network_type(interface)
    return InterfaceConfig(
        name=interface.name,
        address=primary.ip,
        prefix_length=primary.network.prefixlen,
        area=area.number,
        network_type=kind,
        bandwidth=interface.bandwidth,
        mtu=ip_mtu(interface.config),
        cost=own.cost,
        priority=own.priority if own.priority is not None else 1,
        hello_interval=own.hello,
        hello_multiplier=own.hello_multiplier,
        dead_interval=own.dead,
        retransmit_interval=own.retransmit or 5,
        transmit_delay=own.transmit_delay or 1,
        authentication=authentication(own.keys, config.areas.get(area.number)),
        passive=config.is_passive(interface.name),
        mtu_ignore=own.mtu_ignore,
        database_filter_out=own.filter_out,
        neighbors=_neighbors(config, primary.network) if not kind.multicasts else (),
        secondary=_secondary(config, area, interface, by_network),
        unnumbered=_index(interface) if settings.unnumbered and kind is NetworkType.POINT_TO_POINT else None,
    )


def _index(interface: Interface) -> int:
    """The number of an interface without an address of its own (RFC 2328, appendix C.3)."""
    return 1 + list(interface.device.interfaces).index(interface.name)


def _neighbors(config: OspfProcess, network: IPv4Network) -> tuple[NeighborConfig, ...]:
    return tuple(
        NeighborConfig(address, each.priority or 0, each.poll_interval or 120, each.cost)
        for address, each in config.neighbors.items()
        if address in network
    )


def _secondary(
    config: OspfProcess, area: AreaId, interface: Interface, by_network: bool
) -> tuple[IPv4Network, ...]:
    """The networks of further addresses: those that a `network` line puts into the same area, or all."""
    settings, own = interface.config.of(IpSettings), interface.config.of(OspfInterface)
    if not by_network and not own.secondaries:
        return ()
    return tuple(
        each.network
        for each in settings.secondary
        if not by_network or area_by_network(config, each.ip) == area
    )
