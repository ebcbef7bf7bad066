import asyncio
from pathlib import Path

import pytest
from transcript_fakes import FakeBench

from iosemu.testing import scenario
from iosemu.testing.errors import TranscriptError
from iosemu.testing.report import Report

DEVICES = {
    "R1": {"show x": "one\n#two: 22,\n", "bad line": "     ^\n% Invalid input detected at '^' marker.\n"},
    "R2": {"show y": ""},
}


def folder(tmp_path: Path, checks: str, **files: str) -> Path:
    (tmp_path / "description.txt").write_text("A try.\n")
    (tmp_path / "checks.txt").write_text(checks)
    for name, text in files.items():
        (tmp_path / name.replace("_", ".")).write_text(text)
    return tmp_path


def run(path: Path, bench: FakeBench | None = None) -> Report:
    return asyncio.run(scenario.run(scenario.load(path), bench or FakeBench(DEVICES)))


def test_checks_that_hold(tmp_path: Path) -> None:
    bench = FakeBench(DEVICES)
    path = folder(
        tmp_path,
        "# a comment\n@lab small\n\nR1::show x::^#two: \\d+::YES\nR1::show x::three::NO\nR2::clear all\n"
        "@advance 1h\n@link R1:Fa0/0 down\n@wait until R1: show x contains two\n",
        R2_cfg="interface Fa0/0\n shutdown\n",
    )
    report = run(path, bench)
    assert report.passed, str(report)
    assert bench.log == [
        "lab small fast",
        "R2: configure terminal",
        "R2: interface Fa0/0",
        "R2:  shutdown",
        "R2: end",
        "R1: show x",
        "R1: show x",
        "R2: clear all",
        "advance 3600",
        "link R1:Fa0/0 down",
    ]


def test_checks_that_do_not_hold_name_their_lines(tmp_path: Path) -> None:
    report = run(folder(tmp_path, "@lab small\nR1::show x::three::YES\nR1::show x::one::NO\n"))
    assert [failure.line for failure in report.failures] == [2, 3]
    assert "'show x' does not match 'three'; it printed\none" in str(report)


@pytest.mark.parametrize(
    ("checks", "says"),
    [
        ("R1::show x::one::YES\n", "checks.txt:1: names no lab"),
        ("@lab small\nR1 show x\n", "checks.txt:2: write device::command"),
        ("@lab small\nR1::show x::one\n", "checks.txt:2: a check ends in ::YES"),
        ("@lab small\nR1::show x::(::YES\n", "checks.txt:2: '(' is not a regular expression"),
        ("@lab small\n@device R1\n", "checks.txt:2: @device has no place"),
        ("@lab small\n@wait until show x contains y\n", "checks.txt:2: say on which device"),
        ("@lab small\nR9::show x\n", "checks.txt:2: the lab has no device 'R9'"),
        ("@lab large\n", "there is no lab 'large'"),
    ],
)
def test_errors_name_the_place_and_the_remedy(tmp_path: Path, checks: str, says: str) -> None:
    with pytest.raises(TranscriptError) as caught:
        run(folder(tmp_path, checks))
    assert says in str(caught.value)


def test_a_refused_configuration_line_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError, match=r"R1\.cfg:3: R1 refuses 'bad line'"):
        run(folder(tmp_path, "@lab small\n", R1_cfg="good line\n\nbad line\n"))


def test_lab_yaml_names_its_own_configurations(tmp_path: Path) -> None:
    path = folder(tmp_path, "", lab_yaml="nodes: {R1: {config: R1.cfg}}", R1_cfg="x", R2_cfg="y")
    loaded = scenario.load(path)
    assert loaded.lab.lab == str(path / "lab.yaml")
    assert [device for device, _ in loaded.changes] == ["R2"]
    assert loaded.description == "A try."
