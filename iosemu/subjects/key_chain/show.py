"""`show key chain`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from iosemu.box.system import SystemConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.subjects.key_chain.config import KeyChain, KeyChains, Lifetime, clock


def show_key_chain(context: Context, name: str = "") -> Iterator[str]:
    """`show key chain [NAME]`."""
    chains = context.device.config.of(KeyChains).chains
    if name and name not in chains:
        raise CommandError(f"% Key-chain {name} not found")
    now, zone = clock(context.device), context.device.config.of(SystemConfig).timezone.name
    for chain in [chains[name]] if name else chains.values():
        yield from _chain(chain, now, zone)


def _chain(chain: KeyChain, now: datetime, zone: str) -> Iterator[str]:
    yield f"Key-chain {chain.name}:"
    for number in sorted(chain.keys):
        key = chain.keys[number]
        yield f'    key {number} -- text "{key.secret.decode("latin-1")}"'
        yield f"        accept lifetime {_span(key.accept, now, zone)}"
        yield f"        send lifetime {_span(key.send, now, zone)}"


def _span(lifetime: Lifetime | None, now: datetime, zone: str) -> str:
    if lifetime is None:
        return "(always valid) - (always valid) [valid now]"
    until = f"({_moment(lifetime.until, zone)})" if lifetime.until is not None else "(infinite)"
    valid = " [valid now]" if lifetime.holds(now) else ""
    return f"({_moment(lifetime.start, zone)}) - {until}{valid}"


def _moment(when: datetime, zone: str) -> str:
    return f"{when:%H:%M:%S} {zone} {when:%b} {when.day} {when.year}"
