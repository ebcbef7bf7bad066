"""What is typed under a serial interface about its line."""

from __future__ import annotations

from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument
from iosemu.ip.serial import KIND, SerialSettings, clocked_by


def _settings(context: Context, argument: str) -> SerialSettings:
    """The settings of the line; a port that is none, or a subinterface, has no such command."""
    config: InterfaceConfig = context.target
    if config.kind != KIND or config.parent is not None:
        raise InvalidArgument(argument)
    return config.of(SerialSettings)


def encapsulation(context: Context, kind: str = "hdlc") -> None:
    """`encapsulation hdlc|ppp`; without one it is HDLC. What is made from a virtual template has PPP anyway."""
    config: InterfaceConfig = context.target
    if config.kind == "Virtual-Template" and kind == "ppp":
        return
    settings = config.of(SerialSettings) if config.kind == "Dialer" else _settings(context, "kind")
    settings.encapsulation, settings.ietf = "hdlc" if context.off else kind, False


def clock_rate(context: Context, rate: int | None = None) -> None:
    """`clock rate N`: only the end that gives the clock may set it."""
    settings = _settings(context, "rate")
    port = context.device.ports[context.target.name]
    if not context.off and clocked_by(port) not in (None, port):
        raise CommandError("%Error: This command applies only to DCE interfaces")
    settings.clock_rate = None if context.off else rate


def loopback(context: Context) -> None:
    """`loopback`: the line is closed here, what is sent comes back."""
    _settings(context, "loopback").loopback = not context.off
