"""EIGRP in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.render import Render
from iosemu.box.subject import InterfaceSection
from iosemu.routing.eigrp import AuthenticationMode
from iosemu.subjects.eigrp.config import (
    ACTIVE_MINUTES,
    MAXIMUM_HOPS,
    MAXIMUM_PATHS,
    WEIGHTS,
    EigrpConfig,
    EigrpPort,
    EigrpProcess,
    EigrpStyle,
    InterfaceSettings,
    NamedInstance,
)


def router_lines(device: Device, _render: Render) -> Iterator[str]:
    """`router eigrp`, named instances first."""
    config = device.config.of(EigrpConfig)
    style = device.image.style(EigrpStyle)
    first = True
    for name in sorted(config.named):
        if not first:
            yield "!"
        first = False
        yield from _named(config.named[name])
    for number in sorted(config.classic):
        if not first:
            yield "!"
        first = False
        process = config.classic[number]
        yield f"router eigrp {number}"
        yield from (f" {line}" for line in _classic(process, style.modern, style.auto_summary))
        for name in sorted(process.vrfs):
            family = process.vrfs[name]
            inside = " autonomous-system"
            words = f" autonomous-system {family.number}" if style.modern and family.number else ""
            yield " !"
            yield f" address-family ipv4 vrf {name}{words}"
            yield from (f"  {line}" for line in _classic(family, style.modern, style.auto_summary))
            if not style.modern and family.number:
                yield f" {inside} {family.number}"
            yield " exit-address-family"


def _classic(process: EigrpProcess, modern: bool, usual: bool) -> Iterator[str]:
    yield from _metrics(process)
    yield from _tuning(process)
    if modern:  # outputs/show_running-config
        yield from _networks(process)
    yield from _redistributed(process)
    yield from _passive(process)
    yield from _filters(process)
    if not modern:
        yield from _networks(process)
    if process.auto_summary != usual or (usual and not modern):
        yield "auto-summary" if process.auto_summary else "no auto-summary"
    yield from _system(process)
    if process.shutdown:
        yield "shutdown"


def _metrics(process: EigrpProcess) -> Iterator[str]:
    if process.weights != WEIGHTS:
        yield f"metric weights {' '.join(map(str, process.weights))}"


def _networks(process: EigrpProcess) -> Iterator[str]:
    for address, wildcard in sorted(process.networks, key=lambda each: (int(each[0]), int(each[1] or 0))):
        yield f"network {address}" + (f" {wildcard}" if wildcard is not None else "")
    for address in sorted(process.neighbors):
        yield f"neighbor {address} {process.neighbors[address]}"


def _system(process: EigrpProcess) -> Iterator[str]:
    if process.router_id is not None:
        yield f"eigrp router-id {process.router_id}"
    if process.stub is not None:
        yield f"eigrp stub{process.stub.words}"
    if not process.log_changes:
        yield "no eigrp log-neighbor-changes"
    if not process.log_warnings:
        yield "no eigrp log-neighbor-warnings"


def _tuning(process: EigrpProcess) -> Iterator[str]:
    if process.variance != 1:
        yield f"variance {process.variance}"
    if process.maximum_paths != MAXIMUM_PATHS:
        yield f"maximum-paths {process.maximum_paths}"
    if process.maximum_hops != MAXIMUM_HOPS:
        yield f"metric maximum-hops {process.maximum_hops}"
    if process.share_minimum:
        yield "traffic-share min across-interfaces"
    if process.active_time is None:
        yield "timers active-time disabled"
    elif process.active_time != ACTIVE_MINUTES:
        yield f"timers active-time {process.active_time}"
    if process.default_metric is not None:
        yield f"default-metric {' '.join(map(str, process.default_metric))}"


def _redistributed(process: EigrpProcess) -> Iterator[str]:
    for origin in sorted(process.redistribute):
        yield f"redistribute {origin}{process.redistribute[origin].words}"


def _passive(process: EigrpProcess) -> Iterator[str]:
    if process.passive_default:
        yield "passive-interface default"
    for name in sorted(process.exceptions):
        yield f"{'no ' if process.passive_default else ''}passive-interface {name}"


def _filters(process: EigrpProcess) -> Iterator[str]:
    for each in process.offsets:
        where = each.interface
        yield f"offset-list {each.access_list} {'out' if each.outgoing else 'in'} {each.offset} {where}"
    for key in sorted(process.lists):
        yield process.lists[key].line
    if process.distances != (90, 170):
        yield f"distance eigrp {process.distances[0]} {process.distances[1]}"


def _named(instance: NamedInstance) -> Iterator[str]:
    yield f"router eigrp {instance.name}"
    families = [instance.families[number] for number in sorted(instance.families)]
    families += [instance.vrfs[name] for name in sorted(instance.vrfs)]
    for process in families:
        yield " !"
        where = f" vrf {process.vrf}" if process.vrf else ""
        yield f" address-family ipv4 unicast{where} autonomous-system {process.number}"
        for name in sorted(process.interfaces, key=lambda each: (each != "default", each)):
            yield "  !"
            yield f"  af-interface {name}"
            yield from (f"   {line}" for line in _af_interface(process.interfaces[name]))
            yield "  exit-af-interface"
        yield "  !"
        yield "  topology base"
        if process.auto_summary:
            yield "   auto-summary"
        for part in (_tuning, _redistributed, _filters):
            yield from (f"   {line}" for line in part(process))
        yield "  exit-af-topology"
        yield from (f"  {line}" for line in _metrics(process))
        yield from (f"  {line}" for line in _networks(process))
        yield from (f"  {line}" for line in _system(process))
        if process.shutdown:
            yield "  shutdown"
        yield " exit-address-family"
    if instance.shutdown:
        yield " shutdown"


def _af_interface(own: InterfaceSettings) -> Iterator[str]:
    for network in sorted(own.summaries):
        yield f"summary-address {network.network_address} {network.netmask}{_summary_tail(own, network)}"
    if own.mode is AuthenticationMode.SHA and own.password is not None:
        yield f"authentication mode hmac-sha-256 {own.password.type} {own.password.value}"
    elif own.mode is AuthenticationMode.MD5:
        yield "authentication mode md5"
    if own.key_chain:
        yield f"authentication key-chain {own.key_chain}"
    if own.hello is not None:
        yield f"hello-interval {own.hello}"
    if own.hold is not None:
        yield f"hold-time {own.hold}"
    if own.bandwidth_percent is not None:
        yield f"bandwidth-percent {own.bandwidth_percent}"
    if own.passive is not None:
        yield "passive-interface" if own.passive else "no passive-interface"
    if not own.next_hop_self:
        yield "no next-hop-self"
    if not own.split_horizon:
        yield "no split-horizon"
    if own.shutdown:
        yield "shutdown"


def _summary_tail(own: InterfaceSettings, network: IPv4Network) -> str:
    distance, leak = own.summaries[network], own.leak_maps.get(network)
    tail = f" {distance}" if distance is not None else ""
    return tail + (f" leak-map {leak}" if leak else "")


def port_lines(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    """`ip … eigrp N` under an interface."""
    port = config.held(EigrpPort)
    if port is None:
        return
    for number in sorted(port.systems):
        own = port.systems[number]
        if own.bandwidth_percent is not None:
            yield f" ip bandwidth-percent eigrp {number} {own.bandwidth_percent}"
        if own.hello is not None:
            yield f" ip hello-interval eigrp {number} {own.hello}"
        if own.hold is not None:
            yield f" ip hold-time eigrp {number} {own.hold}"
        if own.mode is not None:
            yield f" ip authentication mode eigrp {number} {own.mode.value}"
        if own.key_chain:
            yield f" ip authentication key-chain eigrp {number} {own.key_chain}"
        if not own.next_hop_self:
            yield f" no ip next-hop-self eigrp {number}"
        if not own.split_horizon:
            yield f" no ip split-horizon eigrp {number}"
        for network in sorted(own.summaries):
            tail = _summary_tail(own, network)
            yield f" ip summary-address eigrp {number} {network.network_address} {network.netmask}{tail}"


SECTIONS = (InterfaceSection("eigrp", port_lines),)
