"""What a device acknowledged is on the disk, and what cannot be kept is said so."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from benchmarks.hostile.kills import lost
from iosemu.box.files import FileSystem, FileSystemError
from iosemu.lab.errors import LabError
from iosemu.lab.lab import STARTUP, Lab
from iosemu.lab.storage import DirectoryStorage, LabState
from iosemu.server import durable
from iosemu.shell.executor import Executor
from iosemu.subjects.access.private_config import PRIVATE_CONFIG

LONG = "x" * 300


def boot(root: Path) -> Lab:
    lab = Lab.load("ipsec-vpn", seed=3, keep=True, state_root=root)
    lab.boot(settle=0)
    return lab


def say(lab: Lab, *lines: str, device: str = "R-A") -> list[str]:
    executor = Executor(lab[device], lab.grammar, privilege=15)
    return [item for line in lines for item in executor.steps(line) if isinstance(item, str)]


def kept_files(lab: Lab) -> dict[str, bytes]:
    """The flash, but for what the box came with."""
    flash = lab["R-A"].flash
    return {path: data for path, data in flash.items() if data is not flash.shipped.get(path)}


def written(lab: Lab) -> set[str]:
    return set(kept_files(lab))


def full_disk(monkeypatch: pytest.MonkeyPatch, number: int = errno.ENOSPC) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(durable.os, "fsync", refuse)


def test_a_kill_after_the_acknowledgement_loses_nothing() -> None:
    assert lost(25) == 0


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("write memory", "nvram:/startup-config"),
        ("copy running-config startup-config", "nvram:/startup-config"),
        ("show clock | redirect flash:a", "flash:a"),
        ("show clock | append flash:a", "flash:a"),
        ("show clock | tee flash:a", "flash:a"),
        ("mkdir flash:d", "flash:/d"),
    ],
)
def test_a_full_disk_is_told_and_keeps_the_old_file(
    command: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = boot(tmp_path)
    say(lab, "write memory", "show version | redirect flash:a")
    before = dict(lab["R-A"].nvram), kept_files(lab)
    say(lab, "configure terminal", "hostname Other", "end")
    with monkeypatch.context() as patch:
        full_disk(patch)
        said = say(lab, "file prompt quiet", "configure terminal", "file prompt quiet", "end", command)
    assert said[-1] == f"%Error opening {place} (No space left on device)"
    assert "[OK]" not in said
    assert (dict(lab["R-A"].nvram), kept_files(lab)) == before
    lab.close()
    again = boot(tmp_path)
    assert again["R-A"].hostname == "R-A"
    assert again["R-A"].flash["a"] == before[1]["a"]
    again.close()


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.EMFILE, "Too many open files"),
        (errno.EROFS, "Read-only file system"),
        (errno.EDQUOT, "No space left on device"),
        (errno.EIO, "I/O error"),
    ],
)
def test_each_reason_has_its_words(
    number: int, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = boot(tmp_path)
    with monkeypatch.context() as patch:
        full_disk(patch, number)
        assert say(lab, "write memory")[-1] == f"%Error opening nvram:/startup-config ({reason})"
    assert say(lab, "write memory")[-1] == "[OK]"
    lab.close()


def test_a_name_of_300_letters(tmp_path: Path) -> None:
    lab = boot(tmp_path)
    assert say(lab, f"show version | redirect flash:{LONG}") == [
        f"%Error opening flash:{LONG} (File name too long)"
    ]
    assert LONG not in lab["R-A"].flash
    lab.close()


def test_a_file_in_the_place_of_the_state_directory(tmp_path: Path) -> None:
    root = tmp_path / "state"
    root.write_text("in the way")
    lab = boot(root)
    assert lab.state is not None
    assert any(str(root) in warning and "IOSEMU_STATE" in warning for warning in lab.state.warnings)
    assert say(lab, "write memory")[-1] == "%Error opening nvram:/startup-config (Not a directory)"
    lab.close()


def test_a_state_directory_has_one_owner(tmp_path: Path) -> None:
    lab = boot(tmp_path)
    with pytest.raises(LabError, match=f"process {os.getpid()} "):
        LabState("ipsec-vpn", tmp_path).open()
    with pytest.raises(LabError, match="in use"):
        LabState("ipsec-vpn", tmp_path).forget()
    lab.close()
    boot(tmp_path).close()


def test_foreign_and_unreadable_files_are_told_and_left_out(tmp_path: Path) -> None:
    lab = boot(tmp_path)
    say(lab, "write memory", "show clock | redirect flash:kept")
    lab.close()
    directory = tmp_path / "labs" / "ipsec-vpn" / "R-A" / "flash"
    (directory / "%zz").write_bytes(b"not by a device")
    (directory / "link").symlink_to("/etc/hostname")
    (directory / f".7{durable.TEMPORARY}").write_bytes(b"half")
    (directory / "%FF").write_bytes(b"no UTF-8")
    again = boot(tmp_path)
    assert written(again) == {"kept"}
    assert again.state is not None
    for name in ("%zz", "link", "%FF"):
        assert any(f"/{name}:" in warning for warning in again.state.warnings)
    assert not (directory / f".7{durable.TEMPORARY}").exists()
    assert (directory / "%zz").exists()
    again.close()


def test_what_is_kept_is_for_its_user_alone(tmp_path: Path) -> None:
    lab = boot(tmp_path)
    say(lab, "write memory", "configure terminal", "crypto key generate rsa label K modulus 512", "end")
    lab.close()
    places = list(tmp_path.rglob("*"))
    assert any(place.name == PRIVATE_CONFIG for place in places)
    for place in places:
        assert place.stat().st_mode & 0o777 == (0o700 if place.is_dir() else 0o600), place


def test_keys_directories_and_names_come_back(tmp_path: Path) -> None:
    lab = boot(tmp_path)
    say(lab, "configure terminal", "crypto key generate rsa label K modulus 512", "end")
    lab["R-A"].flash.make_directory("d")
    lab["R-A"].flash["d/.é %.txt"] = b"text"
    key = lab["R-A"].rsa_keys["K"]
    files = kept_files(lab)
    assert "d/.é" in next(iter(files))
    lab.close()
    again = boot(tmp_path)
    assert kept_files(again) == files
    assert again["R-A"].flash.is_directory("d")
    assert again["R-A"].rsa_keys["K"].modulus == key.modulus
    say(again, "configure terminal", "crypto key zeroize rsa K", "end")
    again.close()


def test_a_corrupt_private_configuration_is_told(tmp_path: Path) -> None:
    lab = boot(tmp_path)
    lab["R-A"].nvram[PRIVATE_CONFIG] = b"{broken"
    lab.stop("R-A")
    lab.start("R-A")
    assert any("private-config is corrupt" in entry.text for entry in lab["R-A"].syslog.messages)
    assert not lab["R-A"].rsa_keys
    lab.close()


def test_a_restored_snapshot_is_what_is_kept(tmp_path: Path) -> None:
    lab = boot(tmp_path)
    say(lab, "show clock | redirect flash:first")
    snapshot = lab.snapshot()
    say(lab, "show clock | redirect flash:second", "delete /force flash:first")
    lab.restore(snapshot)
    lab.close()
    again = boot(tmp_path)
    assert written(again) == {"first"}
    again.close()


def test_what_a_startup_configuration_makes_is_not_taken_for_saved(tmp_path: Path) -> None:
    lab = boot(tmp_path)
    lab.close()
    assert not (tmp_path / "labs" / "ipsec-vpn" / "SW-1").exists()
    assert STARTUP in lab["SW-1"].nvram


def test_room_is_kept_for_open_files() -> None:
    files = FileSystem(lambda: 0.0, 1000)

    class Open:
        """Whoever has a file open."""

    one, two = Open(), Open()
    files.reserve(one, 600)
    with pytest.raises(FileSystemError, match="No space left on device"):
        files.reserve(two, 500)
    files.reserve(one, 900)
    with pytest.raises(FileSystemError, match="No space"):
        files["a"] = bytes(200)
    files.reserve(one, 0)
    files["a"] = bytes(1000)
    files["a"] = bytes(1000)
    files.move("a", files, "b")
    assert set(files) == {"b"}


def test_a_move_that_fails_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = FileSystem(lambda: 0.0, 1000)
    files.storage = DirectoryStorage(tmp_path)
    files["a"] = b"data"
    with monkeypatch.context() as patch:
        full_disk(patch)
        with pytest.raises(FileSystemError):
            files.move("a", files, "b")
    assert dict(files) == {"a": b"data"}
    assert dict(DirectoryStorage(tmp_path).read()) == {"a": b"data"}
