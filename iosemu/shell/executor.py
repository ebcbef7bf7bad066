"""Runs typed lines on a device: finds the command, calls its handler, and passes on what it asks for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import Any

from iosemu.box.device import Device
from iosemu.box.files import FileSystemError
from iosemu.box.line_config import LinesConfig
from iosemu.box.system import SystemConfig
from iosemu.handling.context import Context, LineError
from iosemu.handling.effects import (
    PAUSE,
    Close,
    CommandError,
    End,
    Enter,
    FarEnd,
    Interrupted,
    InvalidArgument,
    Leave,
    Steps,
    Work,
)
from iosemu.parser.fields import NoPartError
from iosemu.parser.renderer import Renderer
from iosemu.parser.results import Empty, Failure, Incomplete, Invalid, Match
from iosemu.parser.situation import Situation
from iosemu.shell.candidates import candidates
from iosemu.shell.errors import INTERNAL, error_lines
from iosemu.shell.modes import Modes
from iosemu.shell.pipes import split_pipe
from iosemu.shell.prompt import custom_prompt, prompt_text
from iosemu.subjects.access.accounting import Accounting
from iosemu.subjects.access.authorization import FAILED, asking_of, level_of, line_of, permitting
from iosemu.subjects.access.config import AaaConfig
from iosemu.subjects.hosts.lookup import resolve
from iosemu.subjects.hosts.translate import translate
from iosemu.subjects.terminal.commands.pipe import Filter

UNKNOWN_HOST = "% Unknown command or computer name, or unable to find computer address"

_logger = logging.getLogger(__name__)


class Executor:
    """A place to type lines: mode stack, privilege and user, without a terminal.

    It is the `SessionView` that handlers see.
    """

    def __init__(
        self,
        device: Device,
        grammar: Any,
        *,
        username: str = "",
        privilege: int = 1,
        origin: str = "console",
        line_name: str = "con0",
    ) -> None:
        self.device = device
        self.grammar = grammar
        self.username = username
        self.privilege = privilege
        self.origin = origin
        self.line_name = line_name
        self.length = 24
        self.width = 80
        self.monitor = False
        self.history: list[str] = []
        self.history_size = 10
        self.directory = "flash:"
        self.far_ends: list[FarEnd] = []
        """What the user has gone on to; the last one is where Enter alone leads back."""
        self.quiet = False
        """Nobody typed this (a configuration is loaded): no `Configured from …` message."""
        self.automated = False
        """What runs by itself types here: nobody is told of its commands."""
        self.exempt = False
        """Nobody has logged in here, the lab itself looks: AAA is not asked, and not told."""
        self.closing = False
        self.failed = False
        """The last line was refused."""
        self.paged = True
        """What is printed stops at each page: a listing. A ping, or a copy, goes on by itself."""
        self.modes = Modes(device.composition.mode)

    # what handlers may use

    @property
    def mode(self) -> str:
        """Name of the mode on top of the stack."""
        return self.modes.top.mode

    def load(self, lines: Sequence[str]) -> Work[list[LineError]]:
        """Type configuration lines into this device, as at `configure terminal`."""
        from iosemu.shell.loader import loading

        return loading(self.device, self.grammar, lines)

    def canonical(self, lines: Sequence[str]) -> Work[tuple[list[str], list[LineError]]]:
        """How a box like this one, with just that configuration, would list it; and what was refused."""
        from iosemu.shell.loader import canonical

        return canonical(self.device, self.grammar, lines)

    @property
    def render(self) -> Renderer:
        """What makes configuration text of configuration."""
        return Renderer(self.grammar)

    def run_exec(self, command: str) -> Steps:
        """Run a command of the bottom mode wherever the session stands (`do`)."""
        yield from self._exec(command, command, indent=0, nested=True)

    def run_typed(self, command: str) -> Steps:
        """Run an exec command as if it had been typed in exec mode (from a script)."""
        yield from self._exec(command, command, indent=len(self.prompt))

    # places

    def chain(self) -> list[int]:
        """Positions of the mode stack where a line is tried, the innermost first."""
        return self.modes.chain(lambda mode: self.grammar.modes[mode].parent)

    @property
    def prompt(self) -> str:
        """The prompt of the place where the session stands."""
        level = self.modes.top
        system = self.device.config.find(SystemConfig)
        if system is not None and system.prompt and level.mode == "exec":
            return custom_prompt(system.prompt, self.device.hostname, self.privilege, self.line_name)
        template = self.grammar.modes[level.mode].prompt_for(level.target)
        return prompt_text(template, self.device.hostname, self.privilege, self.modes.configuring)

    @property
    def interpreting(self) -> bool:
        """What is typed goes to an interpreter, not to the grammar."""
        return bool(self.grammar.modes[self.mode].interpreter)

    @property
    def _configuring(self) -> bool:
        """What is typed may change the running configuration: no interpreter, and no buffer of its own."""
        return self.modes.configuring and self.grammar.modes[self.modes.levels[1].mode].parent != "exec"

    @property
    def dialect(self) -> str:
        """Which words errors have here."""
        return self.grammar.modes[self.mode].dialect or "ios"

    def situation(self) -> Situation:
        """The place, as the parser needs to know it."""
        device = self.device
        system = device.config.find(SystemConfig)
        return Situation(
            privilege=self.privilege,
            kind=device.kind,
            subjects=device.composition.names,
            version=device.image.version,
            capabilities=device.model.capabilities | device.image.capabilities,
            interface_types=device.interfaces.types,
            types=device.interface_words,
            levels=system.privileges if system is not None else {},
            candidates=partial(candidates, device),
            loading=self.quiet,
        )

    def find(self, line: str) -> tuple[Match | Failure | Empty, int]:
        """Match a line in the mode, then in its parents; the result and the stack position it is for."""
        situation = self.situation()
        top = len(self.modes.levels) - 1
        best: tuple[Failure | Empty, int] | None = None
        for position in self.chain():
            result = self.grammar.modes[self.modes.levels[position].mode].match(line, situation)
            if isinstance(result, Match | Empty):
                return result, position
            if best is None or _goes_further(result, best[0]):
                best = (result, position)
        return best if best is not None else (Empty(), top)

    # running

    def steps(self, line: str, indent: int = 0) -> Steps:
        """Run one typed line; `indent` is the width of the prompt it stands behind.

        Yields output lines and the effects that need a user or time. Never raises.
        """
        self.failed = False
        self.paged = True
        was_configuring = self._configuring
        try:
            if self.interpreting:
                yield from self._drive(self.modes.top.target.steps(line), len(self.modes.levels) - 1)
            elif self.modes.configuring:
                yield from self._configure(line, indent)
            else:
                yield from self._exec(self._expand_alias(line), line, indent)
        except Interrupted:
            pass
        except Exception:
            _logger.exception("%s: the line %r failed", self.device.name, line)
            self.failed = True
            yield INTERNAL
        if was_configuring and not self._configuring:
            self.left_configuration()

    def left_configuration(self) -> None:
        """Issue `Configured from …`, about a second after configuration mode was left."""
        if self.quiet:
            return
        by = "console" if self.origin == "console" else f"{self.username} on {self.line_name} ({self.origin})"
        log = partial(self.device.log, "SYS", 5, "CONFIG_I", f"Configured from console by {by}")
        self.device.scheduler.after(1.0, log)

    def _expand_alias(self, line: str) -> str:
        system = self.device.config.find(SystemConfig)
        first, blank, rest = line.lstrip().partition(" ")
        if system is None or not first:
            return line
        meaning = system.aliases.get((self.mode, first))
        return line if meaning is None else meaning + blank + rest

    def _configure(self, line: str, indent: int) -> Steps:
        result, position = self.find(line)
        if isinstance(result, Match):
            if not (yield from self._permitted(result, configuring=True)):
                return
            target = self.modes.levels[position].target
            yield from self._call(result, position, line, indent)
            self._account(result, 15)
            if not self.failed or isinstance(target, list):  # some of a range may have taken it
                self._notify(result.command.subject, target)
            if not self.failed and self.modes.configuring and not result.command.stays:
                self._changed()
            if not self.failed and not self.quiet and not result.command.stays:
                for hook in self.device.change_hooks:
                    hook(self.username, self.line_name, _words(result))
        elif not isinstance(result, Empty):
            self.failed = True
            yield from error_lines(self.dialect, result, line, indent)

    def _permitted(self, match: Match, *, configuring: bool) -> Generator[Any, Any, bool]:
        """Ask those who may forbid commands, and tell those who follow them; False when this one is not to run."""
        if self.quiet or self.automated:
            return True
        words = (*(("no",) if match.negated else ()), *match.words)
        level = self._level(match)
        if not self.exempt and not (
            yield from permitting(self.device, self, words, level, configuring=configuring)
        ):
            self.failed = True
            yield from FAILED.split("\n")
            return False
        passes = True
        for hook in self.device.command_hooks:
            passes = (yield from hook(" ".join(words))) and passes
        return passes

    def _level(self, match: Match) -> int:
        """The privilege level of a command."""
        return match.command.level(match.words, self.situation())

    def _account(self, match: Match, level: int) -> None:
        """`aaa accounting commands`."""
        if self.quiet or self.automated or self.exempt:
            return
        aaa = self.device.config.find(AaaConfig)
        place = line_of(self.device, self.line_name) if aaa is not None and aaa.accounting_commands else None
        if place is None:
            return
        asking = asking_of(self.device, self, place[0])
        self.device.service(Accounting).ran(asking, place[1], level, _words(match))

    def _notify(self, subject: str, target: Any) -> None:
        for each in target if isinstance(target, list) else (target,):
            self.device.configured(subject, each)

    def _changed(self) -> None:
        system = self.device.config.find(SystemConfig)
        if system is not None and not self.quiet:
            system.change(self.device.now, self.username)

    def _exec(self, line: str, typed: str, indent: int, nested: bool = False) -> Steps:
        command, bar = split_pipe(line)
        mode = self.grammar.modes[self.modes.levels[0].mode]
        situation = self.situation()
        through: Filter | None = None
        result = mode.match(command, situation)
        if bar is not None and isinstance(result, Match):
            modifier = self.grammar.modes["pipe"].match(line[bar:], situation)
            if isinstance(modifier, Match):
                try:
                    through = modifier.call(Context(self.device, None, self, typed=line))
                except (CommandError, FileSystemError) as error:
                    self.failed = True
                    yield from str(error).split("\n")
                    return
            else:
                result = Invalid(bar + modifier.column) if isinstance(modifier, Invalid) else modifier
        if isinstance(result, Match):
            if not (yield from self._permitted(result, configuring=False)):
                return
            self._account(result, level_of(result.words, self._level(result)))
            self.paged = result.command.pipes or self.dialect != "ios"
            output = self._call(result, 0, line, indent)
            try:
                yield from output if through is None else _filtered(output, through)
            except (
                CommandError,
                FileSystemError,
            ) as error:  # the file that the output should go to cannot be written
                self.failed = True
                yield from str(error).split("\n")
        elif isinstance(result, Empty):
            if self.far_ends and not nested:
                yield from self._exec("resume", "resume", 0)
        else:
            self.failed = True
            yield from self._refuse(result, line, typed, indent, nested)

    def _refuse(self, result: Failure, line: str, typed: str, indent: int, nested: bool) -> Steps:
        dialect = self.grammar.modes[self.modes.levels[0].mode].dialect or "ios"
        words = line.split()
        if dialect == "ios":
            if isinstance(result, Incomplete) and len(words) == 1 and "show".startswith(words[0]):
                yield '% Type "show ?" for a list of subcommands'
                return
            if isinstance(result, Invalid) and len(words) == 1 and not nested and self._gone_to(words[0]):
                yield from self._exec(f"resume {words[0]}", f"resume {words[0]}", 0)
                return
            if isinstance(result, Invalid) and len(words) == 1 and not nested and self._looks_up():
                yield from self._look_up(words[0])
                return
            if nested and isinstance(result, Invalid):
                yield line
            elif nested:
                line = f"do {line}"
        yield from error_lines(dialect, result, line if nested else typed, indent)

    def _gone_to(self, word: str) -> bool:
        """Whether a word is the number or the name of a box that the user has gone on to from here."""
        return bool(self.far_ends) and (word.isdigit() or any(word == each.host for each in self.far_ends))

    def _looks_up(self) -> bool:
        lines = self.device.config.find(LinesConfig)
        if lines is None:
            return False
        if self.line_name.startswith("vty"):
            return bool(lines.vty[int(self.line_name[3:])].transport_preferred != "none")
        return bool(lines.console.transport_preferred != "none")

    def _look_up(self, name: str) -> Steps:
        """An unknown word in exec is taken for the name of a host to connect to."""
        system = self.device.config.of(SystemConfig)
        if resolve(self.device, name) is None and not system.domain_lookup:
            yield f'Translating "{name}"'
            yield ""
            yield f'Translating "{name}"'
            yield UNKNOWN_HOST
            return
        try:
            address = yield from translate(self.device, name)
        except Interrupted:
            yield " % Name lookup aborted"
            return
        if address is None:
            yield UNKNOWN_HOST
        else:
            yield from self._exec(f"telnet {name}", f"telnet {name}", 0)

    def _call(self, match: Match, position: int, line: str, indent: int) -> Steps:
        target = self.modes.levels[position].target if position else None
        place = tuple(self.modes.levels)
        for each in target if isinstance(target, list) else (target,):
            context = Context(
                self.device, each, self, match.negated, match.defaulted, match.words, line.strip()
            )
            try:
                yield from self._drive(match.call(context), position)
            except (CommandError, FileSystemError, NoPartError) as error:
                self.failed = True
                yield from str(error).split("\n")
            except InvalidArgument as error:
                self.failed = True
                column = match.columns.get(error.argument, 0)
                yield from error_lines(self.dialect, Invalid(column), line, indent)
                return
            if tuple(self.modes.levels) != place:
                break
        if self.failed:
            return
        stayed = tuple(self.modes.levels) == place and not match.command.stays
        if 0 < position < len(self.modes.levels) - 1 and stayed:
            self.modes.cut(position)

    def _drive(self, output: Any, position: int) -> Steps:
        """Pass on lines and questions of a handler; moves between modes are made here."""
        if output is None:
            return
        if isinstance(output, str):
            yield from output.split("\n")
            return
        items = iter(output)
        advance: Callable[[], Any] = partial(next, items)
        while True:
            try:
                item = advance()
            except StopIteration as stop:
                if stop.value is not None:
                    yield from self._drive(stop.value, position)
                return
            advance = partial(next, items)
            if isinstance(item, str):
                if "\n" in item:
                    yield from item.split("\n")
                else:
                    yield item
            elif isinstance(item, Enter | Leave | End):
                self.modes.apply(item, position)
            elif isinstance(item, Close):
                self.closing = True
            else:
                try:
                    answer = yield item
                except Interrupted as interruption:
                    if not isinstance(items, Generator):
                        raise
                    advance = partial(items.throw, interruption)
                else:
                    if isinstance(items, Generator):
                        advance = partial(items.send, answer)


def _goes_further(result: Failure, than: Failure | Empty) -> bool:
    """Whether the outer mode understood more of the line than the inner one did."""
    if not isinstance(than, Invalid):
        return False
    return not isinstance(result, Invalid) or result.column > than.column


def _words(match: Match) -> str:
    """A command in full."""
    return " ".join((*(("no",) if match.negated else ()), *match.words))


def _filtered(output: Steps, through: Filter) -> Steps:
    answer: Any = None
    advance: Callable[[], Any] = partial(next, output)
    while True:
        try:
            item = advance()
        except StopIteration:
            break
        if isinstance(item, str):
            shown = through.line(item)
            yield from shown
            if not shown:
                yield PAUSE
            advance = partial(next, output)
            continue
        try:
            answer = yield item
        except Interrupted as interruption:
            advance = partial(output.throw, interruption)
        else:
            advance = partial(output.send, answer)
    yield from through.end()
