"""Making a device of the kind its model says."""

from __future__ import annotations

from datetime import datetime
from importlib import import_module

from iosemu.box.device import Device
from iosemu.box.model import Image, Model, RandomSource
from iosemu.net.scheduler import Scheduler

CLASSES = {
    "router": ("iosemu.kinds.router", "Router"),
    "switch": ("iosemu.kinds.switch", "Switch"),
    "l3switch": ("iosemu.kinds.switch", "Switch"),
    "pc": ("iosemu.kinds.host", "Host"),
    "sniffer": ("iosemu.kinds.sniffer", "Sniffer"),
}
"""Module and class per kind; a kind is loaded when the first device of it is made."""


def create_device(
    name: str, model: Model, image: Image, scheduler: Scheduler, rng: RandomSource, origin: datetime
) -> Device:
    """A new box, powered off; `boot` starts it. `origin` is the wall-clock time (aware) of lab time zero.

    Raises ValueError when the model's kind is unknown.
    """
    try:
        module, class_name = CLASSES[model.kind]
    except KeyError:
        raise ValueError(f"model {model.name}: unknown kind {model.kind!r}") from None
    device: Device = getattr(import_module(module), class_name)(name, model, image, scheduler, rng, origin)
    return device
