import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from iosemu.box.device import Device
from iosemu.box.model import load_image, load_model
from iosemu.handling import resolve
from iosemu.kinds.factory import create_device
from iosemu.net.scheduler import Scheduler
from iosemu.parser.loader import Grammar
from iosemu.shell.session import Session

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def grammar() -> Grammar:
    return Grammar.load([ROOT / "grammar"], resolve.handler, resolve.edited)


def make(model: str, image: str = "15.1") -> Device:
    device = create_device(
        "box",
        load_model(ROOT / f"devices/models/{model}.yaml"),
        load_image(ROOT / f"devices/images/{image}.yaml"),
        Scheduler(),
        random.Random(1),
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    device.boot()
    return device


@pytest.fixture
def router() -> Device:
    return make("c2811")


@pytest.fixture
def pc() -> Device:
    return make("pc")


class Terminal:
    """A session with someone typing."""

    def __init__(self, device: Device, grammar: Grammar, **options: Any) -> None:
        self.device = device
        self.session = Session(
            device, grammar, **{"username": "admin", "privilege": 15, "rows": 24, **options}
        )
        self.session.start()
        self.greeting = self.session.output().decode()

    def keys(self, text: str) -> str:
        self.session.receive(text.encode())
        return self.session.output().decode()

    def type(self, line: str) -> str:
        """Type a line; what was printed after its echo."""
        return self.keys(line + "\r").removeprefix(line + "\r\n").replace("\r\n", "\n")

    def pass_time(self, seconds: float) -> str:
        self.device.scheduler.run_until(self.device.now + seconds)
        self.session.tick()
        return self.session.output().decode()


@pytest.fixture
def terminal(router: Device, grammar: Grammar) -> Terminal:
    return Terminal(router, grammar)
