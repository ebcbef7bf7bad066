"""`show aaa method-lists` and `show aaa sessions` (outputs/show_aaa_method-lists, show_aaa_sessions)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.subjects.aaa_servers.config import RADIUS, TACACS
from iosemu.subjects.access.accounting import Accounting
from iosemu.subjects.access.config import AaaConfig, AccountingList

GROUP = "group "
LEVELS = range(16)
_AUTHEN = ("PPP", "SGBP", "ARAP", "DOT1X", "EAPOUDP", "8021X")
_AUTHOR = ("NET", "CONN", "IPMOBILE", "RM", "CONFIG", "AUTH_PROXY", "PREAUTH", "FLTSV")
_ACCT = ("AUTH_PROXY", "NET", "CONN", "SYSTEM", "RESOURCE", "RM")


def _words(methods: tuple[str, ...]) -> str:
    shown = []
    for method in methods:
        if method.startswith(GROUP):
            name = method.removeprefix(GROUP)
            shown.append(f"SERVER_GROUP {name}" if name in (RADIUS, TACACS) else f"SERVER_GROUP  {name}")
        else:
            shown.append(f"{method.upper().replace('-', '_')} ")
    return " ".join(shown)


def _lists(lists: Mapping[str, tuple[str, ...]], number: int) -> Iterator[str]:
    for name, methods in lists.items():
        shown = name if name == "default" else f" {name}"
        identity = 0 if name == "default" else number
        yield f"  name={shown} valid=TRUE id={identity:X} :state=ALIVE : {_words(methods)}"
        number += name != "default"


def _acct_lists(lists: Mapping[str, AccountingList], number: int) -> Iterator[str]:
    for name, told in lists.items():
        shown = name if name == "default" else f" {name}"
        action = told.action.upper().replace("-", "_")
        methods = _words(tuple(each for each in told.methods if each.startswith(GROUP)))
        identity = 0 if name == "default" else number
        yield f"  name={shown} valid=TRUE id={identity:X} Action={action} :state=ALIVE : {methods}"
        number += name != "default"


def _authentication(aaa: AaaConfig) -> Iterator[str]:
    yield "authen queue=AAA_ML_AUTHEN_LOGIN"
    yield from _lists(aaa.login, 1)
    yield "authen queue=AAA_ML_AUTHEN_ENABLE"
    if aaa.enable:
        yield from _lists({"default": aaa.enable}, 1)
    for name in _AUTHEN:
        yield f"authen queue=AAA_ML_AUTHEN_{name}"
        if name == "DOT1X" and aaa.dot1x:
            yield from _lists({"default": aaa.dot1x}, 1)
    yield "permanent lists"
    for name, words in (
        ("Permanent Enable None", "ENABLE  NONE "),
        ("Permanent Enable", "ENABLE "),
        ("Permanent None", "NONE "),
        ("Permanent Local", "LOCAL "),
    ):
        yield f"  name= {name} valid=TRUE id=0 :state=ALIVE : {words}"


def _authorization(aaa: AaaConfig) -> Iterator[str]:
    yield "author queue=AAA_ML_AUTHOR_SHELL"
    yield from _lists(aaa.exec_, 1)
    for name in _AUTHOR:
        yield f"author queue=AAA_ML_AUTHOR_{name}"
    for level in LEVELS:
        yield "author queue=AAA_ML_AUTHOR_COMMAND"
        yield from _lists({name: words for (at, name), words in aaa.command_lists.items() if at == level}, 1)
    yield "permanent lists"
    yield "  name= local-list valid=TRUE id=0 :state=ALIVE : LOCAL "


def _accounting(aaa: AaaConfig) -> Iterator[str]:
    yield "acct queue=AAA_ML_ACCT_SHELL"
    yield from _acct_lists(aaa.accounting_exec, 1)
    for name in _ACCT:
        yield f"acct queue=AAA_ML_ACCT_{name}"
        if name == "SYSTEM" and aaa.accounting_system is not None:
            yield from _acct_lists({"default": aaa.accounting_system}, 1)
    for level in LEVELS:
        yield "acct queue=AAA_ML_ACCT_COMMAND"
        here = {name: told for (at, name), told in aaa.accounting_commands.items() if at == level}
        yield from _acct_lists(here, 1)
    yield "permanent lists"
    yield "  name= Permanent None valid=TRUE id=0 Action=NOT_SET :state=ALIVE :"


def show_method_lists(context: Context, kind: str) -> Iterator[str]:
    """`show aaa method-lists accounting|all|authentication|authorization`."""
    aaa = context.device.config.of(AaaConfig)
    if kind in ("authentication", "all"):
        yield from _authentication(aaa)
    if kind in ("authorization", "all"):
        yield from _authorization(aaa)
    if kind in ("accounting", "all"):
        yield from _accounting(aaa)


def show_sessions(context: Context) -> Iterator[str]:
    """`show aaa sessions`."""
    accounting, now = context.device.service(Accounting), context.device.now
    yield f"Total sessions since last reload: {accounting.total}"
    for session in accounting.sessions.values():
        asking = session.asking
        yield f"Session Id: {session.number}"
        yield f"   Unique Id: {session.number}"
        yield f"   User Name: {asking.username or '*not available*'}"
        yield f"   IP Address: {IPv4Address(0) if asking.remote in ('', 'async') else asking.remote}"
        yield f"   Idle Time: {int(now - session.line.last_input)}"
        yield "   CT Call Handle: 0"
