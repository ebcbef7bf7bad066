"""`show event manager`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.timestamps import local_time
from iosemu.handling.context import Context
from iosemu.subjects.event_manager.config import EventManagerConfig
from iosemu.subjects.event_manager.service import EventManager

DETECTORS = (
    ("counter", "01.00"), ("interface", "01.00"), ("ipsla", "01.00"), ("none", "01.00"),
    ("snmp", "01.00"), ("syslog", "01.00"), ("timer", "01.00"), ("track", "01.00"), ("cli", "01.00"),
)  # fmt: skip
"""What applets can wait for."""


def _config(context: Context) -> EventManagerConfig:
    config: EventManagerConfig = context.device.config.of(EventManagerConfig)
    return config


def show_registered(context: Context, event: str = "") -> Iterator[str]:
    """`show event manager policy registered [event-type TYPE]`."""
    manager, device = context.device.service(EventManager), context.device
    yield f"{'No.':<5}{'Class':<10}{'Type':<8}{'Event Type':<20}{'Trap':<6}{'Time Registered':<26}Name"
    applets = [
        each
        for each in _config(context).applets.values()
        if each.trigger is not None and each.trigger.event_type.startswith(event)
    ]
    for number, each in enumerate(applets, 1):
        assert each.trigger is not None
        moment = local_time(device, manager.registered.get(each.name, device.now))
        when = f"{moment:%a %b} {moment.day} {moment:%H:%M:%S %Y}"
        kind = each.trigger.event_type
        yield f"{number:<5}{'applet':<10}{'user':<8}{kind:<20}{'On' if each.trap else 'Off':<6}{when:<26}{each.name}"
        if each.trigger.kind in ("syslog", "cli"):
            yield f" pattern {{{each.trigger.pattern}}}"
        elif each.trigger.kind == "cron":
            yield f" cron entry {{{each.trigger.pattern}}}"
        elif each.trigger.kind in ("track", "interface", "counter", "snmp", "ipsla"):
            yield f" {each.trigger.text}"
        elif each.trigger.kind != "none":
            yield f" time {each.trigger.seconds:.3f}"
        yield f" maxrun {each.trigger.maxrun:.3f}"
        yield from (f" action {label} {action.text}" for label, action in each.ordered)
        yield ""


def show_history(context: Context) -> Iterator[str]:
    """`show event manager history events`."""
    device = context.device
    yield f"{'No.':<5}{'Job Id':<7}{'Proc Status':<13}{'Time of Event':<26}{'Event Type':<18}Name"
    for number, job in enumerate(device.service(EventManager).history, 1):
        moment = local_time(device, job.when)
        when = f"{moment:%a %b} {moment.day} {moment:%H:%M:%S %Y}"
        status = f"Actv {job.status}"
        yield f"{number:<5}{job.number:<7}{status:<13}{when:<26}{job.event_type:<18}applet: {job.applet}"


def show_detectors(context: Context) -> Iterator[str]:
    """`show event manager detector all`."""
    yield f"{'No.':<5}{'Name':<20}{'Version':<9}{'Node':<12}Type"
    for number, (name, version) in enumerate(DETECTORS, 1):
        yield f"{number:<5}{name:<20}{version:<9}{'node0/0':<12}RP"


def show_counters(context: Context) -> Iterator[str]:
    """`show event manager statistics policy`: how often each applet ran."""
    manager = context.device.service(EventManager)
    yield f"{'No.':<5}{'Class':<10}{'Triggered':<12}{'Suppressed':<12}{'Run Time':<12}Name"
    applets = [each for each in _config(context).applets.values() if each.trigger is not None]
    for number, each in enumerate(applets, 1):
        ran = manager.ran.get(each.name)
        count, seconds = ran if ran is not None else (0, 0.0)
        yield f"{number:<5}{'applet':<10}{count:<12}{0:<12}{seconds:<12.3f}{each.name}"


def show_environment(context: Context, name: str = "") -> Iterator[str]:
    """`show event manager environment [all | NAME]`."""
    if name and name != "all":
        value = _config(context).environment.get(name)
        yield value if value is not None else f"{name} not found"
        return
    yield "No.  Name                          Value"
    for number, (name, value) in enumerate(_config(context).environment.items(), 1):
        yield f"{number:<5}{name:<30}{value}"
