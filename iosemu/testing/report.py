"""What came of a run: failures with a side-by-side difference, and the rewritten text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from iosemu.testing.patterns import Pair


@dataclass(frozen=True, slots=True)
class Failure:
    """A place where the device did not do what the transcript says."""

    path: Path
    line: int
    message: str
    typed: str = ""
    """The transcript line that was typed before."""
    pairs: tuple[Pair, ...] = ()
    good: tuple[bool, ...] = ()
    """For each pair, whether its two lines match."""
    renewed: bool = False
    """The file's new text expects what the device did here."""

    def __str__(self) -> str:
        head = f"{self.path}:{self.line}: {self.message}"
        if not self.pairs:
            return head
        typed = [f"  after: {self.typed}"] if self.typed else []
        return "\n".join([head, *typed, *side_by_side(self.pairs, self.good)])


def side_by_side(pairs: tuple[Pair, ...], good: tuple[bool, ...], width: int = 150) -> Iterator[str]:
    """Expected text to the left, the device's to the right; `|` between lines that differ."""
    lefts = [_left(pairs, i) for i in range(len(pairs))]
    column = min(max([len("expected"), *(len(left) for left in lefts)]), width // 2)
    yield f"  {'expected':<{column}}   device"
    yield f"  {'-' * column}   {'-' * column}"
    for (expected, actual), left, fits in zip(pairs, lefts, good, strict=True):
        if fits:
            mark = " "
        elif expected is None:
            mark = ">"
        elif actual is None:
            mark = "<"
        else:
            mark = "|"
        yield f"  {left:<{column}} {mark} {actual or ''}".rstrip()


def _left(pairs: tuple[Pair, ...], index: int) -> str:
    expected = pairs[index][0]
    if expected is None or (expected.any_lines and index and pairs[index - 1][0] is expected):
        return ""
    return expected.text


@dataclass(slots=True)
class Report:
    """The result of one transcript."""

    path: Path
    failures: list[Failure] = field(default_factory=list)
    updated: str | None = None
    """The file's new text, when an update was asked for and something changed."""
    seconds: float = 0.0
    """Wall time it took."""
    compared: int = 0
    """Answers of devices that were compared."""
    evidence: dict[str, bytes] = field(default_factory=dict)
    """Of what did not pass, where it was wanted: files by name, with the lab's packets, keys, logs and dialogues."""
    error: str = ""
    """Why it could not be run at all (a bad line, an unknown lab)."""

    @property
    def passed(self) -> bool:
        """Everything was as the transcript says."""
        return not self.failures and not self.error

    @property
    def renewed(self) -> bool:
        """Nothing is wrong that the new text does not mend."""
        return not self.error and all(failure.renewed for failure in self.failures)

    def __str__(self) -> str:
        if self.error:
            return self.error
        return "\n\n".join(str(failure) for failure in self.failures)
