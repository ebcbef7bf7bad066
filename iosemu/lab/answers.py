"""Answers of a lab's own: commands that the grammar lacks, each with a text or a template that answers it.

A folder that the lab file names has YAML files in the form of the grammar (`mode: exec`, `commands:` with `syntax`,
`help`, `privilege`, `kinds` …), where `answer: FILE` takes the place of `do:`. FILE is a text, or a Jinja2 template
(`.j2`), which is sandboxed and bounded as those of lab files are: a lab from somebody else runs nothing, reads nothing
outside the folder, and holds nobody up.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2

from iosemu.box.device import Device
from iosemu.handling import resolve
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.ip.config import IpSettings
from iosemu.lab import resources, yaml_document
from iosemu.lab.errors import LabError
from iosemu.lab.template_bounds import BoundedEnvironment
from iosemu.parser import notation
from iosemu.parser.command import Command
from iosemu.parser.loader import Grammar
from iosemu.parser.modefile import OWN_ANSWER
from iosemu.parser.results import Match
from iosemu.parser.situation import Situation
from iosemu.parser.yamlfile import GrammarError

MODES = ("exec", "pc")
"""Where commands are answered; a configuration line is no question."""
MOST_FILES = 500
MOST_OCTETS = 1_000_000
"""Of one file."""
MOST_STEPS = 20_000
"""Rounds of loops and calls of one answer: some hundredths of a second."""
MOST_OUTPUT = 400_000
"""Characters of one answer."""
_KEYS = frozenset({"syntax", "help", "privilege", "kinds", "since", "until", "needs", "answer", "hidden"})


@dataclass(frozen=True)
class OwnAnswer:
    """One command of a lab's own."""

    syntax: str
    mode: str
    place: str
    """File and line."""

    def __str__(self) -> str:
        return f"{self.place}: {self.syntax}: the lab's own answer"


class Answers:
    """A folder of answers, read and checked; `grammar` has its commands beside those of iosemu."""

    def __init__(self, folder: Path) -> None:
        """Raises LabError, with file and line, for whatever is wrong in the folder."""
        self.folder = folder.resolve()
        self._texts: dict[str, str] = {}
        self._templates: dict[str, jinja2.Template] = {}
        self._names: dict[str, set[str]] = {}
        """What the syntaxes give each file."""
        # no autoescape: what is written is a terminal's text
        self._environment = BoundedEnvironment(
            undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
            autoescape=False,
        )  # fmt: skip
        files = self._files()
        for path in files:
            self._check(path)
        self.grammar = self._load(files)
        try:
            self.commands = list(self._own())
            for mode in {command.mode for command in self.commands}:
                self.grammar.modes[mode].check_helps()
        except GrammarError as error:
            raise LabError(str(error)) from error

    def _files(self) -> list[Path]:
        if not self.folder.is_dir():
            raise LabError(f"{self.folder}: there is no such folder of answers")
        files = sorted(path for path in self.folder.glob("*.yaml") if path.is_file())
        if not files:
            raise LabError(f"{self.folder}: there are no YAML files with answers")
        if len(files) > MOST_FILES:
            raise LabError(f"{self.folder}: more than {MOST_FILES} files")
        return files

    def _check(self, path: Path) -> None:
        """Nothing stands in a file but commands with answers."""
        self._size(path)
        document = yaml_document.load(path)

        def fault(at: tuple[str | int, ...], text: str) -> LabError:
            return LabError(yaml_document.describe(document.place(at), at, text))

        if path.name == "types.yaml":
            raise fault((), "a lab has no types of its own")
        data = document.data
        if not isinstance(data, dict) or data.get("mode") not in MODES:
            raise fault(("mode",), f"write mode: {' or mode: '.join(MODES)}")
        for key in data:
            if key not in ("mode", "help", "kinds", "since", "until", "needs", "commands"):
                raise fault((key,), "unknown here; a file of answers has mode, help and commands")
        commands = data.get("commands")
        if not isinstance(commands, list):
            raise fault(("commands",), "commands must be a list")
        for index, entry in enumerate(commands):
            at = ("commands", index)
            if not isinstance(entry, dict):
                raise fault(at, "a command is a mapping with syntax: and answer:")
            for key in entry:
                if key not in _KEYS:
                    raise fault((*at, key), f"unknown here; allowed: {', '.join(sorted(_KEYS))}")
            name = entry.get("answer")
            if not isinstance(name, str) or not name:
                raise fault((*at, "answer"), "name the file with the answer")
            try:
                self._read(name)
            except LabError as error:
                raise fault((*at, "answer"), str(error)) from error

    def _size(self, path: Path) -> None:
        try:
            size = path.stat().st_size
        except OSError as error:
            raise LabError(f"{path.name}: {error.strerror or error}") from error
        if size > MOST_OCTETS:
            raise LabError(f"{path.name} has more than {MOST_OCTETS} octets")

    def _read(self, name: str) -> None:
        """Keep an answer, so that nothing is read while the lab runs."""
        if name in self._texts or name in self._templates:
            return
        path = (self.folder / name.replace("\0", "")).resolve()
        if not path.is_relative_to(self.folder):
            raise LabError(f"{name} is not in the folder of the answers")
        self._size(path)
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise LabError(f"cannot read {name}: {error.strerror or error}") from error
        except UnicodeDecodeError as error:
            raise LabError(f"{name} is not UTF-8 text (byte {error.start})") from error
        if path.suffix != ".j2":
            self._texts[name] = text
            return
        try:
            self._templates[name] = self._environment.from_string(text)
        except jinja2.TemplateSyntaxError as error:
            raise LabError(f"{name}:{error.lineno}: {error.message}") from error
        except RecursionError as error:
            raise LabError(f"{name}: nested too deeply") from error

    def _load(self, files: list[Path]) -> Grammar:
        def handler(name: str) -> Any:
            own, _, answer = name.partition(":")
            return self._handler(answer) if own == "answer" else resolve.handler(name)

        try:
            grammar = Grammar.load([resources.directory("grammar")], handler, resolve.edited)
            for path in files:
                grammar.add_answers(path)
        except GrammarError as error:
            raise LabError(str(error)) from error
        return grammar

    @staticmethod
    def _commands(grammar: Grammar) -> Iterator[Command]:
        for mode in MODES:
            yield from (each for each in grammar.modes[mode].commands if each.status == OWN_ANSWER)

    def _own(self) -> Iterator[OwnAnswer]:
        plain = Situation(privilege=15)
        for each in self._commands(self.grammar):
            words = [leaf.text for leaf in notation.leaves(each.nodes) if isinstance(leaf, notation.Word)]
            if " ".join(words) == each.syntax:
                found = resources.grammar().modes[each.mode].match(each.syntax, plain)
                if isinstance(found, Match):
                    raise LabError(f"{each.place}: {each.syntax}: iosemu answers this itself")
            answer = (each.do or "").partition(":")[2]
            self._names.setdefault(answer, set()).update(_names(each))
            yield OwnAnswer(each.syntax, each.mode, str(each.place))

    def _handler(self, name: str) -> Callable[..., list[str]]:
        def answer(context: Context, **values: Any) -> list[str]:
            text = self._texts.get(name)
            if text is None:
                text = self._filled(
                    name, {**self._unset(name), **variables(context.device), **_shown(values)}
                )
            return text.removesuffix("\n").split("\n") if text else []

        return answer

    def _unset(self, name: str) -> dict[str, str]:
        """What a form of the syntax leaves out is empty."""
        return dict.fromkeys(self._names.get(name, ()), "")

    def _filled(self, name: str, known: Mapping[str, Any]) -> str:
        try:
            text = self._environment.filled(self._templates[name], dict(known), MOST_STEPS)
        except (RecursionError, MemoryError) as error:
            raise CommandError(f"% {name}: nested too deeply, or too large") from error
        except (jinja2.TemplateError, TypeError, ArithmeticError, ValueError) as error:
            raise CommandError(f"% {name}: {error}") from error
        if len(text) > MOST_OUTPUT:
            raise CommandError(f"% {name}: writes more than {MOST_OUTPUT} characters")
        return text


