"""`standby …` under an interface in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.first_hop import numbered, proof_line
from iosemu.subjects.hsrp.config import DECREMENT, PRIORITY, HsrpGroupSettings, HsrpPort


def port_lines(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    """What holds for all groups, then group by group."""
    port = config.held(HsrpPort)
    if port is None:
        return
    if port.delay_minimum is not None or port.delay_reload is not None:
        minimum = f" minimum {port.delay_minimum}" if port.delay_minimum is not None else ""
        reload = f" reload {port.delay_reload}" if port.delay_reload is not None else ""
        yield f" standby delay{minimum}{reload}"
    if port.use_bia:
        yield " standby use-bia"
    if port.mac_refresh is not None:
        yield f" standby mac-refresh {port.mac_refresh}"
    if not port.redirects:
        yield " standby redirect disable"
    if port.redirect_timers is not None:
        yield f" standby redirect timers {port.redirect_timers[0]} {port.redirect_timers[1]}"
    if not port.redirect_unknown:
        yield " no standby redirect unknown"
    if port.version != 1:
        yield f" standby version {port.version}"
    for number in sorted(port.groups):
        yield from numbered("standby", number, _group(port.groups[number]))


def _group(group: HsrpGroupSettings) -> Iterator[str]:
    if group.enabled:
        yield "ip" if group.address is None else f"ip {group.address}"
    for address in group.secondaries:
        yield f"ip {address} secondary"
    if group.timers is not None:
        yield f"timers {group.timers.words}"
    if group.priority != PRIORITY:
        yield f"priority {group.priority}"
    if group.preempt:
        delays = (
            ("minimum", group.delay_minimum),
            ("reload", group.delay_reload),
            ("sync", group.delay_sync),
        )
        words = "".join(f" {word} {count}" for word, count in delays if count)
        yield f"preempt{' delay' if words else ''}{words}"
    yield from proof_line(group, text="")
    if group.mac is not None:
        yield f"mac-address {group.mac}"
    if group.follow:
        yield f"follow {group.follow}"
    if group.name:
        yield f"name {group.name}"
    for name, decrement in group.interfaces.items():
        yield f"track {name}{f' {decrement}' if decrement != DECREMENT else ''}"
    for number, taken in sorted(group.objects.items()):
        yield f"track {number} " + ("shutdown" if taken is None else f"decrement {taken}")
