"""`iosemu check FOLDER`: what of a folder of configurations is understood."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from iosemu.lab.commands.application import application
from iosemu.lab.configured_ports import image_for, model_for
from iosemu.lab.errors import LabError
from iosemu.lab.survey import Survey, keywords, survey

ROUTER = """hostname A
interface GigabitEthernet0/5
 ip address 10.0.0.1 255.255.255.0
 frobnicate 17 times
!
flux capacitor 9
no flux capacitor 10
end
"""
SWITCH = """version 12.2
hostname B
flux capacitor 1
interface FastEthernet0/3
 switchport mode access
 frobnicate Ten
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "a.cfg").write_text(ROUTER)
    (tmp_path / "deep" / "er" / "b-confg").write_text(SWITCH)
    (tmp_path / "good.txt").write_text("hostname C\nno ip domain lookup\n")
    (tmp_path / "README.md").write_text("hostname is not a command here\n")
    (tmp_path / "notes.txt").write_text("buy milk\n")
    (tmp_path / "picture.cfg").write_bytes(b"\x00\x01interface x\n")
    return tmp_path


def found(folder: Path) -> Survey:
    return survey(folder)


def test_lines_and_files_are_counted(folder: Path) -> None:
    seen = found(folder)
    assert [path.name for path in seen.files] == ["a.cfg", "b-confg", "good.txt"]
    assert {path.name for path in seen.others} == {"README.md", "notes.txt", "picture.cfg"}
    assert (seen.lines, len(seen.refused)) == (6 + 6 + 2, 5)
    assert [(each.path.name, each.number) for each in seen.refused] == [
        ("a.cfg", 4), ("a.cfg", 6), ("a.cfg", 7), ("b-confg", 3), ("b-confg", 6),
    ]  # fmt: skip


def test_groups_are_by_block_and_keywords(folder: Path) -> None:
    assert [(group.head, group.words, group.files, len(group.lines)) for group in found(folder).groups] == [
        ("", "flux capacitor", 2, 3),
        ("interface", "frobnicate", 2, 2),
    ]


def test_the_command_prints_a_summary(folder: Path) -> None:
    run = CliRunner().invoke(application(), ["check", str(folder), "--lines"])
    assert run.exit_code == 1
    assert f"{folder}/a.cfg:6: flux capacitor 9: % Invalid input detected at '^' marker." in run.output
    assert (
        "3 configurations, 1 of them understood in whole; 9 of 14 lines understood (64.3 %)\n"
        "3 other files are no configurations\n"
        "\n"
        "Files  Lines  Not understood\n"
    ) in run.output
    assert f"    2      3  flux capacitor   {folder}/a.cfg:6\n" in run.output
    (folder / "a.cfg").unlink()
    (folder / "deep" / "er" / "b-confg").unlink()
    run = CliRunner().invoke(application(), ["check", str(folder)])
    assert (run.exit_code, run.output.splitlines()[0]) == (
        0,
        "1 configurations, 1 of them understood in whole; 2 of 2 lines understood (100.0 %)",
    )


def test_a_folder_without_configurations_is_no_success(tmp_path: Path) -> None:
    run = CliRunner().invoke(application(), ["check", str(tmp_path)])
    assert run.exit_code == 1
    assert "0 configurations" in run.output


def test_an_unknown_model_is_told(folder: Path) -> None:
    with pytest.raises(LabError, match="unknown model 'c9999'; there are: c2811"):
        survey(folder, "c9999")


def test_what_a_configuration_is_for() -> None:
    assert model_for("interface FastEthernet0/0\n ip address 10.0.0.1 255.0.0.0\n") == "c2811"
    assert model_for("interface GigabitEthernet0/0\n") == "c2911"
    assert model_for("interface FastEthernet0/7\n switchport mode access\n") == "catalyst-2960-24tt"
    assert model_for("interface FastEthernet0/7\n no switchport\n") == "catalyst-3560-24ps"
    assert model_for("interface Vlan20\n ip address 10.0.0.1 255.0.0.0\n") == "catalyst-2960-24tt"
    assert (image_for("version 12.4\n"), image_for("version 15.2\n"), image_for("!\n")) == (
        "12.4",
        "15.1",
        None,
    )


def test_keywords_end_at_the_first_value() -> None:
    assert keywords(" no ip route 10.0.0.0 255.0.0.0 Null0") == "ip route"
    assert keywords("crypto ikev2 profile PROFILE") == "crypto ikev2 profile"
    assert keywords("10 permit ip any any") == "10"
