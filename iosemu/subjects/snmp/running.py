"""`snmp-server …` in the running configuration; users are not shown."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.snmp.config import InformSettings, SnmpConfig

TRAP_WORDS = ("authentication", "linkdown", "linkup", "coldstart", "warmstart")
"""What may follow `snmp-server enable traps snmp`, in its order."""
TRAP_LINES = (
    "bgp",
    "config",
    "eigrp",
    "event-manager",
    "hsrp",
    "ipsec tunnel start",
    "ipsec tunnel stop",
    "ospf state-change",
    "port-security",
    "storm-control",
    "syslog",
)
"""The other traps that are sent."""


def server_lines(device: Device, _render: Render) -> Iterator[str]:
    """The lines in IOS's order."""
    config = device.config.of(SnmpConfig)
    if config.engine:
        yield f"snmp-server engineID local {config.engine}"
    for where, digits in config.remote_engines.items():
        yield f"snmp-server engineID {where} {digits}"
    yield from map(str, config.groups.values())
    yield from map(str, config.views.values())
    yield from map(str, config.communities.values())
    if config.trap_source:
        yield f"snmp-server trap-source {config.trap_source}"
    if config.inform_source:
        yield f"snmp-server source-interface informs {config.inform_source}"
    for word in ("location", "contact"):
        if getattr(config, word):
            yield f"snmp-server {word} {getattr(config, word)}"
    if config.chassis_id:
        yield f"snmp-server chassis-id {config.chassis_id}"
    words = [word for word in TRAP_WORDS if f"snmp {word}" in config.traps]
    if words:
        yield f"snmp-server enable traps snmp {' '.join(words)}"
    for line in config.traps:
        if not line.startswith("snmp "):
            rate = config.trap_rates.get(line)
            yield f"snmp-server enable traps {line}{'' if rate is None else f' trap-rate {rate}'}"
    yield from map(str, config.hosts.values())
    settings, fresh = config.inform, InformSettings()
    words = [f"{name} {value}" for name, value in vars(settings).items() if value != getattr(fresh, name)]
    if words:
        yield f"snmp-server inform {' '.join(words)}"
