"""JUnit XML, as CI systems read it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from iosemu.server import durable
from iosemu.testing.report import Report

DIALOGUE = ".dialogue.txt"

_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd]")


def to_xml(reports: Sequence[Report], left: Mapping[Path, Sequence[Path]] | None = None) -> str:
    """One test suite with a test case for each report.

    `left` has the files that were left of failed ones; they are named as Jenkins and GitLab take attachments, and the
    dialogues among them stand in the report.
    """
    failures = sum(bool(report.failures) for report in reports)
    errors = sum(bool(report.error) for report in reports)
    seconds = sum(report.seconds for report in reports)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<testsuite name="iosemu" tests="{len(reports)}" failures="{failures}" errors="{errors}"'
        f' time="{seconds:.3f}">',
    ]
    for report in reports:
        name, folder = quoteattr(report.path.name), quoteattr(str(report.path.parent))
        lines.append(f'  <testcase name={name} classname={folder} time="{report.seconds:.3f}">')
        if not report.passed:
            kind = "error" if report.error else "failure"
            text = _FORBIDDEN.sub("?", str(report))
            lines.append(f"    <{kind} message={quoteattr(text.splitlines()[0])}>{escape(text)}</{kind}>")
        files = (left or {}).get(report.path, ())
        if files:
            said = [f"[[ATTACHMENT|{path}]]" for path in files]
            for path in files:
                if path.name.endswith(DIALOGUE):
                    text = report.evidence[path.name].decode("utf-8", "replace")
                    said += ["", f"--- {path.name.removesuffix(DIALOGUE)}", text.rstrip()]
            lines.append(f"    <system-out>{escape(_FORBIDDEN.sub('?', chr(10).join(said)))}</system-out>")
        lines.append("  </testcase>")
    return "\n".join([*lines, "</testsuite>", ""])


def leave(folder: Path, reports: Sequence[Report]) -> dict[Path, list[Path]]:
    """Write what failed ones left, each into a folder of its own there; gives the files. Raises OSError."""
    left: dict[Path, list[Path]] = {}
    for number, report in enumerate(reports, 1):
        if report.evidence:
            own = folder / f"{number}-{report.path.stem}"
            own.mkdir(parents=True, exist_ok=True)
            for name, data in report.evidence.items():
                durable.write_file(own / name, data)  # keys and passwords are among it
            left[report.path] = [own / name for name in report.evidence]
    return left


def write(path: Path, reports: Sequence[Report], left: Mapping[Path, Sequence[Path]] | None = None) -> None:
    """Write the report file; raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(to_xml(reports, left), encoding="utf-8")
