"""Types lines into a device of the little network and returns what is printed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pathlib import Path

from ip_network import Network

from iosemu.features.effects import Ask, Confirm, Enter, WaitFor, Write
from iosemu.parser.loader import Grammar
from iosemu.shell.executor import Executor

GRAMMAR = Path(__file__).parents[3] / "grammar"


def _resolve(package: str):
    def resolve(name: str):
        stem, _, attribute = name.rpartition(".")
        try:
            return getattr(import_module(f"{package}.{stem}"), attribute)
        except (ImportError, AttributeError) as error:
            raise LookupError(str(error)) from error

    return resolve


@cache
def grammar() -> Grammar:
    return Grammar.load([GRAMMAR], _resolve("iosemu.features"), _resolve("iosemu.device.config"))


def executor(device, *, configure: bool = False) -> Executor:
    made = Executor(device, grammar(), privilege=15)
    if configure:
        made.modes.apply(Enter("config", device.config), 0)
    return made


def run(network: Network, where, line: str, answers: Sequence[str] = ()) -> str:
    """Run one line in exec (`where` a device) or in a session that is open already."""
    shell = where if isinstance(where, Executor) else executor(where)
    waiting = list(answers)
    text = ""
    answer = None
    steps = shell.steps(line)
    while True:
        try:
            item = steps.send(answer)
        except StopIteration:
            return text
        answer = None
        match item:
            case str():
                text += item + "\n"
            case Write():
                text += item.text
            case Ask():
                answer = waiting.pop(0) if waiting else ""
            case Confirm():
                answer = True
            case WaitFor(condition, timeout):
                answer = wait(network, condition, timeout)


def wait(network: Network, condition, timeout) -> bool:
    end = network.scheduler.now + timeout
    while not condition():
        due = network.scheduler.next_due()
        if due is None or due > end:
            network.scheduler.run_until(end)
            break
        network.scheduler.step()
    return condition()


def configure(network: Network, device, text: str) -> str:
    """Type configuration lines; returns what was printed."""
    shell = executor(device, configure=True)
    return "".join(run(network, shell, line.strip()) for line in text.strip().splitlines())
