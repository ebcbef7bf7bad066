"""What the examiner of a lab makes of it."""

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
