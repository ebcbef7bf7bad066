"""Typing into routers of a test: configuration and shows, through the real grammar."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import SimpleNamespace

from iosemu.handling import resolve
from iosemu.parser.loader import Grammar
from iosemu.parser.renderer import Renderer
from iosemu.shell.loader import load

GRAMMAR = Path(__file__).parents[3] / "grammar"


@cache
def grammar() -> Grammar:
    return Grammar.load([GRAMMAR], resolve.handler, resolve.edited)


def configure(router, text: str) -> None:
    """Type configuration lines; nothing may be refused."""
    refused = load(router, grammar(), text)
    assert not refused, refused


def session() -> SimpleNamespace:
    """What a show asks of its session: how configuration is written."""
    return SimpleNamespace(render=Renderer(grammar()))
