"""The event manager in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.event_manager.config import EventManagerConfig


def applet_lines(device: Device, _render: Render) -> Iterator[str]:
    """`event manager …`."""
    config = device.config.of(EventManagerConfig)
    if config.cli_user:
        yield f"event manager session cli username {config.cli_user}"
    for name, value in config.environment.items():
        yield f"event manager environment {name} {value}"
    for applet in config.applets.values():
        bypass, trap = (" authorization bypass" if applet.bypass else ""), (" trap" if applet.trap else "")
        yield f"event manager applet {applet.name}{bypass}{trap}"
        if applet.description:
            yield f' description "{applet.description}"'
        if applet.trigger is not None:
            yield f" event {applet.trigger.text}"
        for label, action in applet.ordered:
            yield f" action {label} {action.text}"
