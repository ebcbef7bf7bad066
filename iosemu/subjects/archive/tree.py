"""Configurations as trees of lines: what differs between two, and the commands that make one of the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

_SKIPPED = ("Building configuration...", "Current configuration", "Using ", "version ")
_MARKERS = ("boot-start-marker", "boot-end-marker", "end")
_BANNER = re.compile(r"banner \w+ (\^C|\S)")
_NUMBERED_LIST = re.compile(r"access-list (\d+) ")
_EXTRA_VTYS = re.compile(r"line vty (\d+)")
_PHYSICAL = re.compile(r"interface (FastEthernet|GigabitEthernet|Ethernet|Serial|Null)\d+(/\d+)*$")


@dataclass
class Section:
    """One line and the deeper indented lines under it; a banner's line holds line ends."""

    line: str
    children: list[Section] = field(default_factory=list)


def parse(lines: Iterable[str]) -> list[Section]:
    """The tree of a configuration; comments, `version` and `end` are left out."""
    top: list[Section] = []
    stack: list[tuple[int, list[Section]]] = [(-1, top)]
    rows = iter(lines)
    for raw in rows:
        line = raw.rstrip()
        text = line.strip()
        if not text or text.startswith("!") or text in _MARKERS or text.startswith(_SKIPPED):
            continue
        banner = _BANNER.match(line)
        if banner is not None and line.count(banner[1], banner.start(1)) < 2:
            for more in rows:
                line += f"\n{more}"
                if banner[1] in more:
                    break
        depth = len(line) - len(line.lstrip(" "))
        while len(stack) > 1 and stack[-1][0] >= depth:
            stack.pop()
        section = Section(line.lstrip(" "))
        stack[-1][1].append(section)
        stack.append((depth, section.children))
    return top


def differences(old: Sequence[Section], new: Sequence[Section]) -> Iterator[str]:
    """`+` rows for what only `new` has, then `-` rows for what only `old` has, each under its section."""
    yield from _only_in(new, old, "+", 0)
    yield from _only_in(old, new, "-", 0)


def _only_in(sections: Sequence[Section], others: Sequence[Section], mark: str, depth: int) -> Iterator[str]:
    known = _by_line(others)
    for section in sections:
        other = known.get(section.line)
        if other is None:
            yield from _rows(section, mark, depth)
            continue
        inner = list(_only_in(section.children, other.children, mark, depth + 1))
        if inner:
            yield f"{' ' * depth}{section.line}"
            yield from inner


def _rows(section: Section, mark: str, depth: int) -> Iterator[str]:
    yield f"{' ' * depth}{mark}{section.line}"
    for child in section.children:
        yield from _rows(child, mark, depth + 1)


def _by_line(sections: Iterable[Section]) -> dict[str, Section]:
    return {section.line: section for section in sections}


def missing(
    running: Sequence[Section], wanted: Sequence[Section], same: Callable[[str], str]
) -> Iterator[tuple[int, str]]:
    """Lines of `wanted`, with their depth, that `running` lacks; `same` makes lines comparable."""
    had = {same(section.line): section for section in running}
    for section in wanted:
        text = same(section.line)
        other = had.get(text)
        if text.startswith("no "):
            positive = text.removeprefix("no ")
            if other is None and any(f"{line} ".startswith(f"{positive} ") for line in had):
                yield 0, section.line
        elif other is None:
            yield 0, section.line
            yield from ((depth + 1, line) for depth, line in _all(section.children))
        else:
            inner = list(missing(other.children, section.children, same))
            if inner:
                yield 0, section.line
                yield from ((depth + 1, line) for depth, line in inner)


def _all(sections: Iterable[Section]) -> Iterator[tuple[int, str]]:
    for section in sections:
        yield 0, section.line
        yield from ((depth + 1, line) for depth, line in _all(section.children))


def commands(running: Sequence[Section], wanted: Sequence[Section]) -> list[str]:
    """The lines to type that make `wanted` of `running`: what must go first, then what must come."""
    removals = list(_removals(running, wanted))
    return [*removals, *_additions(running, wanted, set(removals))]


def _removals(running: Sequence[Section], wanted: Sequence[Section]) -> Iterator[str]:
    has = _by_line(wanted)
    renewed = _changed_lists(running, wanted)
    done: set[str] = set()
    for section in reversed(running):
        numbered = _NUMBERED_LIST.match(section.line)
        if numbered is not None:
            if numbered[1] in renewed and numbered[1] not in done:
                done.add(numbered[1])
                yield f"no access-list {numbered[1]}"
            continue
        other = has.get(section.line)
        extra = _EXTRA_VTYS.match(section.line)
        if other is None:
            if extra is not None and int(extra[1]) >= 5:
                yield f"no {section.line}"
            elif _PHYSICAL.match(section.line) or section.line.startswith("line "):
                inner = list(_removals(section.children, ()))
                if inner:
                    yield section.line
                    yield from (f" {line}" for line in inner)
            elif not _replaced(section.line, has):
                yield negation(section.line)
        elif _ordered(section.line) and not _extends(section.children, other.children):
            yield negation(section.line)
        else:
            inner = list(_removals(section.children, other.children))
            if inner:
                yield section.line
                yield from (f" {line}" for line in inner)


def _additions(running: Sequence[Section], wanted: Sequence[Section], gone: set[str]) -> Iterator[str]:
    had = _by_line(running)
    renewed = _changed_lists(running, wanted)
    for section in wanted:
        other = had.get(section.line)
        numbered = _NUMBERED_LIST.match(section.line)
        again = negation(section.line) in gone or (numbered is not None and numbered[1] in renewed)
        if other is None or again:
            if section.line.startswith("no ") and any(
                f"{line} ".startswith(f"{section.line} ") for line in gone
            ):
                continue
            yield section.line
            yield from (f"{' ' * (depth + 1)}{line}" for depth, line in _all(section.children))
        else:
            inner_gone = {negation(child.line) for child in other.children} - {
                negation(child.line) for child in section.children
            }
            inner = list(_additions(other.children, section.children, inner_gone))
            if inner:
                yield section.line
                yield from (f" {line}" for line in inner)


def _replaced(line: str, has: Iterable[str]) -> bool:
    """Whether a `no …` line gives way by itself to the line that says otherwise."""
    if not line.startswith("no "):
        return False
    positive = line.removeprefix("no ")
    return any(f"{other} ".startswith(f"{positive} ") for other in has)


def _changed_lists(running: Sequence[Section], wanted: Sequence[Section]) -> set[str]:
    """Numbers of access lists that have to be written anew: one line alone cannot be taken out of them."""
    lists: list[dict[str, list[str]]] = [{}, {}]
    for found, sections in zip(lists, (running, wanted), strict=True):
        for section in sections:
            numbered = _NUMBERED_LIST.match(section.line)
            if numbered is not None:
                found.setdefault(numbered[1], []).append(section.line)
    old, new = lists
    return {number for number in old if old[number] != new.get(number, [])[: len(old[number])]}


def _ordered(line: str) -> bool:
    return line.startswith(("ip access-list ", "ipv6 access-list ", "mac access-list "))


def _extends(old: Sequence[Section], new: Sequence[Section]) -> bool:
    """Whether deleting lines of `old` and appending gives `new`."""
    lines = [section.line for section in new]
    kept = [section.line for section in old if section.line in lines]
    return lines[: len(kept)] == kept


def negation(line: str) -> str:
    """The line that takes `line` back."""
    if line.startswith("no "):
        return line.removeprefix("no ")
    if line.startswith("banner "):
        return "no " + " ".join(line.split(" ")[:2])
    return f"no {line}"
