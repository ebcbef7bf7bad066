"""`errdisable recovery|detect|flap-setting …` and their shows."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.interface_types import short_name
from iosemu.handling.context import Context
from iosemu.handling.effects import Output
from iosemu.subjects.errdisable.config import CAUSES, FLAPS, ErrdisableConfig, FlapLimit, told
from iosemu.subjects.errdisable.service import Errdisable


def recovery_cause(context: Context, cause: str) -> Output:
    """`[no] errdisable recovery cause NAME|all`."""
    config: ErrdisableConfig = context.device.config.of(ErrdisableConfig)
    causes = set(CAUSES) if cause == "all" else {cause}
    config.causes = config.causes - causes if context.off else config.causes | causes
    if not context.off:
        context.device.service(Errdisable).plan()
    return None


def detect_cause(context: Context, cause: str) -> Output:
    """`[no] errdisable detect cause NAME|all`: whether a port is disabled for it, and then all of it."""
    config: ErrdisableConfig = context.device.config.of(ErrdisableConfig)
    if not context.negated:
        config.by_vlan.discard(cause)
    causes = set(CAUSES) if cause == "all" else {cause}
    config.undetected = config.undetected | causes if context.negated else config.undetected - causes
    return None


def detect_by_vlan(context: Context, cause: str) -> Output:
    """`[no] errdisable detect cause NAME shutdown vlan`: a port is disabled in the VLAN alone."""
    config: ErrdisableConfig = context.device.config.of(ErrdisableConfig)
    if context.off:
        config.by_vlan.discard(cause)
    else:
        config.by_vlan.add(cause)
        config.undetected.discard(cause)
    return None


def clear_interface(context: Context, port: str, vlans: tuple[int, ...] = ()) -> Output:
    """`clear errdisable interface X vlan [LIST]`."""
    context.device.service(Errdisable).open_vlans(port, vlans)
    return None


def show_detect(context: Context) -> Iterator[str]:
    """`show errdisable detect` (outputs/show_errdisable_detect)."""
    config = context.device.config.of(ErrdisableConfig)
    yield "ErrDisable Reason            Detection        Mode"
    yield "-----------------            ---------        ----"
    for cause in CAUSES:
        detected = "Disabled" if cause in config.undetected else "Enabled"
        yield f"{told(cause):<28} {detected:<16} {'vlan' if cause in config.by_vlan else 'port'}"


def show_recovery(context: Context) -> Iterator[str]:
    """`show errdisable recovery` (outputs/show_errdisable_recovery)."""
    switch = context.device
    config = switch.config.of(ErrdisableConfig)
    yield "ErrDisable Reason            Timer Status"
    yield "-----------------            --------------"
    for cause in CAUSES:
        yield f"{told(cause):<28} {'Enabled' if cause in config.causes else 'Disabled'}"
    yield ""
    yield f"Timer interval: {config.interval} seconds"
    yield ""
    yield "Interfaces that will be enabled at the next timeout:"
    service = switch.service(Errdisable)
    waiting = [
        *((name, switch.interfaces[name].err_disabled, when) for name, when in service.recoveries().items()),
        *(
            (name, service.vlans[name, vlan], when)
            for (name, vlan), when in service.vlan_recoveries().items()
        ),
    ]
    if waiting:
        yield ""
        yield "Interface      Errdisable reason      Time left(sec)"
        yield "---------    ---------------------    --------------"
        for name, reason, when in waiting:
            yield f"{short_name(name):>7}{reason:>25}{int(when - switch.now):>13}"
    yield ""


def flap_setting(context: Context, cause: str, count: int = 0, seconds: int = 0) -> Output:
    """`[no] errdisable flap-setting cause NAME max-flaps N time S`."""
    config: ErrdisableConfig = context.device.config.of(ErrdisableConfig)
    config.flaps[cause] = FLAPS[cause] if context.off else FlapLimit(count, seconds)
    return None


def show_flap_values(context: Context) -> Iterator[str]:
    """`show errdisable flap-values` (command reference of the Catalyst 3560)."""
    yield "ErrDisable Reason    Flaps    Time (sec)"
    yield "-----------------    ------   ----------"
    for cause, limit in context.device.config.of(ErrdisableConfig).flaps.items():
        yield f"{cause:<22} {limit.count:>2}       {limit.seconds:>2}"
