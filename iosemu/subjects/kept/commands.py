"""Configuration lines that are accepted, shown and saved, and that change nothing here."""

from __future__ import annotations

from iosemu.box.running_config import default_lines
from iosemu.box.system import SystemConfig
from iosemu.handling.context import Context


def _store(context: Context, key: str, line: str) -> None:
    kept: dict[str, str] = context.device.config.of(SystemConfig).kept
    previous = kept.get(key)
    if context.defaulted:
        kept.pop(key, None)
    elif context.negated:
        if previous == line and line not in default_lines(context.device):
            del kept[key]
        else:
            kept[key] = f"no {line}"
    else:
        kept[key] = line


def keep(context: Context) -> None:
    """A line of fixed words."""
    line = " ".join(context.words)
    _store(context, line, line)


def keep_rest(context: Context, rest: str = "") -> None:
    """A line of which there is one: a new `rest` takes the place of the old."""
    words = " ".join(context.words)
    key = words.removesuffix(rest).strip() if rest else words
    _store(context, key, words)


def keep_all(context: Context, rest: str = "", name: str = "", percent: int = 0) -> None:
    """A line of which there may be several: each stands by itself."""
    keep(context)


def keep_numbers(context: Context, interrupt: int = 0, process: int = 0) -> None:
    """`scheduler allocate A B`: the last one counts."""
    _store(context, "scheduler allocate", " ".join(context.words))


def keep_order(context: Context, order: str = "") -> None:
    """`vlan internal allocation policy …`: the last one counts."""
    _store(context, "vlan internal allocation policy", " ".join(context.words))