def of_folder(folder: Path) -> Answers:
    """The answers of a folder; labs of one process share them for as long as its files stay as they are.

    They have a grammar of their own: it takes memory, and each of its commands is read when it is first used.
    Raises LabError as `Answers` does.
    """
    found = folder.resolve()
    return _shared(found, _state_of(found))


def _state_of(folder: Path) -> frozenset[tuple[str, int, int]]:
    """What tells that a file was changed: names, times and sizes, as far as they can be read."""
    found = set()
    for number, path in enumerate(folder.rglob("*")):
        if number > MOST_FILES * 4:
            break
        with contextlib.suppress(OSError):
            told = path.stat()
            found.add((str(path), told.st_mtime_ns, told.st_size))
    return frozenset(found)


@lru_cache(maxsize=8)
def _shared(folder: Path, _state: frozenset[tuple[str, int, int]]) -> Answers:
    return Answers(folder)


def _names(command: Command) -> Iterator[str]:
    """What a syntax gives a template: its variables, its labels, and its optional words."""
    for leaf in notation.leaves(command.nodes):
        yield from (name.partition(".")[0] for name in notation.bound(leaf))
        if isinstance(leaf, notation.Word) and leaf.flag is not None:
            yield leaf.flag.partition(".")[0]


def _shown(values: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, as text: a template is handed no objects."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, bool | int):
        return value
    return [str(each) for each in value] if isinstance(value, list | tuple) else str(value)


def variables(device: Device) -> dict[str, Any]:
    """What a template may say of the box: plain texts and numbers."""
    return {
        "hostname": device.hostname,
        "name": device.name,
        "model": device.model.name,
        "image": device.image.name,
        "uptime": int(device.now - device.booted_at),
        "interfaces": [_interface(device, name) for name in device.interfaces],
    }


def _interface(device: Device, name: str) -> dict[str, Any]:
    interface = device.interfaces[name]
    settings = interface.config.held(IpSettings)
    own = None if settings is None else settings.address
    return {
        "name": name,
        "description": interface.config.description,
        "mac": str(interface.mac),
        "address": "" if own is None else str(own.ip),
        "mask": "" if own is None else str(own.network.netmask),
        "enabled": interface.admin_up,
        "line": "up" if interface.line_up else "down",
        "protocol": "up" if interface.protocol_up else "down",
    }
