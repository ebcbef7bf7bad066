"""`power inline …` and `show power inline`.

A port that may give power looks for a device that wants it; none of the boxes that a lab has does, all have power of
their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.interface_types import short_name
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument
from iosemu.subjects.power_inline.config import MOST, InlinePower


def _ports(switch: Device) -> list[str]:
    """The ports that can give power: the uplinks cannot."""
    return [name for name in switch.ports if name.startswith("FastEthernet")]


def _set_aside(switch: Device, besides: str = "") -> int:
    """Milliwatts that are kept for `static` ports."""
    powers = [switch.config.interfaces[name].of(InlinePower) for name in _ports(switch) if name != besides]
    return sum(power.maximum for power in powers if power.mode == "static")


def _budget(switch: Device) -> int:
    """Milliwatts of the power supply."""
    return int(switch.model.facts["inline_power"]) * 1000


def power_inline(context: Context, mode: str = "auto", milliwatts: int = MOST) -> None:
    """`power inline auto | static [max N] | never`."""
    config = context.edited(InterfaceConfig)
    switch = context.device
    if config.name not in _ports(switch):
        raise InvalidArgument("mode")
    if context.off:
        mode, milliwatts = "auto", MOST
    if mode == "static" and _set_aside(switch, config.name) + milliwatts > _budget(switch):
        raise CommandError(f"Command rejected: power inline static: pwr not available on {config.name}")
    config.put(InlinePower(mode, milliwatts))


def show_power_inline(context: Context, port: str | None = None) -> Iterator[str]:
    """`show power inline [X]`."""
    switch = context.device
    ports = _ports(switch)
    if port is not None and port not in ports:
        raise InvalidArgument("port")
    if port is None:
        used = _set_aside(switch)
        left = _budget(switch) - used
        yield f"Available:{_watts(_budget(switch))}(w)  Used:{_watts(used)}(w)  Remaining:{_watts(left)}(w)"
        yield ""
    yield "Interface Admin  Oper       Power   Device              Class Max"
    yield "                            (Watts)                            "
    yield "--------- ------ ---------- ------- ------------------- ----- ----"
    for name in ports:
        if port in (None, name):
            power = switch.config.interfaces[name].of(InlinePower)
            yield (
                f"{short_name(name):<9} {power.mode:<6} {'off':<10} {'0.0':<7} {'n/a':<19} {'n/a':<5} "
                f"{_watts(power.maximum):<4} "
            )


def show_consumption(context: Context) -> str:
    """`show power inline consumption default`: what is reckoned for a device that does not say its class."""
    return f"Default PD consumption : {MOST} mW"


def _watts(milliwatts: int) -> str:
    return f"{milliwatts / 1000:.1f}"
