"""Structured logs: a line of JSON for each thing that happened."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path

_FIELDS = (
    "worker",
    "lab",
    "user",
    "device",
    "address",
    "state",
    "why",
    "seconds",
    "error",
    "count",
    "status",
)
"""What a record may carry beside its message."""


class JsonFormatter(logging.Formatter):
    """`{"time": …, "level": …, "event": …}` and the fields that the record has."""

    def __init__(self, **always: object) -> None:
        super().__init__()
        self._always = always

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        data: dict[str, object] = {
            "time": time,
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        data.update(self._always)
        data.update({name: getattr(record, name) for name in _FIELDS if hasattr(record, name)})
        if record.exc_info:
            data["traceback"] = self.formatException(record.exc_info)
        return json.dumps(data, ensure_ascii=False, default=str)


def begin(path: Path | None = None, **always: object) -> None:
    """Have this process log in this form to standard error, and to a file; `always` stands in every line.

    Raises OSError when the file cannot be written.
    """
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if path is not None:
        handlers.append(logging.FileHandler(path, encoding="utf-8"))
    for handler in handlers:
        handler.setFormatter(JsonFormatter(**always))
    root = logging.getLogger()
    root.handlers[:] = handlers
    root.setLevel(logging.INFO)
    logging.getLogger("asyncssh").setLevel(logging.WARNING)
