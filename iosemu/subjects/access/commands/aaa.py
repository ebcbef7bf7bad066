"""`aaa …`: method lists for login, enable and authorization."""

from __future__ import annotations

from collections.abc import Iterable

from iosemu.box.debugging import DebugFlag
from iosemu.handling.context import Context
from iosemu.handling.delimited import delimited
from iosemu.handling.effects import InvalidArgument, Steps
from iosemu.subjects.access.config import (
    ACCOUNTING_DEBUG,
    AUTHENTICATION_DEBUG,
    AUTHORIZATION_DEBUG,
    METHODS,
    TRIES,
    AaaConfig,
    AccountingList,
)


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


def authentication_ppp(context: Context, name: str = "default", methods_: tuple[str, ...] = ()) -> None:
    """`aaa authentication ppp LIST METHOD …`."""
    if context.off:
        _aaa(context).ppp.pop(name, None)
        return
    found = methods(methods_)
    if any(each in ("enable", "line") for each in found):
        raise InvalidArgument("methods_")
    _aaa(context).ppp[name] = found


def authentication_dot1x(context: Context, methods_: tuple[str, ...] = ()) -> None:
    """`aaa authentication dot1x default METHOD …`: servers, or everybody."""
    found = () if context.off else methods(methods_)
    if any(each in ("enable", "line", "local-case") for each in found):
        raise InvalidArgument("methods_")
    _aaa(context).dot1x = found


def authentication_enable(context: Context, methods_: tuple[str, ...] = ()) -> None:
    """`aaa authentication enable default METHOD …`."""
    _aaa(context).enable = () if context.off else methods(methods_)


def authorization_exec(context: Context, name: str = "default", methods_: tuple[str, ...] = ()) -> None:
    """`aaa authorization exec LIST METHOD …`."""
    if context.off:
        _aaa(context).exec_.pop(name, None)
    else:
        _aaa(context).exec_[name] = methods(methods_, ("if-authenticated",))


def authorization_commands(
    context: Context, level: int, name: str = "default", methods_: tuple[str, ...] = ()
) -> None:
    """`aaa authorization commands LEVEL LIST METHOD …`."""
    if context.off:
        _aaa(context).command_lists.pop((level, name), None)
    else:
        _aaa(context).command_lists[level, name] = methods(methods_, ("if-authenticated",))


def authorization_config_commands(context: Context) -> None:
    """`aaa authorization config-commands`."""
    _aaa(context).config_commands = not context.off


def authorization_network(context: Context, name: str = "default", methods_: tuple[str, ...] = ()) -> None:
    """`aaa authorization network LIST METHOD …`: where the policies of VPN peers are."""
    if context.off:
        _aaa(context).network.pop(name, None)
    else:
        _aaa(context).network[name] = methods(methods_, ("if-authenticated",))


def authorization_console(context: Context) -> None:
    """`aaa authorization console`."""
    _aaa(context).console = not context.off


def _accounting(action: str, words: tuple[str, ...]) -> AccountingList:
    if action == "none":
        return AccountingList("none")
    told = methods(words, ("broadcast",))
    if any(not each.startswith("group ") and each != "broadcast" for each in told):
        raise InvalidArgument("methods_")
    if not any(each.startswith("group ") for each in told):
        raise InvalidArgument("methods_")
    return AccountingList(action, told)


def accounting_exec(
    context: Context, name: str = "default", action: str = "", methods_: tuple[str, ...] = ()
) -> None:
    """`aaa accounting exec LIST start-stop|stop-only|wait-start|none METHOD …`."""
    if context.off:
        _aaa(context).accounting_exec.pop(name, None)
    else:
        _aaa(context).accounting_exec[name] = _accounting(action, methods_)


def accounting_commands(
    context: Context, level: int, name: str = "default", action: str = "", methods_: tuple[str, ...] = ()
) -> None:
    """`aaa accounting commands LEVEL LIST start-stop|stop-only|wait-start|none METHOD …`."""
    if context.off:
        _aaa(context).accounting_commands.pop((level, name), None)
    else:
        _aaa(context).accounting_commands[level, name] = _accounting(action, methods_)


def accounting_of(context: Context, kind: str, action: str = "", methods_: tuple[str, ...] = ()) -> None:
    """`aaa accounting dot1x|system default start-stop|stop-only|none METHOD …`."""
    setattr(_aaa(context), f"accounting_{kind}", None if context.off else _accounting(action, methods_))


def accounting_update(context: Context, newinfo: bool = False, minutes: int | None = None) -> None:
    """`aaa accounting update [newinfo] [periodic MINUTES]`; it replaces what was typed before."""
    aaa = _aaa(context)
    aaa.update_new, aaa.update_minutes = (False, None) if context.off else (newinfo, minutes)


def _debug(context: Context, flag: DebugFlag) -> str:
    return context.device.debugging.set(flag, not context.silenced)


def debug_authentication(context: Context) -> str:
    """`[no] debug aaa authentication`."""
    return _debug(context, AUTHENTICATION_DEBUG)


def debug_authorization(context: Context) -> str:
    """`[no] debug aaa authorization`."""
    return _debug(context, AUTHORIZATION_DEBUG)


def debug_accounting(context: Context) -> str:
    """`[no] debug aaa accounting`."""
    return _debug(context, ACCOUNTING_DEBUG)


def attempts(context: Context, count: int = TRIES) -> None:
    """`aaa authentication attempts login N`."""
    _aaa(context).attempts = TRIES if context.off else count


def message(context: Context, kind: str, text: str = "") -> Steps:
    """`aaa authentication banner|fail-message`: text between two delimiters, perhaps on several lines."""
    messages = _aaa(context).messages
    if context.off:
        messages.pop(kind, None)
        return
    messages[kind] = yield from delimited(text)


def prompt(context: Context, kind: str, text: str = "") -> None:
    """`aaa authentication username-prompt|password-prompt TEXT`; with blanks it stands in quotes."""
    messages = _aaa(context).messages
    if context.off:
        messages.pop(kind, None)
        return
    stripped = text.strip()
    quoted = len(stripped) > 1 and stripped[0] == stripped[-1] == '"'
    if " " in stripped and not quoted:
        raise InvalidArgument("text")
    messages[kind] = stripped[1:-1] if quoted else stripped


def keep(context: Context, kind: str = "", rest: str = "") -> None:
    """An `aaa` line without behaviour."""
    line = " ".join(context.words)
    if context.off:
        _aaa(context).commands.pop(line, None)
    else:
        _aaa(context).commands[line] = line
