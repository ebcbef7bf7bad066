"""Running many transcripts: finding them, one after the other or in several processes."""

from __future__ import annotations

import asyncio
import math
import multiprocessing
import tempfile
import time
from collections.abc import AsyncGenerator, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from iosemu.testing import transcript
from iosemu.testing.bench import LabBench
from iosemu.testing.errors import TranscriptError
from iosemu.testing.report import Failure, Report
from iosemu.testing.runner import Runner

SUFFIX = ".transcript"
SHARE = 10
"""Files that a process takes at once, at most: enough to spare it boots, few enough to keep all busy."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to run."""

    lab: str | None = None
    """Instead of what `@lab` says."""
    direct: bool = False
    update: bool = False
    record: bool = False
    """Keep what the lab of a transcript that fails leaves behind."""


def find(paths: Iterable[Path]) -> list[Path]:
    """The transcripts meant: files as they are, directories searched.

    Raises ValueError for a path that does not exist or a directory without transcripts.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(path.rglob("*" + SUFFIX))
            if not inside:
                raise ValueError(f"{path} holds no *{SUFFIX}")
            found.extend(inside)
        elif path.is_file():
            found.append(path)
        else:
            raise ValueError(f"there is no file or directory {path}")
    return list(dict.fromkeys(found))


async def run_one(path: Path, options: Options, bench: LabBench) -> Report:
    """Run a file on a lab as new; what is wrong with the file itself becomes the report's error."""
    began, before = time.monotonic(), bench.uses
    try:
        parsed = transcript.load(path)
        if parsed.lab is None and options.lab is None:
            raise TranscriptError(path, 1, "names no lab: put '@lab NAME' at its top or give --lab")
        report = await Runner(parsed, bench, lab=options.lab, update=options.update).run()
        report.failures.extend(Failure(path, 1, fault) for fault in bench.take_faults())
    except TranscriptError as error:
        report = Report(path, error=str(error))
    if options.record and not report.passed and bench.uses != before:
        report.evidence = await _evidence(bench)
    report.seconds = time.monotonic() - began
    if options.update and report.updated is not None:
        path.write_text(report.updated, encoding="utf-8")
    return report


async def _evidence(bench: LabBench) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory(prefix="iosemu-") as folder:
        return {path.name: path.read_bytes() for path in await bench.save_evidence(Path(folder))}


async def _run_each(paths: list[Path], options: Options) -> AsyncGenerator[Report, None]:
    bench = LabBench(direct=options.direct, record=options.record)
    try:
        for path in paths:
            yield await run_one(path, options, bench)
    finally:
        await bench.close()


def run_files(paths: list[Path], options: Options) -> list[Report]:
    """Run files one after the other on one bench; for callers without an event loop."""

    async def run() -> list[Report]:
        return [report async for report in _run_each(paths, options)]

    return asyncio.run(run())


def run_all(paths: list[Path], options: Options, processes: int = 1) -> Iterator[Report]:
    """Reports in the order of `paths`, each as soon as it is there."""
    if processes <= 1 or len(paths) <= 1:
        with asyncio.Runner() as runner:
            reports = _run_each(paths, options)
            for _ in paths:
                yield runner.run(_next(reports))
            runner.run(reports.aclose())
        return
    context = multiprocessing.get_context("spawn")
    share = max(1, min(SHARE, math.ceil(len(paths) / processes)))
    shares = [paths[start : start + share] for start in range(0, len(paths), share)]
    with ProcessPoolExecutor(min(processes, len(shares)), mp_context=context) as pool:
        for done in pool.map(run_files, shares, [options] * len(shares)):
            yield from done


async def _next(reports: AsyncGenerator[Report, None]) -> Report:
    return await anext(reports)
