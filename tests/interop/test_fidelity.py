"""docs/fidelity.md says what was measured, and nothing that was read has become unreadable."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "docs" / "fidelity.py"


@pytest.fixture(scope="module")
def fidelity() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT))


def test_nothing_got_worse(fidelity: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert fidelity["check"]() == 0, capsys.readouterr().out


def test_what_got_worse_is_told(fidelity: dict[str, Any]) -> None:
    record = fidelity["read_record"]()
    entry = record["tools"]["ntc-templates"]
    entry["results"] = {"show sdwan control connections": "read", "show clock": "read"}
    assert list(fidelity["worse"](record)) == [
        "show sdwan control connections: it was read by ntc-templates, now: no such command"
    ]


def test_the_page_follows_from_the_record(fidelity: dict[str, Any]) -> None:
    record = {
        "tools": {"genie": {"version": "1", "results": {"show a": "read", "show b": "not read"}}},
        "accepted": {"config": ["one <x:word>", "two"]},
    }
    page = fidelity["page"](record)
    assert "| [genie](#genie) | 1 | 1 | 2 |" in page
    assert "**Read** (1): `show a`" in page
    assert "**Not read** (1): `show b`" in page
    assert "**config**: `one <x:word>` · `two`" in page
