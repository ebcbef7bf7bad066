"""A command's grammar, its handler and the state it edits are in rooms of one name."""

from __future__ import annotations

import re
from pathlib import Path

import iosemu
from iosemu.lab import resources

EVERYWHERE = {"terminal.exit_", "terminal.help_"}
"""What every mode has."""
BELOW = {"box", "bridging", "ip"}
"""Rooms below the subjects, whose state a mode may edit."""


def subject(path: Path | str) -> str:
    return Path(path).relative_to(resources.directory("grammar")).parts[0]


def test_the_folder_of_a_command_is_the_package_of_its_handler() -> None:
    commands = [command for mode in resources.grammar().modes.values() for command in mode.commands]
    assert len(commands) > 500
    astray = {
        f"{command.place}: {command.do}"
        for command in commands
        if command.do is not None
        and command.do not in EVERYWHERE
        and command.do.partition(".")[0] != subject(command.place.file)
    }
    assert astray == set()


def test_the_folder_of_a_mode_is_the_package_of_what_it_edits() -> None:
    modes = [mode for mode in resources.grammar().modes.values() if mode.edits is not None]
    assert modes
    astray = {
        f"{mode.place}: {mode.edits}"
        for mode in modes
        if mode.edits is not None and mode.edits.partition(".")[0] not in BELOW | {subject(mode.place.file)}
    }
    assert astray == set()


def test_no_code_asks_for_an_image_or_a_model_by_name() -> None:
    """Styles, releases and capabilities say how boxes differ."""
    asked = re.compile(r"(image|model)\.name\s*(==|!=|\bin\b|not in)")
    found = [
        str(path)
        for path in Path(iosemu.__file__).parent.rglob("*.py")
        if asked.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_every_capability_that_a_command_needs_is_some_box_s() -> None:
    needed = {
        word
        for mode in resources.grammar().modes.values()
        for command in mode.commands
        for word in command.needs
    }
    have = {word for name in resources.models() for word in resources.model(name).capabilities}
    have |= {word for name in resources.modules() for word in resources.module(name).capabilities}
    have |= {word for name in resources.images() for word in resources.image(name).capabilities}
    assert needed <= have
