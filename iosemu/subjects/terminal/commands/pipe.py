"""Output modifiers (`| include …`): filters for lines of output, and the commands that make them."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.handling.filesystem import locate, write
from iosemu.handling.regexp import Regexp, RegexpError, ios_regexp


class Filter:
    """An output modifier: `line` gives what is printed for one line of output, `end` what follows the last."""

    def line(self, text: str) -> list[str]:
        """What to print for one line of output."""
        return [text]

    def end(self) -> list[str]:
        """What to print after the last line."""
        return []


class Include(Filter):
    """`include` and `exclude`: lines that do, or do not, match."""

    def __init__(self, pattern: Regexp, wanted: bool = True) -> None:
        self.pattern = pattern
        self.wanted = wanted

    def line(self, text: str) -> list[str]:
        """Decide about one line."""
        return [text] if self.pattern.found_in(text) == self.wanted else []


class Begin(Filter):
    """Everything from the first matching line on, after a blank line."""

    def __init__(self, pattern: Regexp) -> None:
        self.pattern = pattern
        self.begun = False

    def line(self, text: str) -> list[str]:
        """Decide about one line."""
        if self.begun:
            return [text]
        if not self.pattern.found_in(text):
            return []
        self.begun = True
        return ["", text]


class Section(Filter):
    """Sections (a line and the deeper indented lines after it) whose head matches, or that hold a match."""

    def __init__(self, pattern: Regexp, wanted: bool = True) -> None:
        self.pattern = pattern
        self.wanted = wanted
        self.block: list[str] = []

    def line(self, text: str) -> list[str]:
        """Decide about one line."""
        if self.block and text.startswith(" "):
            self.block.append(text)
            return []
        done = self._flush()
        self.block = [text]
        return done

    def end(self) -> list[str]:
        """What is left."""
        return self._flush()

    def _flush(self) -> list[str]:
        matches = any(self.pattern.found_in(line) for line in self.block)
        done = self.block if matches == self.wanted else []
        self.block = []
        return done


class Count(Filter):
    """How many lines match."""

    def __init__(self, pattern: Regexp) -> None:
        self.pattern = pattern
        self.count = 0

    def line(self, text: str) -> list[str]:
        """Decide about one line."""
        self.count += self.pattern.found_in(text)
        return []

    def end(self) -> list[str]:
        """What is left."""
        return [f"Number of lines which match regexp = {self.count}"]


class Store(Filter):
    """`redirect`, `append` and `tee`: the output goes to a file; `tee` shows it, too."""

    def __init__(self, write: Callable[[bytes], None], shown: bool) -> None:
        self.write = write
        self.shown = shown
        self.lines: list[str] = []

    def line(self, text: str) -> list[str]:
        """Decide about one line."""
        self.lines.append(text)
        return [text] if self.shown else []

    def end(self) -> list[str]:
        """What is left."""
        self.write("".join(f"{line}\n" for line in self.lines).encode("utf-8", "replace"))
        return []


def _pattern(text: str) -> Regexp:
    """A regular expression as IOS reads it; one that does not compile is refused."""
    try:
        return ios_regexp(text.rstrip())
    except RegexpError as error:
        raise CommandError("% Failed to compile regular expression\n") from error


def include(context: Context, pattern: str) -> Filter:
    """`| include REGEXP`."""
    return Include(_pattern(pattern))


def exclude(context: Context, pattern: str) -> Filter:
    """`| exclude REGEXP`."""
    return Include(_pattern(pattern), wanted=False)


def begin(context: Context, pattern: str) -> Filter:
    """`| begin REGEXP`."""
    return Begin(_pattern(pattern))


def section(context: Context, pattern: str) -> Filter:
    """`| section [include | exclude] REGEXP`."""
    first, _, rest = pattern.strip().partition(" ")
    if rest and first in ("include", "exclude"):
        return Section(_pattern(rest.strip()), wanted=first == "include")
    return Section(_pattern(pattern))


def count(context: Context, pattern: str) -> Filter:
    """`| count REGEXP`."""
    return Count(_pattern(pattern))


def redirect(context: Context, url: str) -> Filter:
    """`| redirect URL`."""
    return _store(context, url, shown=False, append=False)


def append(context: Context, url: str) -> Filter:
    """`| append URL`."""
    return _store(context, url, shown=False, append=True)


def tee(context: Context, url: str) -> Filter:
    """`| tee URL`."""
    return _store(context, url, shown=True, append=False)


def tee_append(context: Context, url: str) -> Filter:
    """`| tee /append URL`."""
    return _store(context, url, shown=True, append=True)


def _store(context: Context, url: str, shown: bool, append: bool) -> Filter:
    url = url.strip()
    place = locate(context, url)
    if place.files is None or not place.path:
        raise CommandError(f"%Error opening {url} (Permission denied)")
    return Store(lambda data: write(context, url, data, append), shown)
