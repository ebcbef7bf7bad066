"""Configuration lines that are accepted, shown and saved, and that change nothing here."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.running_config import default_lines
from iosemu.box.system import SystemConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import Enter, InvalidArgument
from iosemu.subjects.kept.config import INITIAL, Block, KeptLines

ON_INTERFACES = {
    "ntp": ("broadcast", "multicast"),
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
    key = context.words_before(rest)
    _store(context, key, words)


def keep_all(
    context: Context,
    rest: str = "",
    name: str = "",
    percent: int = 0,
    address: IPv4Address | None = None,
    port: int = 0,
) -> None:
    """A line of which there may be several: each stands by itself."""
    first = rest.partition(" ")[0]
    words = context.words_before(rest)
    if first and any(each.startswith(first) for each in ON_INTERFACES.get(words, ())):
        raise InvalidArgument("rest")
    keep(context)


def keep_radius(context: Context, kind: str, rest: str = "") -> None:
    """`radius-server WORD …`, `tacacs-server WORD …`: each line stands by itself."""
    keep(context)


def keep_here(context: Context, rest: str = "") -> None:
    """A line under `interface X`; of two about the same thing the last one counts."""
    line = " ".join(context.words)
    key = context.words_before(rest)
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


def _one(context: Context, told: int) -> None:
    """A line of which there is one: its last `told` words are its value."""
    line = " ".join(context.words)
    key = " ".join(context.words[:-told]) if told else line
    _store(context, key, line)


def keep_count(context: Context, count: int | None = None, kind: str = "", log: bool = False) -> None:
    """A number: the last one counts."""
    told = 0 if count is None else len(context.words) - context.words.index(str(count))
    _one(context, told)


def keep_choice(context: Context, number: str = "", mode: str = "") -> None:
    """One of a few words: the last one counts."""
    _one(context, 1 if number or mode else 0)


def keep_interface_name(context: Context, interface: str = "") -> None:
    """The name of an interface: the last one counts."""
    _one(context, 1 if interface else 0)


BLOCKS = {
    "gatekeeper": "config-gk",
    "gateway": "config-gateway",
    "sip-ua": "config-sip-ua",
    "voice-card": "config-voicecard",
    "mgcp profile": "config-mgcp-profile",
}
"""The mode that the head of a block leads to."""


def block(context: Context, name: str = "", protocol: str = "", slot: int = 0) -> list[Enter] | None:
    """The head of a block of lines."""
    kept: dict[str, str] = context.device.config.of(SystemConfig).kept
    head = " ".join(context.words)
    if context.off:
        for key in [key for key in kept if key == head or key.startswith(f"{head} ")]:
            del kept[key]
        return None
    if head not in kept:
        kept[head] = "\n".join((head, *(f" {line}" for line in INITIAL.get(head, ())), "!"))
    mode = next(mode for words, mode in BLOCKS.items() if head.startswith(words))
    return [Enter(mode, Block(kept, head))]


def block_line(context: Context, rest: str = "") -> None:
    """A line of a block, of which there is one: a new one takes the place of the old."""
    words = " ".join(context.words)
    key = context.words_before(rest)
    context.edited(Block).store(key, words, context.negated, context.defaulted)


def block_all(context: Context, rest: str = "") -> None:
    """A line of a block, of which there may be several."""
    words = " ".join(context.words)
    context.edited(Block).store(words, words, context.negated, context.defaulted)


BY_ITSELF = ("mop enabled", "ip route-cache", "ip route-cache cef")
"""Lines of an interface that are in force unless it says `no`."""


def keep_of_interface(
    context: Context, direction: str = "", rate: int | None = None, kind: str = "", count: int | None = None
) -> None:
    """A line under `interface X`."""
    facet = context.edited(InterfaceConfig).of(KeptLines)
    line = " ".join(context.words)
    told = str(rate if rate is not None else count)
    key = " ".join(word for word in context.words if word != told)
    if line.startswith("media-type"):
        key = "media-type"
    if context.defaulted:
        facet.lines.pop(key, None)
    elif context.negated:
        if key in facet.lines:
            del facet.lines[key]
        elif key in (*BY_ITSELF, "fair-queue"):
            facet.lines[key] = f"no {line}"
    else:
        facet.lines.pop(key, None)
        if key not in BY_ITSELF:
            facet.lines[key] = line


def keep_disabled(
    context: Context, port: int = 0, protocol: str = "", access_list: int | None = None, kind: str = ""
) -> None:
    """A line that holds unless it is taken away, and is shown only then."""
    line = " ".join(context.words)
    kept: dict[str, str] = context.device.config.of(SystemConfig).kept
    if context.negated and not context.defaulted:
        kept[line] = f"no {line}"
    else:
        kept.pop(line, None)


def keep_service(
    context: Context, port: int = 0, protocol: str = "", access_list: int | None = None, kind: str = ""
) -> None:
    """A line that holds once it is typed; `no` takes it away."""
    line = " ".join(context.words)
    kept: dict[str, str] = context.device.config.of(SystemConfig).kept
    kept.pop(line, None)
    if not context.off:
        kept[line] = line


def keep_kind(context: Context, kind: str, rest: str = "") -> None:
    """A line that begins with one of several words; each stands by itself."""
    keep(context)
