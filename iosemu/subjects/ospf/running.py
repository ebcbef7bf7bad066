"""`router ospf N` in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from iosemu.box.device import Device
from iosemu.box.interface_types import sort_key
from iosemu.box.render import Render
from iosemu.routing.ospf import AreaKind
from iosemu.subjects.ospf.config import OspfConfig
from iosemu.subjects.ospf.config.area import OspfArea, VirtualLink
from iosemu.subjects.ospf.config.process import Filter, OspfProcess
from iosemu.subjects.ospf.config.style import OspfStyle
from iosemu.subjects.ospf.running_interface import AUTHENTICATION_WORDS


def process_lines(device: Device, _render: Render) -> Iterator[str]:
    """All processes, parted by `!`."""
    log_line = device.image.style(OspfStyle).log_line
    for index, process in enumerate(device.config.of(OspfConfig).processes.values()):
        if index:
            yield "!"
        yield f"router ospf {process.number}" + (f" vrf {process.vrf}" if process.vrf else "")
        yield from (f" {line}" for line in router_lines(process, log_line))


def router_lines(process: OspfProcess, log_line: bool = False) -> Iterator[str]:
    """The lines under one `router ospf`, in the order of IOS."""
    if process.router_id is not None:
        yield f"router-id {process.router_id}"
    if process.log_changes == "detail":
        yield "log-adjacency-changes detail"
    elif process.log_changes == "off":
        yield "no log-adjacency-changes"
    elif log_line:
        yield "log-adjacency-changes"
    if not process.opaque:
        yield "no capability opaque"
    if not process.lls:
        yield "no capability lls"
    if process.vrf_lite:
        yield "capability vrf-lite"
    if not process.rfc1583:
        yield "no compatible rfc1583"
    if process.reference_bandwidth != 100:
        yield f"auto-cost reference-bandwidth {process.reference_bandwidth}"
    yield from _max_metric(process)
    yield from _timers(process)
    for number in sorted(process.areas):
        yield from _area(process.areas[number])
    for prefix, each in process.summaries.items():
        text = "" if each.advertise else " not-advertise"
        text += f" tag {each.tag}" if each.tag is not None else ""
        yield f"summary-address {_masked(prefix)}{text}"
    for origin in sorted(process.redistribute):
        yield f"redistribute {origin}{process.redistribute[origin].words()}"
    if process.passive_default:
        yield "passive-interface default"
    for name in sorted(process.passive, key=sort_key):
        yield f"{'no ' if process.passive_default else ''}passive-interface {name}"
    for (network, wildcard), area in sorted(process.networks.items()):
        yield f"network {network} {wildcard} area {area}"
    for address, neighbor in sorted(process.neighbors.items()):
        text = f" priority {neighbor.priority}" if neighbor.priority else ""
        text += f" poll-interval {neighbor.poll_interval}" if neighbor.poll_interval is not None else ""
        text += f" cost {neighbor.cost}" if neighbor.cost is not None else ""
        yield f"neighbor {address}{text}"
    yield from _policies(process)


def _max_metric(process: OspfProcess) -> Iterator[str]:
    limit = process.max_metric
    if limit is None:
        return
    text = f" external-lsa{_unless_default(limit.external)}" if limit.external is not None else ""
    text += " include-stub" if limit.include_stub else ""
    text += f" on-startup {limit.on_startup}" if limit.on_startup is not None else ""
    text += f" summary-lsa{_unless_default(limit.summary)}" if limit.summary is not None else ""
    yield f"max-metric router-lsa{text}"


def _unless_default(metric: int) -> str:
    return "" if metric == 16711680 else f" {metric}"


def _timers(process: OspfProcess) -> Iterator[str]:
    if process.spf is not None:
        yield "timers throttle spf {} {} {}".format(*process.spf)
    if process.lsa is not None:
        yield "timers throttle lsa all {} {} {}".format(*process.lsa)
    if process.lsa_arrival is not None:
        yield f"timers lsa arrival {process.lsa_arrival}"
    if process.flood_pacing is not None:
        yield f"timers pacing flood {process.flood_pacing}"
    if process.group_pacing is not None:
        yield f"timers pacing lsa-group {process.group_pacing}"


def _masked(prefix: IPv4Network) -> str:
    return f"{prefix.network_address} {prefix.netmask}"


def _area(area: OspfArea) -> Iterator[str]:
    lead = f"area {area.id}"
    if area.authentication is not None:
        yield f"{lead} authentication{AUTHENTICATION_WORDS[area.authentication]}"
    if area.kind is AreaKind.STUB:
        yield f"{lead} stub" + (" no-summary" if area.no_summary else "")
    elif area.kind is AreaKind.NSSA:
        yield f"{lead} nssa{area.nssa.words()}"
    if area.default_cost != 1:
        yield f"{lead} default-cost {area.default_cost}"
    for prefix, each in sorted(area.ranges.items()):
        text = "" if each.advertise else " not-advertise"
        text += f" cost {each.cost}" if each.cost is not None else ""
        yield f"{lead} range {_masked(prefix)}{text}"
    for direction, name in (("in", area.filter_in), ("out", area.filter_out)):
        if name is not None:
            yield f"{lead} filter-list prefix {name} {direction}"
    for router, link in area.virtual_links.items():
        yield from (f"{lead} virtual-link {router}{text}" for text in _virtual(link))


def _virtual(link: VirtualLink) -> Iterator[str]:
    """One line for the timers and the kind of authentication, one for each key."""
    keys = link.keys
    text = f" authentication{AUTHENTICATION_WORDS[keys.type]}" if keys.type is not None else ""
    text += f" hello-interval {link.hello}" if link.hello != 10 else ""
    text += f" retransmit-interval {link.retransmit}" if link.retransmit != 5 else ""
    text += f" transmit-delay {link.transmit_delay}" if link.transmit_delay != 1 else ""
    text += f" dead-interval {link.dead}" if link.dead is not None else ""
    own = [text] if text or not (keys.password or keys.keys) else []
    if keys.password is not None:
        own.append(f" authentication-key {'7 ' * (keys.password.type == 7)}{keys.password.value}")
    own += [
        f" message-digest-key {number} md5 {'7 ' * (key.type == 7)}{key.value}" for number, key in keys.keys
    ]
    yield from own


def _policies(process: OspfProcess) -> Iterator[str]:
    default = process.default_information
    if default is not None:
        text = " always" if default.always else ""
        text += f" metric {default.metric}" if default.metric is not None else ""
        text += f" metric-type {default.metric_type}" if default.metric_type is not None else ""
        text += f" route-map {default.route_map}" if default.route_map is not None else ""
        yield f"default-information originate{text}"
    if process.default_metric is not None:
        yield f"default-metric {process.default_metric}"
    if process.maximum_paths is not None:
        yield f"maximum-paths {process.maximum_paths}"
    for direction, filters in (("in", process.filters_in), ("out", process.filters_out)):
        yield from (_filter(each, direction) for each in filters.values())
    if process.distances:
        text = "".join(
            f" {kind} {process.distances[kind]}"
            for kind in ("external", "inter-area", "intra-area")
            if kind in process.distances
        )
        yield f"distance ospf{text}"
    if process.distance is not None:
        yield f"distance {process.distance}"
    yield from (each.words() for each in process.source_distances)


def _filter(each: Filter, direction: str) -> str:
    kind = {"list": "", "prefix": "prefix ", "route-map": "route-map "}[each.kind]
    return f"distribute-list {kind}{each.name} {direction}" + (f" {each.where}" if each.where else "")
