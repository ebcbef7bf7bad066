"""What can be wrong with a transcript or a scenario itself, told with its place."""

from __future__ import annotations

from pathlib import Path


class TranscriptError(Exception):
    """A line of a test file that cannot be understood or carried out: where, what, and what to do."""

    def __init__(self, path: Path | str, line: int, problem: str) -> None:
        super().__init__(f"{path}:{line}: {problem}")
        self.path = Path(path)
        self.line = line
        self.problem = problem
