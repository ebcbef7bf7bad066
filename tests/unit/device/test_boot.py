"""What a box starts from."""

from __future__ import annotations

from pathlib import Path

import pytest

from iosemu.lab.lab import Lab
from iosemu.shell.console_line import boot_messages
from iosemu.subjects.boot.config import BootFile
from iosemu.subjects.boot.service import Boot

LAB = """
name: boot
nodes:
  R1:
    model: c2811
    startup: |
      hostname R1
      interface FastEthernet0/0
       ip address 10.0.0.1 255.255.255.0
  SRV: {model: server, startup: "ipconfig 10.0.0.100 255.255.255.0", services: {tftp: true, folder: served}}
links:
  - endpoints: ["R1:Fa0/0", "SRV:Fa0"]
"""
IMAGE = b"\x7fELF" + bytes(2000)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    served = tmp_path / "served"
    served.mkdir()
    (served / "image.bin").write_bytes(IMAGE)
    (tmp_path / "lab.yaml").write_text(LAB)
    lab = Lab.load(tmp_path / "lab.yaml", seed=1)
    flash = lab["R1"].flash
    flash.clear()
    flash.shipped = {"mine.bin": IMAGE}
    flash.insert("mine.bin", IMAGE)
    lab.boot()
    return lab


def type_and_restart(lab: Lab, *lines: str) -> None:
    from iosemu.shell.loader import load_lines

    assert not load_lines(lab["R1"], lab.grammar, lines)
    list(lab["R1"].commander("test").steps("write memory"))  # type: ignore[misc]
    lab.stop("R1")
    lab.start("R1")
    lab.scheduler.run_until(lab.scheduler.now + 60)


def test_the_first_file_in_flash_runs(lab: Lab) -> None:
    assert lab["R1"].booted_image == "flash:mine.bin"


def test_an_image_comes_from_a_server(lab: Lab) -> None:
    type_and_restart(lab, "boot system tftp image.bin 10.0.0.100", "boot system flash:mine.bin")
    assert lab["R1"].booted_image == "tftp://10.0.0.100/image.bin"


def test_an_image_comes_from_whoever_has_it(lab: Lab) -> None:
    type_and_restart(lab, "boot system tftp image.bin")
    assert lab["R1"].booted_image == "tftp://255.255.255.255/image.bin"


def test_what_cannot_be_loaded_is_passed_by(lab: Lab) -> None:
    lab["R1"].flash["text.bin"] = b"no image\n"
    type_and_restart(
        lab,
        "boot system flash:missing.bin",
        "boot system flash:text.bin",
        "boot system flash:mine.bin",
        "boot system flash:never.bin",
    )
    said = lab["R1"].service(Boot).refusals
    assert said == [
        "loadprog: error - on file open",
        'boot: cannot load "flash:missing.bin"',
        "",
        "loadprog: bad file magic number:      0x0",
        'boot: cannot load "flash:text.bin"',
        "",
    ]
    assert 'boot: cannot load "flash:text.bin"' in list(boot_messages(lab["R1"], lab.grammar))


def test_a_boot_field_of_one_passes_the_list_by(lab: Lab) -> None:
    type_and_restart(lab, "boot system tftp image.bin 10.0.0.100", "config-register 0x2101")
    assert lab["R1"].booted_image == "flash:mine.bin"


def test_a_line_counts_at_the_next_start_only(lab: Lab) -> None:
    from iosemu.shell.loader import load_lines

    load_lines(lab["R1"], lab.grammar, ["boot system tftp image.bin 10.0.0.100"])
    lab.scheduler.run_until(lab.scheduler.now + 60)
    assert lab["R1"].booted_image == "flash:mine.bin"


def test_the_startup_configuration_is_where_boot_config_says(lab: Lab) -> None:
    type_and_restart(lab, "boot config flash:second.text", "hostname ELSEWHERE")
    assert lab["R1"].hostname == "ELSEWHERE"
    assert b"hostname ELSEWHERE" in lab["R1"].flash["second.text"]
    assert b"ELSEWHERE" not in lab["R1"].nvram["startup-config"]
    del lab["R1"].flash["second.text"]
    lab.stop("R1")
    lab.start("R1")
    assert lab["R1"].hostname == "R1"


@pytest.mark.parametrize(
    ("words", "url"),
    [
        ("flash", "flash:"),
        ("flash x.bin", "flash:x.bin"),
        ("flash flash0:x.bin", "flash0:x.bin"),
        ("tftp x.bin 10.0.0.1", "tftp://10.0.0.1/x.bin"),
        ("x.bin", "tftp://255.255.255.255/x.bin"),
        ("x.bin 10.0.0.1", "tftp://10.0.0.1/x.bin"),
        ("ftp://a@10.0.0.1/x.bin", "ftp://a@10.0.0.1/x.bin"),
        ("rom", ""),
    ],
)
def test_words_name_a_file(words: str, url: str) -> None:
    assert BootFile(words).url == url
