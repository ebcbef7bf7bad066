"""Types lines into a device of the little network and returns what is printed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from ip_network import Network

from iosemu.handling import resolve
from iosemu.handling.effects import Ask, Confirm, Enter, Wait, WaitFor, Write
from iosemu.parser.loader import Grammar
from iosemu.shell.executor import Executor

GRAMMAR = Path(__file__).parents[3] / "grammar"


@cache
def grammar() -> Grammar:
    return Grammar.load([GRAMMAR], resolve.handler, resolve.edited)


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
            case Wait(seconds):
                wait(network, lambda: False, seconds)
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
