"""One box by itself, typed at."""

import random
from datetime import UTC, datetime

from iosemu.handling.effects import Ask, Confirm
from iosemu.kinds.factory import create_device
from iosemu.lab import resources
from iosemu.lab.resources import image, model
from iosemu.net.scheduler import Scheduler
from iosemu.shell.executor import Executor

ORIGIN = datetime(2024, 1, 1, tzinfo=UTC)


class Box:
    """A box that runs, with a privileged session."""

    def __init__(self, model_name="c2811", image_name="15.1", *, device=None, grammar=None):
        self.device = device or create_device(
            "Box", model(model_name), image(image_name), Scheduler(), random.Random(1), ORIGIN
        )
        self.device.nvram["startup-config"] = b"!"
        self.device.boot()
        self.executor = Executor(self.device, grammar or resources.grammar(), privilege=15)

    def run(self, line, answers=()):
        """What a line prints; questions get the answers in turn, `[confirm]` gets Enter."""
        given, printed, answer = iter(answers), [], None
        steps = self.executor.steps(line)
        while True:
            try:
                item = steps.send(answer)
            except StopIteration:
                return "".join(f"{text}\n" for text in printed)
            answer = next(given) if isinstance(item, Ask) else True if isinstance(item, Confirm) else None
            if isinstance(item, str):
                printed.append(item)

    def configure(self, text):
        """Type configuration lines; returns what was printed."""
        return "".join(self.run(line) for line in ["configure terminal", *text.splitlines(), "end"])
