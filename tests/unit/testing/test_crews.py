"""Batches of transcripts on a farm: what fails is told with what its lab left, what dies is run again."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from xml.etree import ElementTree

import pytest

from iosemu.lab.errors import LabError
from iosemu.testing.batch import Options
from iosemu.testing.crews import Batch, LocalCrew, LostError, crew, run_all, run_batch
from iosemu.testing.report import Report

GOOD = "@lab pair.yaml\n@device R1\nR1#show clock\n{{…}}\nR1#\n"
BAD = "@lab pair.yaml\n@device R1\nR1#ping 10.0.0.2\nno such answer\nR1#\n"
LAB = """\
name: pair
nodes:
  R1:
    model: c2811
    startup: |
      hostname R1
      username admin privilege 15 password 0 admin
      interface Fa0/0
       ip address 10.0.0.1 255.255.255.0
       no shutdown
      line vty 0 4
       login local
  R2: {model: c2811, config: r2.cfg}
links:
  - endpoints: ["R1:Fa0/0", "R2:Fa0/0"]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pair.yaml").write_text(LAB)
    (tmp_path / "r2.cfg").write_text(
        "hostname R2\ninterface Fa0/0\n ip address 10.0.0.2 255.255.255.0\n no shutdown\n"
    )
    (tmp_path / "good.transcript").write_text(GOOD)
    (tmp_path / "bad.transcript").write_text(BAD)
    (tmp_path / "secret.txt").write_text("stays here")
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Hands:
    """A crew of this process."""

    workers = 2

    def __init__(self, run: Callable[[Batch], list[Report]]) -> None:
        self.run = run
        self.batches: list[Batch] = []

    def submit(self, batch: Batch) -> Future[list[Report]]:
        self.batches.append(batch)
        done: Future[list[Report]] = Future()
        try:
            done.set_result(self.run(batch))
        except LostError as error:
            done.set_exception(error)
        return done

    def close(self) -> None:
        pass


def passed(batch: Batch) -> list[Report]:
    return [Report(Path(name)) for name in batch.files]


def named(reports: Sequence[Report]) -> dict[str, Report]:
    return {report.path.name: report for report in reports}


def test_what_dies_is_run_again_and_the_culprit_is_found() -> None:
    paths = [Path(f"/x/{number}.transcript") for number in range(8)]

    def run(batch: Batch) -> list[Report]:
        if any("5" in name for name in batch.files):
            raise LostError("its process died")
        return passed(batch)

    hands = Hands(run)
    reports = named(list(run_all(paths, Options(), hands, travel=False)))
    assert set(reports) == {path.name for path in paths}
    assert {path.name for path in paths if not reports[path.name].passed} == {"5.transcript"}
    assert "its process died each time it was run (3 times)" in reports["5.transcript"].error
    assert [len(batch.files) for batch in hands.batches] == [4, 4, 1, 1, 1, 1, 1, 1]


def test_what_dies_by_accident_passes() -> None:
    deaths = iter([True, False, True, False])

    def run(batch: Batch) -> list[Report]:
        if next(deaths, False):
            raise LostError("its process died")
        return passed(batch)

    paths = [Path("/x/a.transcript"), Path("/x/b.transcript")]
    reports = list(run_all(paths, Options(), Hands(run), travel=False, share=1))
    assert [report.passed for report in reports] == [True, True]


def test_files_travel_with_what_their_labs_read(folder: Path) -> None:
    here = Path.cwd()
    (folder / "sub").mkdir()
    (folder / "sub" / "other.transcript").write_text(GOOD)
    paths = [folder / "good.transcript", folder / "bad.transcript", Path("sub/other.transcript")]
    hands = Hands(run_batch)
    (reports,) = [list(run_all(paths, Options(direct=True, record=True), hands, travel=True, share=3))]
    assert Path.cwd() == here
    found = named(reports)
    assert found["good.transcript"].passed, found["good.transcript"]
    assert found["other.transcript"].passed
    assert found["good.transcript"].evidence == {}
    bad = found["bad.transcript"]
    assert bad.path == folder / "bad.transcript"
    assert "device answered otherwise" in str(bad)
    assert b"Success rate" in bad.evidence["R1.dialogue.txt"]
    assert bad.evidence["lab.pcapng"][:4] == b"\x0a\x0d\x0d\x0a"
    assert b"stays here" not in hands.batches[0].packed


def test_a_process_that_is_killed_takes_no_other_along(folder: Path) -> None:
    hands = LocalCrew(1)
    try:
        batch = Batch(("good.transcript",), Options(direct=True))
        assert hands.submit(batch).result()[0].passed
        process = hands._idle.get()
        (pid,) = process._processes
        hands._idle.put(process)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(LostError):
            # it may be seen dead at once, or die while it has the batch
            hands.submit(batch).result()
        assert hands.submit(batch).result()[0].passed
    finally:
        hands.close()


def test_the_command(folder: Path, iosemu: Callable[..., object]) -> None:
    done = iosemu("test", "good.transcript", "bad.transcript", "--farm", "local", "-n", "2", "--direct",
                  "--junit", "report.xml")  # fmt: skip
    assert done.returncode == 1  # type: ignore[attr-defined]
    assert "1 of 2 passed" in done.stdout  # type: ignore[attr-defined]
    cases = ElementTree.fromstring((folder / "report.xml").read_text()).findall("testcase")
    assert [case.get("name") for case in cases] == ["good.transcript", "bad.transcript"]
    said = cases[1].findtext("system-out") or ""
    assert "[[ATTACHMENT|report-evidence/2-bad/lab.pcapng]]" in said
    assert "--- R1\n" in said
    assert "Success rate" in said
    assert (folder / "report-evidence" / "2-bad" / "lab.pcapng").stat().st_size > 100
    refused = iosemu("test", "good.transcript", "--farm", "local", "--update")
    assert "leave out --farm" in refused.stderr  # type: ignore[attr-defined]


def test_a_cluster_that_is_not_there() -> None:
    pytest.importorskip("ray")
    with pytest.raises(LabError, match="does not answer"):
        crew("127.0.0.1:1", 1)
