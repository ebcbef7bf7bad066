"""Where a command ends and its output modifier begins."""

from __future__ import annotations

import re

PIPE = re.compile(r"\s\|(?=\s|$)")


def split_pipe(line: str) -> tuple[str, int | None]:
    """The command before the first `|` that stands apart, and the column after the bar (None: no pipe)."""
    found = PIPE.search(line)
    return (line, None) if found is None else (line[: found.start()], found.end())
