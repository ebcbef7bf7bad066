"""Passwords as they are typed: `secret 5 $1$…`, `password 7 …`, or in clear."""

from __future__ import annotations

from iosemu.box.passwords import Password, secret, well_formed
from iosemu.box.system import SystemConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError


def make_password(context: Context, kind: str, encoding: str, value: str) -> Password:
    """The stored form of a typed secret or password; CommandError when it is no valid hash."""
    value = value.strip()
    number = int(encoding or 0)
    allowed = (0, 4, 5, 8, 9) if kind == "secret" else (0, 7)
    if number not in allowed:
        raise CommandError(f"ERROR: The {kind} you entered is not of type {number}")
    if number == 7 and not well_formed(number, value):
        raise CommandError(f"Invalid encrypted password: {value}")
    if number and not well_formed(number, value):
        raise CommandError(
            "ERROR: The secret you entered is not a valid encrypted secret.\n"
            f"To enter an UNENCRYPTED secret, do not specify type {number} encryption.\n"
            "When you properly enter an UNENCRYPTED secret, it will be encrypted."
        )
    if number:
        return Password(number, value)
    shortest = context.device.config.of(SystemConfig).minimum_length
    if len(value) < shortest and not context.session.quiet:  # who has a shorter one already keeps it
        raise CommandError(
            f"% Password too short - must be at least {shortest} characters. Password configuration failed"
        )
    if kind == "secret":
        return secret(value, context.device.rng)
    clear = Password(0, value)
    return (
        clear.masked(context.device.rng)
        if context.device.config.of(SystemConfig).password_encryption
        else clear
    )
