"""`auto qos voip`."""

from __future__ import annotations

from iosemu.box.interface_config import InterfaceConfig
from iosemu.bridging.switchport import Switchport
from iosemu.handling.context import Context
from iosemu.handling.effects import Steps
from iosemu.subjects.mls_qos.auto import generated, taken_back
from iosemu.subjects.mls_qos.commands.mls_qos import marks_of
from iosemu.subjects.mls_qos.config import AUTO_DEBUG

DEBUG = 7
"""The severity of what `debug` prints."""


def debug(context: Context) -> str:
    """`[no] debug auto qos`: tells what `auto qos` types."""
    return context.device.debugging.set(AUTO_DEBUG, not context.silenced)


def voip(context: Context, kind: str = "") -> Steps:
    """`[no] auto qos voip cisco-phone | cisco-softphone | trust`: types what it stands for.

    A configuration that is loaded has these lines already, perhaps others by now.
    """
    marks, config = marks_of(context), context.edited(InterfaceConfig)
    before = marks.auto
    marks.auto = "" if context.off else kind
    if context.session.quiet:
        return
    gigabit = config.name.startswith("Gigabit")
    lines = taken_back(before, config.name, gigabit=gigabit) if before else []
    if marks.auto:
        routed = config.held(Switchport) is None
        lines += generated(kind, config.name, gigabit=gigabit, routed=routed)
    if context.device.debugging.wants(AUTO_DEBUG):
        for line in lines:
            context.device.log("", DEBUG, "", line)
    errors = yield from context.session.load(lines)
    for error in errors:
        yield f"AutoQoS Error: {error.line.strip()}: {error.reason}"
