"""`python -m benchmarks.grammar`: what reading the grammar costs, beside libyaml alone, and how it grows."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml
from rich.console import Console
from rich.table import Table

from iosemu.handling import resolve
from iosemu.lab import resources
from iosemu.parser import Grammar, Situation

REPEATS = 7
COMMANDS = 200


def least(action: Callable[[], object]) -> float:
    """The least CPU milliseconds of several runs."""
    best = float("inf")
    for _ in range(REPEATS):
        began = time.process_time()
        action()
        best = min(best, time.process_time() - began)
    return best * 1e3


def load() -> Grammar:
    """The project's grammar, nothing read yet but types.yaml."""
    return Grammar.load([resources.directory("grammar")], resolve.handler, resolve.edited)


def modes(*names: str) -> None:
    """Read some modes, or all, and make their first graph."""
    grammar = load()
    for name in names or grammar.modes:
        grammar.modes[name].help("", Situation())


def libyaml() -> None:
    """Only the files, as nodes."""
    for path in resources.directory("grammar").rglob("*.yaml"):
        yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)


def grown(count: int, folder: Path) -> float:
    """CPU milliseconds to read one mode of so many commands and to help on it."""
    commands = [
        f"  - syntax: word{n} <a:1-9> [b | c <d:1-9>]\n"
        f"    help: {{word{n}: W, <a>: A, b: B, c: C, <d>: D}}\n    do: x.f"
        for n in range(count)
    ]
    (folder / "m.yaml").write_text("mode: m\ntitle: M\ncommands:\n" + "\n".join(commands) + "\n")

    def read() -> None:
        Grammar.load([folder]).modes["m"].help("", Situation())

    return least(read)


def main() -> None:
    """Measure and print."""
    floor = least(libyaml)
    table = Table("what", "CPU", "times libyaml alone")
    for what, action in (
        ("libyaml alone", libyaml),
        ("find the files, read the types", load),
        ("read exec", lambda: modes("exec")),
        ("read config", lambda: modes("config")),
        ("read all modes", modes),
    ):
        cost = least(action)
        table.add_row(what, f"{cost:.1f} ms", f"{cost / floor:.2f}")
    with tempfile.TemporaryDirectory() as name:
        first, *more = (grown(COMMANDS * times, Path(name)) for times in (1, 2, 4))
    for times, cost in zip((2, 4), more, strict=True):
        table.add_row(f"{times} times the commands", f"{cost:.1f} ms", f"{cost / first:.2f} times as much")
    Console().print(table)


if __name__ == "__main__":
    main()
