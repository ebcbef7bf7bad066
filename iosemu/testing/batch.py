"""Running many transcripts: finding them, one after the other or in several processes."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from iosemu.testing import transcript
from iosemu.testing.bench import LabBench
from iosemu.testing.errors import TranscriptError
from iosemu.testing.report import Report
from iosemu.testing.runner import Runner

SUFFIX = ".transcript"


@dataclass(frozen=True, slots=True)
class Options:
    """How to run."""

    lab: str | None = None
    """Instead of what `@lab` says."""
    direct: bool = False
    update: bool = False


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


async def run_one(path: Path, options: Options) -> Report:
    """Run a file on a lab of its own; what is wrong with the file itself becomes the report's error."""
    began = time.monotonic()
    bench = LabBench(direct=options.direct)
    try:
        parsed = transcript.load(path)
        if parsed.lab is None and options.lab is None:
            raise TranscriptError(path, 1, "names no lab: put '@lab NAME' at its top or give --lab")
        report = await Runner(parsed, bench, lab=options.lab, update=options.update).run()
    except TranscriptError as error:
        report = Report(path, error=str(error))
    finally:
        await bench.close()
    report.seconds = time.monotonic() - began
    if options.update and report.updated is not None:
        path.write_text(report.updated, encoding="utf-8")
    return report


def run_file(path: Path, options: Options) -> Report:
    """`run_one` for callers without an event loop."""
    return asyncio.run(run_one(path, options))


def run_all(paths: list[Path], options: Options, processes: int = 1) -> Iterator[Report]:
    """Reports in the order of `paths`, each as soon as it is there."""
    if processes <= 1 or len(paths) <= 1:
        for path in paths:
            yield run_file(path, options)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(processes, len(paths)), mp_context=context) as pool:
        yield from pool.map(run_file, paths, [options] * len(paths))
