"""What `iosemu` says when it is refused, and what it imports for what it says."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

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


@pytest.mark.parametrize(
    ("words", "unwanted"),
    [
        (["--version"], {"typer", "rich", "yaml", "asyncio", "pydantic"}),
        (["ls"], {"typer", "asyncio", "asyncssh", "pydantic", "jinja2", "iosemu.parser", "iosemu.box"}),
        (["--help"], {"rich", "yaml", "asyncio", "asyncssh", "pydantic", "iosemu.parser", "iosemu.box"}),
    ],
)
def test_simple_questions_import_little(words: list[str], unwanted: set[str]) -> None:
    code = (
        "import sys\nfrom iosemu.lab.cli import main\n"
        f"try: main({words!r})\nexcept SystemExit as left: assert not left.code\n"
        f"found = {unwanted!r} & sys.modules.keys()\nassert not found, found"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_a_pace_is_what_the_clock_knows(iosemu: Callable[..., Any]) -> None:
    refused = iosemu("up", "ipsec-vpn", "--time", "slow")
    assert refused.returncode == 2
    assert "real" in refused.stderr
