"""What labs keep in a store: an archive each, which follows what is saved, and which another worker goes on from."""

from __future__ import annotations

import asyncio
import tarfile
import threading
from pathlib import Path

import pytest
from farming import bench, typing, until

pytest.importorskip("fsspec", reason="pip install 'iosemu[ray]'")

import fsspec
from farming import class_file

from iosemu.farm import luggage
from iosemu.farm.class_file import read
from iosemu.farm.hosted import State
from iosemu.farm.store import Mirror, Store, is_url, path_of
from iosemu.lab import archive
from iosemu.lab.errors import LabError


def test_urls_and_paths() -> None:
    assert is_url("s3://bucket/path")
    assert not is_url("/srv/iosemu")
    assert not is_url("file:///srv/iosemu")
    assert path_of("file:///srv/iosemu") == Path("/srv/iosemu")
    with pytest.raises(LabError, match="nowhere"):
        Store("nowhere://x")


def test_an_archive_holds_files_and_directories_and_nothing_leads_out_of_it(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "a" / "empty").mkdir(parents=True)
    (source / "a" / "b").write_bytes(b"x" * 1000)
    (source / ".lock").write_text("not this")
    packed = archive.pack(source)
    assert packed == archive.pack(source)
    archive.unpack(packed, tmp_path / "copy")
    assert {path.relative_to(tmp_path / "copy").as_posix() for path in (tmp_path / "copy").rglob("*")} == {
        "a",
        "a/b",
        "a/empty",
    }
    assert (tmp_path / "copy" / "a" / "b").read_bytes() == b"x" * 1000
    with pytest.raises(LabError, match="more than 0 MB"):
        archive.pack(source, most=999)
    evil = tmp_path / "evil.tar.gz"
    with tarfile.open(evil, "w:gz") as made:
        made.addfile(tarfile.TarInfo("../outside"))
    with pytest.raises(tarfile.TarError, match="does not belong"):
        archive.unpack(evil.read_bytes(), tmp_path / "copy")


async def test_a_mirror_follows_and_tries_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store("memory://mirror")
    mirror = Mirror(store, "labs/ada", tmp_path / "ada")
    await mirror.fetch()
    assert list((tmp_path / "ada").iterdir()) == []
    (tmp_path / "ada" / "file").write_text("1")
    works = threading.Event()
    kept = store.put

    def put(name: str, data: bytes) -> None:
        if not works.is_set():
            raise ConnectionError("the store is down")
        kept(name, data)

    monkeypatch.setattr(store, "put", put)
    mirror.changed()
    assert not await mirror.settled(0.01)
    works.set()
    assert await mirror.settled(60)
    other = Mirror(store, "labs/ada", tmp_path / "other")
    await other.fetch()
    assert (tmp_path / "other" / "file").read_text() == "1"
    store.put("labs/ada.tar.gz", b"\x1f\x8bdamaged")
    with pytest.raises(LabError, match=r"ada\.tar\.gz"):
        await other.fetch()
    assert (tmp_path / "other" / "file").read_text() == "1"  # and nothing is thrown away


async def test_a_lab_goes_on_elsewhere(tmp_path: Path) -> None:
    url = "memory://elsewhere"
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir(), second.mkdir()
    async with bench(first, state=url) as made:
        async with made.ssh("ada+R1") as connection, typing(connection, "R1#") as terminal:
            for line, prompt in (("configure terminal", "#"), ("hostname Kept", "#"), ("end", "Kept#")):
                await terminal.type(line, prompt)
            assert "[OK]" in await terminal.type("write memory", "Kept#")
            # it is in the store before it is said
            with fsspec.open(f"{url}/labs/ada.tar.gz") as file, tarfile.open(fileobj=file) as kept:
                members = kept.getnames()
            assert "labs/pair/R1/nvram/startup-config" in members
            await terminal.type("configure terminal", "#")
            await terminal.type("hostname Aside", "Aside(config)#")
        await made.worker.labs["ben"].stop(State.STOPPED, "enough")
    async with bench(second, state=url) as made:
        assert "hostname Aside" in await made.run("ada+R1", "show running-config")
        assert "hostname Kept" in await made.run("ada+R1", "show startup-config")
        assert "enough" in await made.run("ben+R1", "show clock")  # what a teacher stopped stays so
        await made.worker.labs["ada"].restore()
        assert "hostname R1" in await made.run("ada+R1", "show running-config")


async def test_a_store_that_is_away_stops_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = threading.Event()
    away.set()
    get = Store.get

    def got(store: Store, name: str) -> bytes | None:
        if away.is_set() and "ada" in name:
            raise TimeoutError("no answer")
        return get(store, name)

    monkeypatch.setattr(Store, "get", got)
    async with bench(tmp_path, state="memory://away") as made:
        assert "no answer" in await made.run("ada+R1", "show clock")
        assert "hostname R1" in await made.run("ben+R1", "show running-config")
        away.clear()
        await until(lambda: made.worker.labs["ada"].state is State.RUNNING)
        assert made.worker.labs["ada"].why == ""


def test_lab_files_travel_with_what_they_read_and_nothing_else(tmp_path: Path) -> None:
    path = class_file(tmp_path, "students: [ada, {name: ben, lab: static-routes}]\n")
    (tmp_path / "tokens.csv").write_text("secret")
    (tmp_path / "r1.cfg").write_text("hostname FromFile\n")
    pair = (tmp_path / "pair.yaml").read_text()
    (tmp_path / "base.yaml").write_text(pair)
    (tmp_path / "pair.yaml").write_text("extends: base.yaml\nnodes:\n  PC: {model: c2811, config: r1.cfg}\n")
    found = read(path)
    packed = luggage.packed(found.orders.values())
    ada, ben = packed.unpacked(found.orders.values(), tmp_path / "there")
    assert {each.name for each in (tmp_path / "there").iterdir()} == {"pair.yaml", "base.yaml", "r1.cfg"}
    assert ada.file == tmp_path / "there" / "pair.yaml"
    assert ben.file == found.orders["ben"].file


async def test_writes_wait_for_no_one(tmp_path: Path) -> None:
    """Output is held until it is kept; other terminals are not."""
    async with bench(tmp_path, state="memory://held") as made:
        hosted = made.worker.labs["ada"]
        async with made.ssh("ada+R1") as connection, typing(connection, "R1#") as terminal:
            assert hosted.mirror is not None
            await hosted.mirror.settled()
            hosted.mirror._kept.clear()
            typed = asyncio.create_task(terminal.type("show clock", "R1#"))
            assert "hostname R1" in await made.run("ben+R1", "show running-config")
            assert not typed.done()
            hosted.mirror._kept.set()
            assert "UTC" in await typed
