"""`clear spanning-tree …` and `debug spanning-tree …`."""

from __future__ import annotations

from iosemu.bridging.bridge import Bridge
from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument, Output
from iosemu.subjects.spanning_tree.config import BACKBONEFAST, BPDU, DEBUG_FLAGS, EVENTS, UPLINKFAST
from iosemu.subjects.spanning_tree.service import SpanningTrees


def _checked(context: Context, port: str | None) -> None:
    if port is not None and not context.device.service(Bridge).is_switchport(port):
        raise InvalidArgument("port")


def clear_detected(context: Context, port: str | None = None) -> Output:
    """`clear spanning-tree detected-protocols [interface X]`."""
    _checked(context, port)
    context.device.service(SpanningTrees).detect_anew(port)
    return None


def clear_counters(context: Context, port: str | None = None) -> Output:
    """`clear spanning-tree counters [interface X]`."""
    _checked(context, port)
    for tree in context.device.service(SpanningTrees).instances.values():
        for name, each in tree.ports.items():
            if port in (None, name):
                each.bpdus_sent = each.bpdus_received = 0
    return None


def debug(context: Context, what: str = "all") -> Output:
    """`[no] debug spanning-tree all|backbonefast|bpdu|events|uplinkfast`."""
    named = {"events": EVENTS, "bpdu": BPDU, "uplinkfast": UPLINKFAST, "backbonefast": BACKBONEFAST}
    flags = DEBUG_FLAGS if what == "all" else (named[what],)
    return [context.device.debugging.set(flag, not context.silenced) for flag in flags]
