"""`vrrp …` under an interface in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.first_hop import numbered, proof_line
from iosemu.subjects.vrrp.config import INTERVAL, PRIORITY, VrrpGroupSettings, VrrpPort


def port_lines(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    """Group by group."""
    port = config.held(VrrpPort)
    for number, group in sorted(port.groups.items()) if port is not None else ():
        yield from numbered("vrrp", number, _group(group))


def _group(group: VrrpGroupSettings) -> Iterator[str]:
    if group.description:
        yield f"description {group.description}"
    if group.address is not None:
        yield f"ip {group.address}"
    for address in group.secondaries:
        yield f"ip {address} secondary"
    if group.interval != INTERVAL or group.interval_msec:
        words = f"msec {group.interval}" if group.interval_msec else f"{group.interval // 1000}"
        yield f"timers advertise {words}"
    if group.learn:
        yield "timers learn"
    if not group.preempt:
        yield "no preempt"
    elif group.delay:
        yield f"preempt delay minimum {group.delay}"
    if group.priority != PRIORITY:
        yield f"priority {group.priority}"
    yield from proof_line(group)
    for number, decrement in sorted(group.objects.items()):
        yield f"track {number} decrement {decrement}"
    if group.shutdown:
        yield "shutdown"
