"""`glbp …` under an interface in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.firsthop.glbp import Balancing
from iosemu.handling.first_hop import numbered, proof_line
from iosemu.subjects.glbp.config import (
    FORWARDER_DELAY,
    PRIORITY,
    REDIRECT,
    TIMEOUT,
    WEIGHT,
    GlbpGroupSettings,
    GlbpPort,
)


def port_lines(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    """Group by group."""
    port = config.held(GlbpPort)
    for number, group in sorted(port.groups.items()) if port is not None else ():
        yield from numbered("glbp", number, _group(group))


def _group(group: GlbpGroupSettings) -> Iterator[str]:
    if group.enabled:
        yield "ip" if group.address is None else f"ip {group.address}"
    if group.timers is not None:
        yield f"timers {group.timers.words}"
    if (group.redirect, group.timeout) != (REDIRECT, TIMEOUT):
        yield f"timers redirect {group.redirect} {group.timeout}"
    if group.priority != PRIORITY:
        yield f"priority {group.priority}"
    if group.preempt:
        yield "preempt" + (f" delay minimum {group.delay}" if group.delay else "")
    if group.weight != WEIGHT or group.lower is not None or group.upper is not None:
        lower = f" lower {group.lower}" if group.lower is not None else ""
        upper = f" upper {group.upper}" if group.upper is not None else ""
        yield f"weighting {group.weight}{lower}{upper}"
    if group.balancing is Balancing.NONE:
        yield "no load-balancing"
    elif group.balancing is not Balancing.ROUND_ROBIN:
        yield f"load-balancing {group.balancing.value}"
    for number, decrement in sorted(group.objects.items()):
        yield f"weighting track {number} decrement {decrement}"
    if not group.forwarder_preempt:
        yield "no forwarder preempt"
    elif group.forwarder_delay != FORWARDER_DELAY:
        yield f"forwarder preempt delay minimum {group.forwarder_delay}"
    yield from proof_line(group)
    if group.name:
        yield f"name {group.name}"
