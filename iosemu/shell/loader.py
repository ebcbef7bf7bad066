"""Types a configuration into a device through the grammar, without a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from iosemu.box import running_config
from iosemu.box.device import Device
from iosemu.box.system import SystemConfig
from iosemu.handling.context import LineError
from iosemu.handling.effects import (
    WHOLE,
    Ask,
    Confirm,
    End,
    Enter,
    ReadBlock,
    WaitFor,
    Work,
    finished,
    paused,
)
from iosemu.net.scheduler import Scheduler
from iosemu.parser.renderer import Renderer
from iosemu.parser.results import Invalid
from iosemu.shell.blocks import Blocks
from iosemu.shell.errors import error_lines
from iosemu.shell.executor import Executor

__all__ = ["LineError", "canonical", "load", "load_lines", "loading"]


def load(device: Device, grammar: Any, text: str) -> list[LineError]:
    """Type the lines of `text` in configuration mode (of a PC or sniffer: at its prompt).

    Stops at `end`. Returns what was not accepted, the lines of a block whose head was refused among it; the device
    keeps the rest. Never raises for bad lines.
    """
    return load_lines(device, grammar, text.splitlines())


def load_lines(device: Device, grammar: Any, lines: Sequence[str]) -> list[LineError]:
    """As `load`, for lines that are already apart."""
    return finished(loading(device, grammar, lines))


def loading(device: Device, grammar: Any, lines: Sequence[str]) -> Work[list[LineError]]:
    """As `load_lines`, in steps of a line."""
    executor = Executor(device, grammar, privilege=15)
    executor.quiet = True
    mode = device.composition.config_mode
    if mode:
        executor.modes.apply(Enter(mode, device.config), 0)
    errors: list[LineError] = []
    typed = [line.rstrip() for line in lines]
    numbered = enumerate(typed, 1)
    blocks = Blocks(executor, typed)
    with device.batch():
        for number, line in numbered:
            yield WHOLE
            if line.strip() == "end" and (executor.modes.configuring or not mode):
                break
            head = blocks.refused_head(number) if mode else None
            if head is not None:
                if head:
                    column = len(line) - len(line.lstrip())
                    printed = error_lines(executor.dialect, Invalid(column), line, 0)
                    errors.append(LineError(number, line, tuple(text for text in printed if text), head))
                continue
            if mode:
                blocks.before(number)
            printed = _run(executor, line, numbered)
            if executor.failed:
                errors.append(LineError(number, line, tuple(text for text in printed if text.strip())))
                if mode:
                    blocks.refuse(number)
                    end = blocks.text_end(number)
                    if end is not None:
                        _block(numbered, end)
            elif mode:
                blocks.accepted(number)
        executor.modes.apply(End(), 0)
    return errors


def canonical(device: Device, grammar: Any, lines: Sequence[str]) -> Work[tuple[list[str], list[LineError]]]:
    """The running configuration of a twin of `device` that was given only `lines`; and what was refused.

    The twin has no cables and a clock of its own: it is the box on which a configuration is tried out.
    """
    twin = Device(
        device.name,
        device.model,
        device.image,
        Scheduler(),
        device.rng,
        device.origin,
        device.composition,
    )
    twin.flash.update(device.flash)
    twin.nvram["startup-config"] = b"!\n"  # a box that has one starts with its ports in service
    twin.boot()
    errors = yield from loading(twin, grammar, lines)

    twin.config.of(SystemConfig).changed_at = None
    lines = yield from paused(running_config.built(twin, Renderer(grammar)))
    yield from _taken_apart(twin)
    return lines, errors


def _taken_apart(box: Device) -> Work[None]:
    """Let go of a box piece by piece: its rings of references, collected at once, would hold up everybody."""
    while box.scheduler.forget_next():
        yield WHOLE
    for name, interface in list(box.interfaces.items()):
        for owner in (interface.config, interface):
            for part in _parts(owner):
                delattr(owner, part)
        box.config.interfaces.pop(name, None)
        yield WHOLE
    for service in box.services():
        for part in _parts(service):
            delattr(service, part)
            yield WHOLE


def _parts(owner: object) -> list[str]:
    """The names of what an object holds, in slots or not."""
    slots = [name for base in type(owner).__mro__ for name in base.__dict__.get("__slots__", ())]
    return [name for name in (*slots, *getattr(owner, "__dict__", ())) if hasattr(owner, name)]


def _run(executor: Executor, line: str, rest: Iterator[tuple[int, str]]) -> list[str]:
    """One line to its end: questions are answered by Enter, waits are not waited for."""
    printed: list[str] = []
    steps = executor.steps(line)
    answer: Any = None
    while True:
        try:
            item = steps.send(answer)
        except StopIteration:
            return printed
        answer = None
        match item:
            case str():
                printed.append(item)
            case Ask():
                answer = ""
            case Confirm():
                answer = True
            case WaitFor(condition):
                answer = condition()
            case ReadBlock(delimiter):
                answer = _block(rest, delimiter)
            case _:
                pass


def _block(rest: Iterator[tuple[int, str]], delimiter: str) -> str:
    text: list[str] = []
    for _, line in rest:
        before, found, _ = line.replace("\x03", "^C").partition(delimiter)
        if found:
            text.append(before)
            break
        text.append(line + "\n")
    return "".join(text)
