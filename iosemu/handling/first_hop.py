"""What the lines of HSRP, VRRP and GLBP share: their groups, and how these prove themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv4Network
from typing import Generic, Protocol, TypeVar

from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.passwords import Password, well_formed
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.ip.first_hop import GroupSettings, Timers

LONGEST_TEXT = 8
SettingsT = TypeVar("SettingsT", bound=GroupSettings)


class Port(Protocol[SettingsT]):
    """What an interface has of a protocol."""

    @property
    def groups(self) -> dict[int, SettingsT]:
        """By number."""
        ...


class Groups(Generic[SettingsT]):
    """The groups of the interface that is edited."""

    def __init__(self, port: type[Port[SettingsT]], settings: type[SettingsT]) -> None:
        self._port = port
        self._settings = settings

    def all(self, context: Context) -> dict[int, SettingsT]:
        """By number."""
        return context.edited(InterfaceConfig).of(self._port).groups

    @contextmanager
    def edited(self, context: Context, number: int, *, made: bool = False) -> Iterator[SettingsT]:
        """The group, made for a command that sets something; `made`: for `no` too, where it says something.

        A group of which nothing is configured when the command is done is forgotten.
        """
        groups = self.all(context)
        if context.off and not made:
            each = groups.get(number) or self._settings(number)
        else:
            each = groups.setdefault(number, self._settings(number))
        try:
            yield each
        finally:
            if groups.get(number) == self._settings(number):
                del groups[number]

    def remove(self, context: Context, number: int) -> None:
        """`no standby N` and the like; without `no` they say nothing."""
        if not context.off:
            raise CommandError("% Incomplete command.\n")
        self.all(context).pop(number, None)


def cannot_be_virtual(address: IPv4Address) -> bool:
    """Whether an address is none of a host."""
    return address.is_multicast or address.is_unspecified or address.is_loopback or int(address) >> 28 == 15


def edges(network: IPv4Network) -> tuple[IPv4Address, ...]:
    """The addresses of a subnet that are none of a host."""
    return (network.network_address, network.broadcast_address) if network.prefixlen < 31 else ()


def typed_timers(hello: int | None, hello_ms: int | None, hold: int | None, hold_ms: int | None) -> Timers:
    """`timers [msec] HELLO [msec] HOLD`."""
    every = hello_ms if hello_ms is not None else (hello or 0) * 1000
    held = hold_ms if hold_ms is not None else (hold or 0) * 1000
    if held <= every:
        raise CommandError("% Holdtime must be greater than hellotime")
    return Timers(every, held, hello_ms is not None, hold_ms is not None)


def set_text(context: Context, group: GroupSettings, text: str) -> None:
    """`[no] … authentication text WORD`."""
    if not context.off and len(text) > LONGEST_TEXT:
        raise CommandError("% Authentication string too long: 8 characters at most")
    group.text, group.key, group.key_chain = "" if context.off else text, None, ""
    group.key_timeout = 0


def set_key_string(
    context: Context, group: GroupSettings, encoding: str, text: str, timeout: int = 0
) -> None:
    """`[no] … authentication md5 key-string [0 | 7] KEY [timeout SECONDS]`."""
    kind = int(encoding or 0)
    if not context.off and kind == 7 and not well_formed(7, text):
        raise CommandError("Invalid encrypted keystring")
    group.text, group.key_chain = "", ""
    if timeout and group.key is not None and not context.off:
        group.key_before, group.before_until = group.key, context.device.now + timeout
    group.key = None if context.off else Password(kind, text)
    group.key_timeout = 0 if context.off else timeout


def set_key_chain(context: Context, group: GroupSettings, name: str) -> None:
    """`[no] … authentication md5 key-chain NAME`."""
    group.text, group.key, group.key_chain = "", None, "" if context.off else name
    group.key_timeout = 0


def proof_line(group: GroupSettings, text: str = "text ") -> Iterator[str]:
    """`authentication …`; `text`: what stands before a clear text."""
    if group.key is not None:
        hidden = f"{group.key.type} " if group.key.type else ""
        yield f"authentication md5 key-string {hidden}{group.key.value}{_timeout(group)}"
    elif group.key_chain:
        yield f"authentication md5 key-chain {group.key_chain}"
    elif group.text:
        yield f"authentication {text}{group.text}"


def _timeout(group: GroupSettings) -> str:
    return f" timeout {group.key_timeout}" if group.key_timeout else ""


def numbered(word: str, number: int, lines: Iterable[str]) -> Iterator[str]:
    """Lines of a group as they stand under the interface: `no` comes before the word and the number."""
    for line in lines:
        yield f" no {word} {number} {line[3:]}" if line.startswith("no ") else f" {word} {number} {line}"
