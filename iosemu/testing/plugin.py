"""The pytest plugin: collects `*.transcript` and scenario folders, and gives tests a lab.

Every pytest run of whoever has iosemu installed imports this: what labs need is imported when there is one.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from iosemu.testing.asynchronous import LabSource
    from iosemu.testing.background import Background
    from iosemu.testing.bench import LabBench
    from iosemu.testing.report import Report
    from iosemu.testing.synchronous import SyncLab

SUFFIX = ".transcript"
CHECKS, DESCRIPTION = "checks.txt", "description.txt"

Save = Callable[[Path], list[Path]]
"""Writes what a failing test leaves behind into a folder."""


class _State:
    """What one pytest process keeps: the event loop's thread, the bench of transcripts, and shared labs."""

    def __init__(self) -> None:
        self._background: Background | None = None
        self._benches: dict[bool, LabBench] = {}
        self._shared: dict[tuple[str, str], SyncLab] = {}

    @property
    def background(self) -> Background:
        from iosemu.testing.background import Background

        if self._background is None:
            self._background = Background()
        return self._background

    def bench(self, direct: bool) -> LabBench:
        """The bench for transcripts (over SSH or direct); the lab on it is put back between them."""
        from iosemu.testing.bench import LabBench

        if direct not in self._benches:
            self._benches[direct] = LabBench(direct=direct, record=True)
        return self._benches[direct]

    def shared(self, name: str, time: str) -> SyncLab:
        """The lab of that name that tests of this process share."""
        from iosemu.testing.synchronous import SyncLab

        if (name, time) not in self._shared:
            self._shared[name, time] = SyncLab(name, time=time, background=self.background, record=True)
        return self._shared[name, time]

    def close(self) -> None:
        for lab in self._shared.values():
            lab.close()
        if self._background is not None:
            for bench in self._benches.values():
                self._background.run(bench.close())
            self._background.close()


_STATE = pytest.StashKey[_State]()
_EVIDENCE = pytest.StashKey[dict[str, Save]]()


class TranscriptFailed(Exception):  # noqa: N818 - a finding, not a fault of the program
    """Carries a report to where pytest prints it."""

    def __init__(self, report: Report) -> None:
        super().__init__(str(report))


