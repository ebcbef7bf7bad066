"""Transcripts in batches, run by a farm: processes of this machine that may die, or a Ray cluster.

A batch whose process or machine dies is run again, file by file, so that one that brings its process down is found, and
the others are judged all the same.
"""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import os
import queue
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from iosemu.lab import archive, labfile, resources
from iosemu.lab.errors import LabError
from iosemu.lab.sources import sources
from iosemu.testing import transcript
from iosemu.testing.batch import SHARE, Options, run_files
from iosemu.testing.cluster import join
from iosemu.testing.errors import TranscriptError
from iosemu.testing.report import Report
from iosemu.testing.transcript import UseLab

TRIES = 3
"""How often a file is run whose process died meanwhile."""
MOST = 64 << 20
"""Octets of files that travel with a batch, at most."""
NAMESPACE = "iosemu-test"


class LostError(Exception):
    """Who ran a batch is gone."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some transcripts, as they are named from the current directory."""

    files: tuple[str, ...]
    options: Options
    packed: bytes = b""
    """An archive of what they need, where that is not at hand …"""
    place: str = "."
    """… and the current directory in it."""
    tries: int = 0


class Crew(Protocol):
    """Who runs batches."""

    workers: int
    """How many it runs at once, more or less."""

    def submit(self, batch: Batch) -> Future[list[Report]]:
        """Have a batch run; the future may raise LostError."""
        ...

    def close(self) -> None:
        """Nothing more comes."""
        ...


def run_batch(batch: Batch) -> list[Report]:
    """Run one here; for a process that does nothing else, since its current directory becomes another."""
    if not batch.packed:
        return run_files([Path(name) for name in batch.files], batch.options)
    before = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="iosemu-") as folder:
        archive.unpack(batch.packed, Path(folder))
        place = Path(folder) / batch.place
        place.mkdir(parents=True, exist_ok=True)
        os.chdir(place)
        try:
            return run_files([Path(name) for name in batch.files], batch.options)
        finally:
            os.chdir(before)


class LocalCrew:
    """Processes of this machine, one batch in each at a time; one that dies takes no other along."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._threads = ThreadPoolExecutor(workers)
        self._idle: queue.SimpleQueue[ProcessPoolExecutor] = queue.SimpleQueue()
        for _ in range(workers):
            self._idle.put(self._process())

    def _process(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))

    def submit(self, batch: Batch) -> Future[list[Report]]:
        """In the next process that is free."""
        return self._threads.submit(self._run, batch)

    def _run(self, batch: Batch) -> list[Report]:
        process = self._idle.get()
        try:
            return process.submit(run_batch, batch).result()
        except BrokenProcessPool as error:
            process.shutdown(wait=False)
            process = self._process()
            raise LostError("its process died") from error
        finally:
            self._idle.put(process)

    def close(self) -> None:
        """End all processes."""
        self._threads.shutdown(cancel_futures=True)
        while not self._idle.empty():
            self._idle.get().shutdown(wait=False)


class RayCrew:
    """Tasks of a Ray cluster, each with a CPU; a cluster that grows by itself sees how many wait."""

    def __init__(self, address: str) -> None:
        """Raises LabError."""
        self._ray = join(address, NAMESPACE)
        self._task: Any = self._ray.remote(num_cpus=1, max_retries=0)(run_batch)
        self.workers = max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    def submit(self, batch: Batch) -> Future[list[Report]]:
        """As soon as there is a CPU for it."""
        done: Future[list[Report]] = Future()
        self._task.remote(batch).future().add_done_callback(lambda told: _pass_on(told, done))
        return done

    def close(self) -> None:
        """Leave the cluster."""
        self._ray.shutdown()


def _pass_on(told: Future[list[Report]], done: Future[list[Report]]) -> None:
    error = told.exception()
    if error is None:
        done.set_result(told.result())
    else:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        done.set_exception(LostError(f"its worker is gone: {first}"))


def crew(name: str, workers: int) -> Crew:
    """`local`, or the address of a Ray cluster. Raises LabError."""
    return LocalCrew(workers) if name == "local" else RayCrew(name)


def run_all(
    paths: Sequence[Path], options: Options, hands: Crew, *, travel: bool, share: int | None = None
) -> Iterator[Report]:
    """Reports as they come; with `travel` files go along, to machines that do not have them.

    Raises LabError for what cannot travel.
    """
    size = share or max(1, min(SHARE, math.ceil(len(paths) / hands.workers)))
    known = {os.path.relpath(path): path for path in paths}
    names = list(known)
    pending: dict[Future[list[Report]], Batch] = {}

    def submit(batch: Batch) -> None:
        pending[hands.submit(batch)] = batch

    for start in range(0, len(names), size):
        files = tuple(names[start : start + size])
        submit(_packed(files, options) if travel else Batch(files, options))
    while pending:
        done, _ = wait(pending, return_when=FIRST_COMPLETED)
        for future in done:
            batch = pending.pop(future)
            try:
                reports = future.result()
            except LostError as error:
                reports = _again(batch, error, submit)
            for report in reports:
                report.path = known[str(report.path)]
                yield report


def _again(batch: Batch, error: LostError, submit: Callable[[Batch], None]) -> list[Report]:
    if len(batch.files) == 1 and batch.tries + 1 >= TRIES:
        name = batch.files[0]
        return [Report(Path(name), error=f"{name}: {error} each time it was run ({TRIES} times)")]
    for name in batch.files:
        tries = batch.tries + 1 if len(batch.files) == 1 else 0
        submit(replace(batch, files=(name,), tries=tries))
    return []


def _packed(files: tuple[str, ...], options: Options) -> Batch:
    """With what the transcripts need: themselves, and the labs that they name by files. Raises LabError."""
    needed: set[Path] = set()
    names = {options.lab} if options.lab is not None else set()
    for name in files:
        needed.add(Path(os.path.normpath(Path(name).absolute())))
        with contextlib.suppress(TranscriptError):  # the report will tell
            parsed = transcript.load(Path(name))
            names.update(line.directive.lab for line in parsed.lines if isinstance(line.directive, UseLab))
    for lab in names - set(resources.labs()):
        with contextlib.suppress(LabError):  # likewise
            needed.update(sources(labfile.find(lab)))
    here = Path.cwd()
    root = Path(os.path.commonpath([here, *(path.parent for path in needed)]))
    try:
        packed = archive.pack(root, needed, MOST)
    except OSError as error:
        raise LabError(f"{error.filename}: {error.strerror}") from error
    return Batch(files, options, packed, here.relative_to(root).as_posix())
