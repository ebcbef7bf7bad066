"""A lab over several processes, as one object: the process at the front asks, the workers compute."""

from __future__ import annotations

import contextlib
import heapq
import math
import shutil
import tempfile
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from iosemu.lab import labfile, resources
from iosemu.lab.capture import LIMIT, Capture, Captured, TextWatch
from iosemu.lab.cut.captures import CutSource
from iosemu.lab.cut.links import WorkerGone, WorkerProcess
from iosemu.lab.cut.partition import Partition, divide
from iosemu.lab.cut.rounds import END_OF_TIME
from iosemu.lab.cut.weights import frames_of
from iosemu.lab.cut.worker import Orders
from iosemu.lab.errors import LabError
from iosemu.lab.lab import SEEDED_ORIGIN, SETTLE
from iosemu.lab.labfile import Topology
from iosemu.lab.moments import MOST
from iosemu.lab.storage import LabState
from iosemu.net.capture import CapturedFrame
from iosemu.net.link import Link, Port
from iosemu.net.scheduler import Key, Scheduler

SLICE = 0.25
"""Wall seconds that workers compute at once where nobody waits to be served meanwhile."""


@dataclass(frozen=True, slots=True)
class CutMoment:
    """The lab as it was; the workers keep it."""

    label: str
    when: float
    """Lab seconds."""


