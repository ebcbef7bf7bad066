"""`debug crypto isakmp | ipsec | engine` and its end."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.nat.service import Nat

NAMES = {"isakmp": "Crypto ISAKMP", "ipsec": "Crypto IPSEC", "engine": "Crypto Engine"}


def debug(context: Context, subject: str) -> str:
    """`debug crypto SUBJECT`: events become messages of severity 7."""
    context.device.service(CryptoEngine).debug.subjects.add(subject)
    return f"{NAMES[subject]} debugging is on"


def undebug(context: Context, subject: str) -> str:
    """`no debug crypto SUBJECT`, `undebug crypto SUBJECT`."""
    context.device.service(CryptoEngine).debug.subjects.discard(subject)
    return f"{NAMES[subject]} debugging is off"


def undebug_all(context: Context) -> str:
    """`undebug all`, `no debug all`."""
    context.device.service(CryptoEngine).debug.subjects.clear()
    context.device.service(Nat).debugging = False
    return "All possible debugging has been turned off"


def show_debugging(context: Context) -> Iterator[str]:
    """`show debugging`."""
    subjects = [
        NAMES[subject] for subject in NAMES if subject in context.device.service(CryptoEngine).debug.subjects
    ]
    if subjects:
        yield ""
        yield "Cryptographic Subsystem:"
        for name in subjects:
            yield f"  {name} debugging is on"
    if context.device.service(Nat).debugging:
        yield ""
        yield "Generic IP:"
        yield "  IP NAT debugging is on"
