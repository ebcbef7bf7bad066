"""Making a device of the kind its model says."""

from __future__ import annotations

from datetime import datetime

from iosemu.box.device import Device
from iosemu.box.model import Image, Model, RandomSource
from iosemu.kinds.host import HOST
from iosemu.kinds.router import ROUTER, SWITCHING_ROUTER
from iosemu.kinds.server import SERVER
from iosemu.kinds.sniffer import SNIFFER
from iosemu.kinds.switch import MULTILAYER_SWITCH, SWITCH
from iosemu.net.scheduler import Scheduler

KINDS = {
    "router": ROUTER,
    "switch": SWITCH,
    "l3switch": MULTILAYER_SWITCH,
    "pc": HOST,
    "server": SERVER,
    "sniffer": SNIFFER,
}
"""By the word that a model uses."""


def create_device(
    name: str, model: Model, image: Image, scheduler: Scheduler, rng: RandomSource, origin: datetime
) -> Device:
    """A new box, powered off; `boot` starts it. `origin` is the wall-clock time (aware) of lab time zero.

    Raises ValueError when the model's kind is unknown.
    """
    kind = KINDS.get(model.kind)
    if kind is None:
        raise ValueError(f"model {model.name}: unknown kind {model.kind!r}")
    if kind is ROUTER and model.switch_ports:
        kind = SWITCHING_ROUTER
    return Device(name, model, image, scheduler, rng, origin, kind)
