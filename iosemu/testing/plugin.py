"""The pytest plugin: collects `*.transcript` and scenario folders, and gives tests a lab."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from iosemu.testing import batch, scenario
from iosemu.testing.background import Background
from iosemu.testing.bench import LabBench
from iosemu.testing.errors import TranscriptError
from iosemu.testing.report import Report
from iosemu.testing.synchronous import SyncLab


class _State:
    """What one pytest process keeps: the event loop's thread and the shared labs."""

    def __init__(self) -> None:
        self._background: Background | None = None
        self._shared: dict[tuple[str, str], SyncLab] = {}

    @property
    def background(self) -> Background:
        if self._background is None:
            self._background = Background()
        return self._background

    def shared(self, name: str, time: str) -> SyncLab:
        if (name, time) not in self._shared:
            self._shared[name, time] = SyncLab(name, time=time, background=self.background)
        return self._shared[name, time]

    def close(self) -> None:
        for lab in self._shared.values():
            lab.close()
        if self._background is not None:
            self._background.close()


_STATE = pytest.StashKey[_State]()


class TranscriptFailed(Exception):  # noqa: N818 - a finding, not a fault of the program
    """Carries a report to where pytest prints it."""

    def __init__(self, report: Report) -> None:
        super().__init__(str(report))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options for transcripts."""
    group = parser.getgroup("iosemu")
    group.addoption(
        "--transcript-direct", action="store_true", help="run transcripts in process, without SSH"
    )
    group.addoption(
        "--transcript-update", action="store_true", help="rewrite expected text of transcripts that differs"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line(
        "markers",
        'lab(name, time="fast", shared=False): the lab of the `lab` fixture; shared keeps it for other tests',
    )
    config.stash[_STATE] = _State()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take shared labs down."""
    state = config.stash.get(_STATE, None)
    if state is not None:
        state.close()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take `*.transcript`, and `checks.txt` where a `description.txt` lies beside it."""
    if file_path.suffix == batch.SUFFIX:
        return TranscriptFile.from_parent(parent, path=file_path)
    if file_path.name == scenario.CHECKS and (file_path.parent / "description.txt").is_file():
        return ScenarioFile.from_parent(parent, path=file_path)
    return None


class TranscriptFile(pytest.File):
    """One transcript."""

    def collect(self) -> Iterator[pytest.Item]:
        """One test."""
        yield TranscriptItem.from_parent(self, name="transcript")


class ScenarioFile(pytest.File):
    """One scenario folder."""

    def collect(self) -> Iterator[pytest.Item]:
        """One test."""
        yield ScenarioItem.from_parent(self, name=self.path.parent.name)


class _Item(pytest.Item):
    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """What differs, without a traceback."""
        if isinstance(excinfo.value, TranscriptFailed | TranscriptError):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the test is."""
        return self.path, 0, f"{self.path.name}"


class TranscriptItem(_Item):
    """Running a transcript."""

    def runtest(self) -> None:
        """Run it on a lab of its own; raises TranscriptFailed."""
        options = batch.Options(
            direct=self.config.getoption("--transcript-direct"),
            update=self.config.getoption("--transcript-update"),
        )
        report = self.config.stash[_STATE].background.run(batch.run_one(self.path, options))
        if not report.passed and report.updated is None:
            raise TranscriptFailed(report)


class ScenarioItem(_Item):
    """Carrying a scenario out."""

    def runtest(self) -> None:
        """Run it in process on a lab of its own; raises TranscriptFailed or TranscriptError."""
        report = self.config.stash[_STATE].background.run(_run_scenario(self.path.parent))
        if not report.passed:
            raise TranscriptFailed(report)


async def _run_scenario(folder: Path) -> Report:
    bench = LabBench(direct=True)
    try:
        return await scenario.run(scenario.load(folder), bench)
    finally:
        await bench.close()


@pytest.fixture
def lab_factory(request: pytest.FixtureRequest) -> Iterator[Callable[..., SyncLab]]:
    """`lab_factory("ipsec-vpn", time="fast")` gives a running lab; it is taken down after the test."""
    state = request.config.stash[_STATE]
    labs: list[SyncLab] = []

    def make(name_or_path: str, time: str = "fast") -> SyncLab:
        labs.append(SyncLab(name_or_path, time=time, background=state.background))
        return labs[-1]

    yield make
    for lab in labs:
        lab.close()


@pytest.fixture
def lab(request: pytest.FixtureRequest, lab_factory: Callable[..., SyncLab]) -> SyncLab:
    """The lab that the test's marker `lab(name, time="fast", shared=False)` asks for."""
    marker = request.node.get_closest_marker("lab")
    if marker is None or len(marker.args) != 1 or not set(marker.kwargs) <= {"time", "shared"}:
        raise pytest.UsageError(
            f"{request.node.nodeid}: say which lab: @pytest.mark.lab('ipsec-vpn'), time= and shared= may follow"
        )
    name, time = str(marker.args[0]), marker.kwargs.get("time", "fast")
    if marker.kwargs.get("shared", False):
        return request.config.stash[_STATE].shared(name, time)
    return lab_factory(name, time)


@pytest.fixture
def ssh_params(lab: SyncLab) -> Callable[..., dict[str, Any]]:
    """`ssh_params("R-A")`: keyword arguments for Netmiko's `ConnectHandler`."""
    return lab.ssh_params
