"""Configuration lines that are accepted, shown and saved, and that change nothing here."""

from __future__ import annotations

from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.running_config import default_lines
from iosemu.box.system import SystemConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument
from iosemu.subjects.kept.config import KeptLines

ON_INTERFACES = {
    "ntp": ("broadcast", "multicast", "disable"),
    "ip tcp": ("adjust-mss", "header-compression", "compression-connections"),
}
"""What follows these words under `interface X`, and nowhere else."""


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
    first = rest.partition(" ")[0]
    words = " ".join(context.words).removesuffix(rest).strip()
    if first and any(each.startswith(first) for each in ON_INTERFACES.get(words, ())):
        raise InvalidArgument("rest")
    keep(context)


def keep_here(context: Context, rest: str = "") -> None:
    """A line under `interface X`; of two about the same thing the last one counts."""
    line = " ".join(context.words)
    key = line.removesuffix(rest).strip()
    lines = context.edited(InterfaceConfig).of(KeptLines).lines
    if context.off:
        for each in [each for each in lines if each == key or each.startswith(f"{key} ")]:
            del lines[each]
    else:
        lines[key] = line


def keep_several(context: Context, rest: str = "") -> None:
    """A line under `interface X` of which there may be several: `client` beside `version 2`."""
    line = " ".join(context.words)
    lines = context.edited(InterfaceConfig).of(KeptLines).lines
    if context.off:
        for each in [each for each in lines if each == line or each.startswith(f"{line} ")]:
            del lines[each]
    else:
        lines[line] = line


def keep_unless(context: Context) -> None:
    """A line under `interface X` that holds unless it is taken away, and is shown only then."""
    line = " ".join(context.words)
    lines = context.edited(InterfaceConfig).of(KeptLines).lines
    if context.negated and not context.defaulted:
        lines[line] = f"no {line}"
    else:
        lines.pop(line, None)


def keep_numbers(context: Context, interrupt: int = 0, process: int = 0) -> None:
    """`scheduler allocate A B`: the last one counts."""
    _store(context, "scheduler allocate", " ".join(context.words))


def keep_order(context: Context, order: str = "") -> None:
    """`vlan internal allocation policy …`: the last one counts."""
    _store(context, "vlan internal allocation policy", " ".join(context.words))
