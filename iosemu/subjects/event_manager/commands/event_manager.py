"""`event manager …`."""

from __future__ import annotations

from iosemu.handling.context import Context
from iosemu.handling.effects import Enter, Output, Steps
from iosemu.subjects.event_manager.config import Applet, EventManagerConfig
from iosemu.subjects.event_manager.parsing import unquoted
from iosemu.subjects.event_manager.service import EventManager


def _config(context: Context) -> EventManagerConfig:
    config: EventManagerConfig = context.device.config.of(EventManagerConfig)
    return config


def applet(context: Context, name: str, bypass: bool = False, trap: bool = False) -> Output:
    """`event manager applet NAME [authorization bypass] [trap]`."""
    applets = _config(context).applets
    if context.off:
        applets.pop(name, None)
        return None
    found = applets.setdefault(name, Applet(name))
    found.bypass, found.trap = found.bypass or bypass, found.trap or trap
    return [Enter("config-applet", found)]


def cli_user(context: Context, username: str = "") -> None:
    """`event manager session cli username NAME`: as whom applets type commands."""
    _config(context).cli_user = "" if context.off else username


def environment(context: Context, name: str, value: str = "") -> None:
    """`event manager environment NAME VALUE`."""
    if context.off:
        _config(context).environment.pop(name, None)
    else:
        _config(context).environment[name] = value


def description(context: Context, text: str = "") -> None:
    """`description TEXT`."""
    context.edited(Applet).description = "" if context.off else unquoted(text)


def run(context: Context, name: str) -> Steps:
    """`event manager run NAME`."""
    found = _config(context).applets.get(name)
    if found is None or found.trigger is None or found.trigger.kind != "none":
        yield f"EEM policy {name} not registered with event none Event Detector"
        return
    yield from context.device.service(EventManager).run(found, {})