class CutLab:
    """A lab that is cut at cables; `load` starts its workers, `boot` switches it on, `close` ends it.

    Lab time passes by `advance` and while a command waits for it; a seeded lab gives the same frames at the same
    times as `iosemu.lab.lab.Lab` does. Whatever a worker dies of ends the lab: the next call raises WorkerGone.
    """

    def __init__(
        self,
        topology: Topology,
        partition: Partition,
        *,
        seed: int | str | None = None,
        state: LabState | None = None,
    ) -> None:
        self.topology = topology
        self.partition = partition
        self.name = topology.lab.name
        self.origin = datetime.now(UTC) if seed is None else SEEDED_ORIGIN
        self.grammar = resources.grammar()
        self.scheduler = Scheduler()
        """Holds lab time, and no events."""
        self.captures: weakref.WeakSet[Captured] = weakref.WeakSet()
        self.noticed: Callable[[], None] = lambda: None
        """Called when a worker told something by itself."""
        self.errors: dict[str, list[tuple[int, str]]] = {}
        """What is not understood of startup configurations: line numbers and lines, by device."""
        self._state = state
        self._sources: weakref.WeakSet[CutSource] = weakref.WeakSet()
        self.moments: dict[int, CutMoment] = {}
        """What `snapshot` kept, by number."""
        self._snapshots = 0
        self._closed = False
        self.links = self._ghosts()
        if state is not None:
            state.open()
        self._folder = Path(tempfile.mkdtemp(prefix="iosemu-"))
        self.workers: list[WorkerProcess] = []
        try:
            for number in range(partition.workers):
                orders = Orders(
                    topology, partition, number, self._addresses(number), seed, self.origin,
                    state.directory.parent.parent if state is not None else None,
                )  # fmt: skip
                self.workers.append(WorkerProcess(orders, lambda: self.noticed(), self.workers))
            self._gather()
        except BaseException:
            self.close()
            raise

    @classmethod
    def load(
        cls,
        name_or_path: str | Path,
        *,
        workers: int = 2,
        seed: int | str | None = None,
        keep: bool = False,
        state_root: Path | None = None,
        variables: Mapping[str, Any] | None = None,
        outside_configs: bool = False,
        weights: Path | None = None,
    ) -> Self:
        """Read a lab file, cut it for so many workers, and start them; the lab has no power yet.

        `weights` is a capture of an earlier run: cables over which much passed are not cut.
        Raises LabError as `Lab.load` does, and for a lab that cannot be cut so.
        """
        path = labfile.find(str(name_or_path)).resolve()
        topology = labfile.read(path, variables, outside_configs=outside_configs)
        state = LabState(topology.lab.name, state_root) if keep else None
        traffic = frames_of(topology, weights) if weights is not None else None
        return cls(topology, divide(topology, workers, traffic), seed=seed, state=state)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the workers; closing twice does no harm."""
        self._closed = True
        for worker in self.workers:
            with contextlib.suppress(OSError):
                worker.connection.close()
        for worker in self.workers:
            worker.close()
        self.workers.clear()
        if self._state is not None:
            self._state.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _ghosts(self) -> list[Link]:
        """The cables by name: between ports without boxes."""
        found = []
        for (a, a_port), (b, b_port), cable in self.topology.cables:
            found.append(Link(self.scheduler, Port(f"{a}:{a_port}"), Port(f"{b}:{b_port}"), cable.delay))
        return found

    def _addresses(self, number: int) -> dict[int, tuple[str, bool]]:
        """Where a worker meets each other one; the lower number listens."""
        return {
            other: (f"{self._folder}/{min(number, other)}-{max(number, other)}", number < other)
            for other in range(self.partition.workers)
            if other != number
        }

    # --- asking the workers --------------------------------------------------------------------------

    @property
    def now(self) -> float:
        """Lab seconds."""
        return self.scheduler.now

    @contextlib.contextmanager
    def _whole(self) -> Iterator[None]:
        """When a worker is gone the others end, too."""
        if self._closed:
            raise LabError(f"lab {self.name} has ended")
        try:
            yield
        except WorkerGone:
            for worker in self.workers:
                worker.close(at_once=True)
            self.close()
            raise

    def _gather(self) -> list[Any]:
        """The answers of all workers; the first error is raised when all have answered."""
        answers, errors = [], []
        for worker in self.workers:
            try:
                answers.append(worker.receive(self.workers))
            except WorkerGone:
                raise
            except LabError as error:
                errors.append(error)
        if errors:
            raise errors[0]
        return answers

    def ask_all(self, name: str, *arguments: Any) -> list[Any]:
        """Ask all workers the same; their answers in their order."""
        with self._whole():
            for worker in self.workers:
                worker.send(name, *arguments)
            return self._gather()

    def ask(self, number: int, name: str, *arguments: Any) -> Any:
        """Ask one worker."""
        with self._whole():
            self.workers[number].send(name, *arguments)
            return self.answer(number)

    def answer(self, number: int) -> Any:
        """What a worker answers to the next of what it was asked."""
        with self._whole():
            return self.workers[number].receive(self.workers)

    def ask_for(self, device: str, name: str, *arguments: Any) -> Any:
        """Ask the worker that computes a device; raises LabError for one that there is not."""
        if device not in self.partition.of:
            raise LabError(f"there is no node {device!r}; there are: {', '.join(self.partition.of)}")
        return self.ask(self.partition.of[device], name, *arguments)

    def notices(self) -> None:
        """Take in what workers told by themselves; raises WorkerGone."""
        with self._whole():
            for worker in self.workers:
                worker.notices()

    # --- lab time ------------------------------------------------------------------------------------

    def boot(self, settle: float = SETTLE) -> None:
        """Power everything on and compute `settle` lab seconds."""
        for errors in self.ask_all("boot"):
            self.errors.update(errors)
        self.errors = {name: self.errors.get(name, []) for name in self.partition.of}
        self.advance(settle)

    def run_slice(self, until: float) -> float:
        """Run towards `until` for about 20 ms of wall time; returns where lab time stands."""
        reached = float(self.ask_all("run", until)[0])
        self._moved(reached)
        return reached

    def advance(self, seconds: float) -> None:
        """Let lab time pass, as quickly as it can be computed; what was captured is read while the workers go on."""
        reached, until = self.now, self.now + seconds
        asked: list[CutSource] = []
        with self._whole():
            while True:
                going = reached < until
                for worker in self.workers if going else ():
                    worker.send("run", until, SLICE)
                for source in asked:
                    source.take_in()
                if not going:
                    return
                reached = float(self._gather()[0])
                self.scheduler.now = max(self.scheduler.now, reached)
                asked = list(self._sources)
                for source in asked:
                    source.ask()

    def _moved(self, now: float) -> None:
        self.scheduler.now = max(self.scheduler.now, now)
        for source in list(self._sources):
            source.feed()

    @property
    def waiting(self) -> bool:
        """A session waits for lab time to pass."""
        return any(each.report is not None and each.report.waiting for each in self.workers)

    @property
    def due(self) -> float:
        """Lab time of what comes next; infinity for nothing."""
        return min(self._next(each)[0] for each in self.workers)

    @staticmethod
    def _next(worker: WorkerProcess) -> Key:
        return worker.report.next if worker.report is not None else END_OF_TIME

    def run_waiting(
        self, until: float, session: tuple[int, int] | None = None, seconds: float = math.inf
    ) -> bool:
        """Run until nobody waits any longer (or `session`, a worker and its number for it), exactly to that event.

        For at most `seconds` of wall time. Events run in the order of the whole lab, one worker after the other:
        time stops where a wait ends, and no worker may have gone further. Tells whether the wait ended.
        """
        stop = time.monotonic() + seconds
        last = (math.nextafter(until, math.inf), -math.inf, 0, 0)
        while time.monotonic() < stop:
            first, second = heapq.nsmallest(2, self.workers, key=self._next)
            if self._next(first) >= last:
                self.ask_all("stand", until)
                self._moved(until)
                return False
            mine = (
                session[1] if session is not None and session[0] == first.number else 0 if session else None
            )
            ended, sent = self.ask(first.number, "below", min(self._next(second), last), mine)
            for peer, messages in sent.items():
                self.ask(peer, "drain", first.number, messages)
            report = first.report
            assert report is not None
            if ended and (session is not None or not self.waiting):
                self.ask_all("stand", report.now)
                self._moved(report.now)
                return True
        self._moved(max(each.report.now for each in self.workers if each.report is not None))
        return False

    # --- devices -------------------------------------------------------------------------------------

    def type(self, device: str, *lines: str, within: float = 600.0, width: int = 200) -> str:
        """Type lines on a line of its own of a device; returns what it printed.

        Lab time passes while a line waits for it, for at most `within` seconds for each. Raises LabError after that.
        """
        worker = self.partition.of.get(device, -1)
        number = self.ask_for(device, "open", device, width)
        try:
            for line in lines:
                if self.ask(worker, "type", number, line) and not self.run_waiting(
                    self.now + within, (worker, number)
                ):
                    raise LabError(f"{device} has not finished {line!r} after {within:g} s of lab time")
            text, _waiting = self.ask(worker, "output", number)
        finally:
            self.ask(worker, "leave", number)
        return str(text)

    def power(self, device: str, state: str) -> None:
        """Switch a device `on`, `off` or through a `cycle`."""
        self.ask_for(device, "power", device, state)

    def cable(self, endpoint: str, action: str, *arguments: Any) -> None:
        """`link` a cable `up`, `down` or `clear`, or `impair` it, at both ends.

        Raises LabError for a port that there is not, and for faults that a cut cable cannot have.
        """
        ends = self.ends_of(endpoint)
        workers = sorted({self.partition.of[name] for name, _port in ends})
        for worker in workers:
            near = next(f"{name}:{port}" for name, port in ends if self.partition.of[name] == worker)
            self.ask(worker, action, near, *arguments)

    def ends_of(self, endpoint: str) -> tuple[tuple[str, str], tuple[str, str]]:
        """Both ends of the cable in a port; raises LabError where there is none."""
        end = self.topology.endpoint(endpoint)
        for a, b, _cable in self.topology.cables:
            if end in (a, b):
                return a, b
        raise LabError(f"{end[0]}:{end[1]} has no cable")

    # --- captures and snapshots ----------------------------------------------------------------------

    def _source(
        self, _lab: Any, target: str, expression: str, take: Callable[[CapturedFrame], None]
    ) -> CutSource:
        """Frames as they pass, from all workers in the order of the whole lab."""
        source = CutSource(self, target, expression, take)
        self._sources.add(source)
        return source

    def capture(self, target: str = "all", expression: str = "", limit: int = LIMIT) -> Capture:
        """A pcapng file that grows, as of a whole lab; at most `limit` octets wait to be read."""
        return Capture(self, target, expression, limit, source=self._source)

    def watch(self, target: str, expression: str = "") -> TextWatch:
        """A line of text for each frame."""
        return TextWatch(self, target, expression, source=self._source)

    def snapshot(self, label: str = "") -> int:
        """Keep the lab as it is; returns a number for `restore`. Raises LabError while a capture is open."""
        if self.captures:
            raise LabError("a capture is open: close it before taking a snapshot")
        self._snapshots += 1
        self.ask_all("snapshot", self._snapshots)
        self.moments[self._snapshots] = CutMoment(label or f"moment {self._snapshots}", self.now)
        while len(self.moments) > MOST:
            oldest = next(iter(self.moments))
            self.ask_all("forget", oldest)
            del self.moments[oldest]
        return self._snapshots

    def restore(self, number: int) -> None:
        """Put the lab back, its time too; sessions are hung up and captures closed.

        Raises LabError when the moment is not kept.
        """
        if number not in self.moments:
            raise LabError(f"there is no moment {number}")
        for capture in list(self.captures):
            capture.close()
        self.ask_all("restore", number)
        self.scheduler.now = self.moments[number].when
