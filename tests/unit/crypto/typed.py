"""Typing into routers of a test: configuration and shows, through the real grammar."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path

from iosemu.parser.loader import Grammar
from iosemu.shell.loader import load

GRAMMAR = Path(__file__).parents[3] / "grammar"


def resolver(package: str):
    def resolve(name: str):
        stem, _, attribute = name.partition(".")
        try:
            return getattr(importlib.import_module(f"{package}.{stem}"), attribute)
        except (ImportError, AttributeError) as error:
            raise LookupError(str(error)) from error

    return resolve


@cache
def grammar() -> Grammar:
    return Grammar.load([GRAMMAR], resolver("iosemu.features"), resolver("iosemu.device.config"))


def configure(router, text: str) -> None:
    """Type configuration lines; nothing may be refused."""
    refused = load(router, grammar(), text)
    assert not refused, refused
