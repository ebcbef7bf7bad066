"""RIP in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.render import Render
from iosemu.box.subject import InterfaceSection
from iosemu.routing.rip import AuthenticationMode, Timers
from iosemu.subjects.rip.config import DISTANCE, MAXIMUM_PATHS, RipConfig, RipPort, RipProcess


def router_lines(device: Device, _render: Render) -> Iterator[str]:
    """`router rip`."""
    process = device.config.of(RipConfig).process
    if process is not None:
        yield "router rip"
        yield from (f" {line}" for line in _process(process))
        for name in sorted(process.vrfs):
            yield " !"
            yield f" address-family ipv4 vrf {name}"
            yield from (f"  {line}" for line in _process(process.vrfs[name]))
            yield " exit-address-family"


def _process(process: RipProcess) -> Iterator[str]:
    if process.version is not None:
        yield f"version {process.version}"
    if not process.validate_source:
        yield "no validate-update-source"
    if process.timers != Timers():
        timers = process.timers
        yield f"timers basic {timers.update:.0f} {timers.invalid:.0f} {timers.holddown:.0f} {timers.flush:.0f}"
    for word, value in (
        ("output-delay", process.output_delay),
        ("flash-update-threshold", process.flash_update_threshold),
        ("input-queue", process.input_queue),
    ):
        if value is not None:
            yield f"{word} {value}"
    for origin in sorted(process.redistribute):
        yield f"redistribute {origin}{process.redistribute[origin].words}"
    if process.passive_default:
        yield "passive-interface default"
    for name in sorted(process.exceptions):
        yield f"{'no ' if process.passive_default else ''}passive-interface {name}"
    for each in process.offsets:
        interface = f" {each.interface}" if each.interface else ""
        yield f"offset-list {each.access_list} {'out' if each.outgoing else 'in'} {each.offset}{interface}"
    for network in sorted(process.networks):
        yield f"network {network.network_address}"
    for neighbor in sorted(process.neighbors):
        yield f"neighbor {neighbor}"
    yield from _filters(process)


def _filters(process: RipProcess) -> Iterator[str]:
    if process.maximum_paths != MAXIMUM_PATHS:
        yield f"maximum-paths {process.maximum_paths}"
    if process.default_metric is not None:
        yield f"default-metric {process.default_metric}"
    if process.default_originate:
        named = f" route-map {process.default_route_map}" if process.default_route_map else ""
        yield f"default-information originate{named}"
    for key in sorted(process.lists):
        yield process.lists[key].line
    if process.distance != DISTANCE:
        yield f"distance {process.distance}"
    yield from (each.words() for each in process.distances)
    if not process.auto_summary:
        yield "no auto-summary"


def port_lines(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    """`ip rip …` under an interface."""
    port = config.held(RipPort)
    if port is None:
        return
    if port.split_horizon is not None:
        yield " ip split-horizon" if port.split_horizon else " no ip split-horizon"
    if port.triggered:
        yield " ip rip triggered"
    if port.send is not None:
        yield f" ip rip send version {' '.join(map(str, port.send))}"
    if port.receive is not None:
        yield f" ip rip receive version {' '.join(map(str, port.receive))}"
    if port.v2_broadcast:
        yield " ip rip v2-broadcast"
    if port.authentication is AuthenticationMode.MD5:
        yield " ip rip authentication mode md5"
    if port.key_chain:
        yield f" ip rip authentication key-chain {port.key_chain}"
    for summary in sorted(port.summaries):
        yield f" ip summary-address rip {summary.network_address} {summary.netmask}"


SECTIONS = (InterfaceSection("rip", port_lines),)
