"""`aaa …`: method lists for login, enable and authorization."""

from __future__ import annotations

from collections.abc import Iterable

from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument
from iosemu.subjects.access.config import METHODS, AaaConfig


def _aaa(context: Context) -> AaaConfig:
    aaa: AaaConfig = context.device.config.of(AaaConfig)
    return aaa


def methods(words: Iterable[str], extra: Iterable[str] = ()) -> tuple[str, ...]:
    """Method names from words, which may be cut short; `group NAME` is one method.

    Raises InvalidArgument.
    """
    known = (*METHODS, *extra)
    found: list[str] = []
    rest = iter(words)
    for word in rest:
        hits = [name for name in known if name.startswith(word.lower())]
        if word.lower() in known:
            hits = [word.lower()]
        if len(hits) != 1:
            raise InvalidArgument("methods")
        if hits[0] == "group":
            server = next(rest, None)
            if server is None:
                raise InvalidArgument("methods")
            found.append(f"group {server}")
        else:
            found.append(hits[0])
    return tuple(found)


def new_model(context: Context) -> None:
    """`aaa new-model`."""
    _aaa(context).new_model = not context.off


def authentication_login(context: Context, name: str = "default", methods_: tuple[str, ...] = ()) -> None:
    """`aaa authentication login LIST METHOD …`."""
    if context.off:
        _aaa(context).login.pop(name, None)
    else:
        _aaa(context).login[name] = methods(methods_)


def authentication_enable(context: Context, methods_: tuple[str, ...] = ()) -> None:
    """`aaa authentication enable default METHOD …`."""
    _aaa(context).enable = () if context.off else methods(methods_)


def authorization_exec(context: Context, name: str = "default", methods_: tuple[str, ...] = ()) -> None:
    """`aaa authorization exec LIST METHOD …`."""
    if context.off:
        _aaa(context).exec_.pop(name, None)
    else:
        _aaa(context).exec_[name] = methods(methods_, ("if-authenticated",))


def keep(context: Context, rest: str = "") -> None:
    """An `aaa` line without behaviour."""
    line = " ".join(context.words)
    if context.off:
        _aaa(context).commands.pop(line, None)
    else:
        _aaa(context).commands[line] = line
