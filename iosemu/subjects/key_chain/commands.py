"""`key chain NAME`, and what is typed in it."""

from __future__ import annotations

from datetime import datetime

from iosemu.box.passwords import Password, well_formed
from iosemu.box.time_zone import month_number
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Effect, Enter, InvalidArgument, Leave
from iosemu.subjects.key_chain.config import ChainKey, KeyChain, KeyChains, Lifetime


def key_chain(context: Context, name: str) -> list[Enter]:
    """`[no] key chain NAME`."""
    chains = context.device.config.of(KeyChains).chains
    if context.off:
        chains.pop(name, None)
        return []
    return [Enter("config-keychain", chains.setdefault(name, KeyChain(name)))]


def key(context: Context, number: int) -> list[Effect]:
    """`[no] key N`, in a chain or in one of its keys."""
    if isinstance(context.target, ChainKey):
        return [Leave(), *_key(_chain_of(context, context.target), number, context.off)]
    return _key(context.edited(KeyChain), number, context.off)


def _chain_of(context: Context, key: ChainKey) -> KeyChain:
    """The chain that a key is in; one that is no longer in any is in a new one that nobody sees."""
    chains = context.device.config.of(KeyChains).chains.values()
    return next((chain for chain in chains if chain.keys.get(key.number) is key), KeyChain(""))


def _key(chain: KeyChain, number: int, off: bool) -> list[Effect]:
    if off:
        chain.keys.pop(number, None)
        return []
    return [Enter("config-keychain-key", chain.keys.setdefault(number, ChainKey(number)))]


def key_string(context: Context, encoding: str = "", text: str = "") -> None:
    """`[no] key-string [0 | 7] TEXT`."""
    target = context.edited(ChainKey)
    if context.off:
        target.string = None
        return
    kind = int(encoding or 0)
    if kind == 7 and not well_formed(7, text):
        raise CommandError("Invalid encrypted keystring")
    target.string = Password(kind, text)


def lifetime(
    context: Context,
    which: str,
    local: bool = False,
    start: tuple[int, int, int] = (0, 0, 0),
    month: str = "",
    day: int = 0,
    year: int = 0,
    infinite: bool = False,
    seconds: int | None = None,
    end: tuple[int, int, int] = (0, 0, 0),
    last_month: str = "",
    last_day: int = 0,
    last_year: int = 0,
) -> None:
    """`[no] accept-lifetime | send-lifetime START (END | duration N | infinite)`."""
    value = None
    if not context.off:
        begin = _moment(start, day, month, year, "day")
        until = _moment(end, last_day, last_month, last_year, "last_day") if last_month else None
        if until is not None and until < begin:
            raise CommandError("%Invalid lifetime: end time is earlier than start time")
        value = Lifetime(begin, until, seconds)
    target = context.edited(ChainKey)
    if which == "accept-lifetime":
        target.accept = value
    else:
        target.send = value


def _moment(clock: tuple[int, int, int], day: int, month: str, year: int, argument: str) -> datetime:
    try:
        return datetime(year, month_number(month), day, *clock)
    except ValueError:
        raise InvalidArgument(argument) from None
