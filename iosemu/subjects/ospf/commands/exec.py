"""`clear ip ospf` and `debug ip ospf`."""

from __future__ import annotations

from iosemu.handling.context import Context
from iosemu.handling.effects import Ask, CommandError, Steps
from iosemu.routing.ospf.interface import Statistics
from iosemu.subjects.ospf.config.debug import FLAGS
from iosemu.subjects.ospf.service.ospf import Ospf


def clear_process(context: Context, number: int | None = None) -> Steps:
    """`clear ip ospf [N] process`, after a question."""
    service = context.device.service(Ospf)
    if number is not None and number not in service.instances:
        raise CommandError(f"%OSPF: No router process {number}")
    what = "ALL OSPF processes" if number is None else f"OSPF process {number}"
    answer = yield Ask(f"Reset {what}? [no]: ")
    if "yes".startswith(answer.strip().lower() or "no"):
        service.restart(number)


def clear_counters(context: Context, number: int | None = None, **_keywords: bool) -> None:
    """`clear ip ospf [N] counters | traffic`."""
    for each, instance in context.device.service(Ospf).instances.items():
        if number in (None, each):
            for interface in instance.engine.interfaces.values():
                interface.statistics = Statistics()


def clear_redistribution(context: Context, number: int | None = None) -> None:
    """`clear ip ospf [N] redistribution`: everything is asked for again."""
    for each, instance in context.device.service(Ospf).instances.items():
        if number in (None, each):
            instance.importer.configure()


def debug(context: Context, subject: str) -> str:
    """`[no] debug ip ospf SUBJECT`."""
    return context.device.debugging.set(FLAGS[subject], not context.silenced)
