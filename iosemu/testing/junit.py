"""JUnit XML, as CI systems read it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from iosemu.testing.report import Report

_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd]")


def to_xml(reports: Sequence[Report]) -> str:
    """One test suite with a test case for each report."""
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
        lines.append("  </testcase>")
    return "\n".join([*lines, "</testsuite>", ""])


def write(path: Path, reports: Sequence[Report]) -> None:
    """Write the report file; raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(to_xml(reports), encoding="utf-8")
