"""What the examiner of a lab makes of it, and what its devices say."""

from __future__ import annotations

import re

from iosemu.lab.lab import Lab


def score(lab: Lab) -> tuple[int, str]:
    """The points of 100, and the report."""
    assert lab.examiner is not None
    report = "\n".join(lab.examiner(lab, ""))
    found = re.search(r"(\d+) of 100 points", report)
    assert found is not None, report
    return int(found[1]), report


def said(lab: Lab, device: str, line: str) -> str:
    """What a device prints for a line, however long it takes in lab time."""
    session = lab.session(device, rows=0)
    assert session is not None
    lab.clock.watch(session)
    session.run(line)
    lab.run_until(lambda: not session.waiting, 300)
    lab.clock.unwatch(session)
    return session.output().decode()
