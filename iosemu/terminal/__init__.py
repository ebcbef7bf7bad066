"""The line discipline: bytes to keys, keys to an edited line, and the bytes to echo. Sans-IO."""

from iosemu.terminal.editor import (
    CtrlC,
    CtrlZ,
    Event,
    HelpKey,
    Interrupt,
    KeyTyped,
    Line,
    LineEditor,
    Tab,
    Typing,
)
from iosemu.terminal.history import History

__all__ = [
    "CtrlC",
    "CtrlZ",
    "Event",
    "HelpKey",
    "History",
    "Interrupt",
    "KeyTyped",
    "Line",
    "LineEditor",
    "Tab",
    "Typing",
]
