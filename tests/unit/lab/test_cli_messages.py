"""What `iosemu` says when it is refused."""

import sys
from pathlib import Path

import pytest

from iosemu.lab import cli
from iosemu.lab.commands import console


def test_a_caret_stands_under_what_was_typed() -> None:
    said = console.refused("advance soon", "\n        ^\n% Invalid input detected at '^' marker.\n\n")
    assert said.splitlines()[:2] == ["advance soon", "        ^"]


def test_other_refusals_stand_alone() -> None:
    assert console.refused("power off R-Z", "% there is no node 'R-Z'\n") == "% there is no node 'R-Z'\n"


def test_files_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "missing" / "vpn.svg"
    monkeypatch.setattr(sys, "argv", ["iosemu", "graph", "ipsec-vpn", "-w", str(missing)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    assert f"iosemu: {missing}: No such file or directory" in capsys.readouterr().err.replace("\n", "")
