"""The command-grammar machine: load, match, help, complete, render. It knows no command."""

from iosemu.parser.command import Command
from iosemu.parser.loader import Grammar
from iosemu.parser.mode import Mode
from iosemu.parser.results import (
    Ambiguous,
    Candidates,
    Empty,
    Help,
    HelpResult,
    Incomplete,
    Invalid,
    Match,
    Result,
)
from iosemu.parser.situation import Situation
from iosemu.parser.yamlfile import GrammarError

__all__ = [
    "Ambiguous",
    "Candidates",
    "Command",
    "Empty",
    "Grammar",
    "GrammarError",
    "Help",
    "HelpResult",
    "Incomplete",
    "Invalid",
    "Match",
    "Mode",
    "Result",
    "Situation",
]
