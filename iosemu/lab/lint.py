"""The check that a lab loads and that its devices understand every line of their configurations."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from iosemu.lab.lab import Lab


@dataclass(frozen=True)
class Finding:
    """A configuration line that a device did not understand."""

    path: Path
    line: int
    text: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text.strip()}: {self.message}"


def check(name_or_path: str) -> list[Finding]:
    """Everything in a lab's configurations that is not understood.

    Raises LabError when the lab file itself is at fault.
    """
    lab = Lab.load(name_or_path, seed=0)
    lab.boot(settle=0)
    findings = []
    for name, errors in lab.errors.items():
        path = lab.topology.config_path(name)
        for error in errors:
            messages = [text.strip() for text in error.messages if text.strip() not in ("", "^")]
            message = " ".join(messages) or "not understood"
            findings.append(Finding(path or lab.topology.path, error.number, error.line, message))
    return findings
