"""Accounts: nothing that opens is kept in clear, and what the command line changes counts at once."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from iosemu.farm.accounts import Account, Accounts, hashed
from iosemu.lab.errors import LabError


async def test_passwords_and_tokens(tmp_path: Path) -> None:
    accounts, others = Accounts(tmp_path / "a.json"), Accounts(tmp_path / "a.json")
    assert await accounts.password("ada", "whatever") is None
    token = others.issue("ada", "student")
    with others.changing() as known:
        known["tess"] = Account("tess", "teacher", hashed("long enough"))
    text = (tmp_path / "a.json").read_text()
    assert token not in text
    assert "long enough" not in text
    assert (tmp_path / "a.json").stat().st_mode & 0o077 == 0
    assert await accounts.password("ada", token) == "student"
    assert await accounts.password("tess", token) is None
    assert await accounts.password("ada", token + "x") is None
    for _ in range(2):  # the second time it is remembered
        assert await accounts.password("tess", "long enough") == "teacher"
        assert await accounts.password("tess", "long enough.") is None
        assert await accounts.password("ada", "long enough") is None
    again = others.issue("ada", "student")
    assert await accounts.password("ada", token) is None
    assert await accounts.password("ada", again) == "student"
    with others.changing() as known:
        del known["tess"]
    assert await accounts.password("tess", "long enough") is None


def test_bad_ones_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="8 to 256"):
        hashed("short")
    accounts = Accounts(tmp_path / "a.json")
    accounts.issue("ada", "student")
    with contextlib.suppress(RuntimeError), accounts.changing() as known:
        known.clear()
        raise RuntimeError
    assert list(accounts.all()) == ["ada"]
    (tmp_path / "a.json").write_text("[")
    with pytest.raises(LabError, match="damaged"):
        Accounts(tmp_path / "a.json").all()