class _PlainFinder:
    """Imports the modules of iosemu as Python does by itself.

    pytest rewrites the asserts of every package that brings a plug-in, which takes seconds for the 350 modules
    of a lab; none of them is a test.
    """

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where a module of iosemu is; None for any other."""
        return PathFinder.find_spec(name, path, target) if name.startswith("iosemu.") else None


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Stand before pytest's own finder, until the process ends."""
    if not any(isinstance(finder, _PlainFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _PlainFinder())


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options for transcripts and artifacts."""
    group = parser.getgroup("iosemu")
    group.addoption(
        "--transcript-direct", action="store_true", help="run transcripts in process, without SSH"
    )
    group.addoption(
        "--transcript-update", action="store_true", help="rewrite expected text of transcripts that differs"
    )
    group.addoption(
        "--lab-artifacts",
        metavar="DIR",
        type=Path,
        help="where failing tests leave the logs, packets and keys of their labs (default: pytest's base "
        "temporary directory)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line(
        "markers",
        'lab(name, time="fast", shared=False): the lab of the `lab` fixture; shared keeps it for other tests',
    )
    config.addinivalue_line(
        "markers", "faults: the test provokes faults of iosemu in its lab; without it they fail the test"
    )
    config.stash[_STATE] = _State()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take shared labs down."""
    state = config.stash.get(_STATE, None)
    if state is not None:
        state.close()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take `*.transcript`, and `checks.txt` where a `description.txt` lies beside it."""
    if file_path.suffix == SUFFIX:
        return TranscriptFile.from_parent(parent, path=file_path)
    if file_path.name == CHECKS and (file_path.parent / DESCRIPTION).is_file():
        return ScenarioFile.from_parent(parent, path=file_path)
    return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach the logs of a failing test's labs, and where their packets and keys are."""
    report = yield
    savers = item.stash.get(_EVIDENCE, {})
    if report.when != "call" or not report.failed or not savers:
        return report
    root = _artifacts(item)
    for number, (name, save) in enumerate(savers.items()):
        folder = root / re.sub(r"[^\w.-]+", "_", item.nodeid) / re.sub(r"[^\w.-]+", "_", f"{number}-{name}")
        try:
            files = save(folder)
        except (OSError, ValueError) as error:
            report.sections.append((f"lab {name}", f"its evidence could not be saved: {error}"))
            continue
        for file in files:
            if file.name.endswith(".dialogue.txt"):
                name_of = file.name.removesuffix(".dialogue.txt")
                report.sections.append(
                    (f"lab {name}: dialogue with {name_of}", file.read_text(encoding="utf-8"))
                )
            elif file.suffix == ".log":
                report.sections.append((f"lab {name}: log of {file.stem}", file.read_text(encoding="utf-8")))
        if files:
            report.sections.append((f"lab {name}: files", "\n".join(str(file) for file in files)))
    return report


def _artifacts(item: pytest.Item) -> Path:
    chosen: Path | None = item.config.getoption("--lab-artifacts")
    if chosen is not None:
        return item.config.invocation_params.dir / chosen
    factory: pytest.TempPathFactory = item.config._tmp_path_factory  # type: ignore[attr-defined]
    return factory.getbasetemp() / "iosemu"


def _leaves(item: pytest.Item, name: str, save: Save) -> None:
    item.stash.setdefault(_EVIDENCE, {})[name] = save


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
        from iosemu.testing.errors import TranscriptError

        if isinstance(excinfo.value, TranscriptFailed | TranscriptError):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the test is."""
        return self.path, 0, self.name

    def _bench(self, direct: bool) -> LabBench:
        state = self.config.stash[_STATE]
        bench = state.bench(direct)
        before = bench.uses

        def save(folder: Path) -> list[Path]:
            if bench.uses == before:  # it failed before it had a lab: what is there is another test's
                return []
            return state.background.run(bench.save_evidence(folder))

        _leaves(self, "of the test", save)
        return bench


class TranscriptItem(_Item):
    """Running a transcript."""

    def runtest(self) -> None:
        """Run it on a lab as new; raises TranscriptFailed."""
        from iosemu.testing import batch

        options = batch.Options(
            direct=self.config.getoption("--transcript-direct"),
            update=self.config.getoption("--transcript-update"),
        )
        work = batch.run_one(self.path, options, self._bench(options.direct))
        report = self.config.stash[_STATE].background.run(work)
        if not (report.renewed if options.update else report.passed):
            raise TranscriptFailed(report)


class ScenarioItem(_Item):
    """Carrying a scenario out."""

    def runtest(self) -> None:
        """Run it in process on a lab as new; raises TranscriptFailed or TranscriptError."""
        from iosemu.testing import scenario

        work = scenario.run(scenario.load(self.path.parent), self._bench(direct=True))
        report = self.config.stash[_STATE].background.run(work)
        if not report.passed:
            raise TranscriptFailed(report)


@pytest.fixture
def lab_factory(request: pytest.FixtureRequest) -> Iterator[Callable[..., SyncLab]]:
    """`lab_factory("ipsec-vpn", time="fast", seed=None)` gives a running lab, taken down after the test.

    A path is relative to the test's file.
    """
    from iosemu.testing.synchronous import SyncLab

    state = request.config.stash[_STATE]
    labs: list[SyncLab] = []

    def make(lab: LabSource, **options: Any) -> SyncLab:
        beside = request.path.parent / lab if isinstance(lab, str | Path) else None
        source = beside if beside is not None and beside.exists() else lab
        made = SyncLab(source, background=state.background, record=True, **options)
        labs.append(made)
        _tell_refused(made)
        _leaves(request.node, str(made.lab.topology.lab.name), made.save_evidence)
        return made

    yield make
    faults = [fault for lab in labs for fault in lab.take_faults()]
    for lab in labs:
        lab.close()
    _no_faults(request, faults)


def _tell_refused(lab: SyncLab) -> None:
    """Warn of the startup lines that the devices of a lab did not take: the test runs without them."""
    from iosemu.testing.errors import RefusedLinesWarning

    for device, errors in lab.lab.core.errors.items():
        for error in errors:
            warnings.warn(RefusedLinesWarning(device, error), stacklevel=3)


def _no_faults(request: pytest.FixtureRequest, faults: Sequence[object]) -> None:
    """Fail a test in whose labs iosemu itself failed, unless it is there for that."""
    if faults and request.node.get_closest_marker("faults") is None:
        pytest.fail("\n".join(map(str, faults)), pytrace=False)


@pytest.fixture
def lab(request: pytest.FixtureRequest, lab_factory: Callable[..., SyncLab]) -> Iterator[SyncLab]:
    """The lab that the test's marker `lab(name, time="fast", shared=False)` asks for."""
    marker = request.node.get_closest_marker("lab")
    known = {"time", "shared", "seed"}
    if marker is None or len(marker.args) != 1 or not set(marker.kwargs) <= known:
        raise pytest.UsageError(
            f"{request.node.nodeid}: say which lab: @pytest.mark.lab('ipsec-vpn'); "
            f"time=, seed= and shared= may follow"
        )
    options = dict(marker.kwargs)
    name = str(marker.args[0])
    if not options.pop("shared", False):
        yield lab_factory(name, **options)
        return
    beside = request.path.parent / name
    state = request.config.stash[_STATE]
    shared = state.shared(str(beside) if beside.exists() else name, options.get("time", "fast"))
    _tell_refused(shared)
    _leaves(request.node, name, shared.save_evidence)
    yield shared
    _no_faults(request, shared.take_faults())


@pytest.fixture
def ssh_params(lab: SyncLab) -> Callable[..., dict[str, Any]]:
    """`ssh_params("R-A")`: arguments for Netmiko's `ConnectHandler`; `"scrapli"`, `"asyncssh"` may follow."""
    return lab.ssh_params
