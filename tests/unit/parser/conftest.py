"""Grammars for the parser's tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sample_grammar import CONFIG, EXEC, ISAKMP, Policy

from iosemu.box.interface_types import words_for
from iosemu.parser import Grammar, Situation

TYPES = Path(__file__).parents[3] / "grammar" / "types.yaml"


def handler(name: str) -> Any:
    def run(context: Any, **arguments: Any) -> dict[str, Any]:
        return arguments

    return run


def policy(name: str) -> Any:
    return {"isakmp.Policy": Policy}[name]


Write = Callable[..., Grammar]


@pytest.fixture(scope="session")
def write(tmp_path_factory: pytest.TempPathFactory) -> Write:
    """Load a grammar from texts."""

    def load(*texts: str, resolve: Callable[[str], Any] = handler) -> Grammar:
        directory = tmp_path_factory.mktemp("grammar")
        (directory / "types.yaml").write_text(TYPES.read_text())
        for number, text in enumerate(texts):
            (directory / f"{number}.yaml").write_text(text)
        grammar = Grammar.load([directory], resolve, policy)
        grammar.read()
        return grammar

    return load


@pytest.fixture(scope="session")
def grammar(write: Write) -> Grammar:
    return write(EXEC, CONFIG, ISAKMP)


@pytest.fixture
def router() -> Situation:
    return Situation(
        interfaces=("FastEthernet0/0", "FastEthernet0/1", "FastEthernet0/0.10", "Loopback0", "Vlan1"),
        types=words_for({"Loopback": (0, 2147483647), "Tunnel": (0, 2147483647)}, True),
    )


@pytest.fixture
def switch() -> Situation:
    ports = tuple(f"FastEthernet0/{number}" for number in range(1, 25))
    return Situation(
        kind="switch",
        interfaces=(*ports, "Vlan1"),
        types=words_for({"Vlan": (1, 4094), "Port-channel": (1, 6)}, False),
    )
