"""ARP inspection in the running configuration."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.render import Render
from iosemu.bridging.vlans import format_vlan_list
from iosemu.subjects.arp_inspection.config import (
    ENTRIES,
    INTERVAL,
    LOGS,
    ArpFilter,
    InspectionConfig,
    InspectionPort,
)


def inspection_lines(switch: Device, _render: Render) -> Iterator[str]:
    """The global lines."""
    config = switch.config.of(InspectionConfig)
    if config.vlans:
        yield f"ip arp inspection vlan {format_vlan_list(config.vlans)}"
    yield from _logging_lines(config)
    checks = (
        ("src-mac", config.source_mac),
        ("dst-mac", config.destination_mac),
        ("ip allow-zeros" if config.allow_zeros else "ip", config.ip),
    )
    wanted = [word for word, on in checks if on]
    if wanted:
        yield f"ip arp inspection validate {' '.join(wanted)}"
    if config.entries != ENTRIES:
        yield f"ip arp inspection log-buffer entries {config.entries}"
    if (config.logs, config.log_interval) != (LOGS, INTERVAL):
        yield f"ip arp inspection log-buffer logs {config.logs} interval {config.log_interval}"
    filtered: dict[ArpFilter, list[int]] = defaultdict(list)
    for number, chosen in config.filters.items():
        filtered[chosen].append(number)
    for chosen, numbers in filtered.items():
        static = " static" if chosen.static else ""
        yield f"ip arp inspection filter {chosen.name} vlan {format_vlan_list(numbers)}{static}"


def _logging_lines(config: InspectionConfig) -> Iterator[str]:
    told: dict[str, list[int]] = defaultdict(list)
    for number, logging in sorted(config.logging.items()):
        if logging.acl != "deny":
            told[f"acl-match {logging.acl}"].append(number)
        if logging.dhcp != "deny":
            told[f"dhcp-bindings {logging.dhcp}"].append(number)
        if logging.probe:
            told["arp-probe"].append(number)
    for words, numbers in told.items():
        yield f"ip arp inspection vlan {format_vlan_list(numbers)} logging {words}"


def port_lines(_switch: Device, config: InterfaceConfig) -> Iterator[str]:
    """The lines under `interface X`."""
    port = config.held(InspectionPort)
    if port is None:
        return
    if port.trusted:
        yield " ip arp inspection trust"
    if port.limit is not None:
        if port.limit.rate is None:
            yield " ip arp inspection limit none"
        else:
            burst = f" burst interval {port.limit.burst}" if port.limit.burst != 1 else ""
            yield f" ip arp inspection limit rate {port.limit.rate}{burst}"
