"""The words of refusal, by dialect: `ios`, `console` (the lab's own) and `pc`, `sniffer`."""

from __future__ import annotations

from iosemu.parser.results import Ambiguous, Failure, Incomplete, Invalid

INTERNAL = "% Internal error: the command failed and was logged."
INVALID = "% Invalid input detected at '^' marker."


def error_lines(dialect: str, failure: Failure, line: str, indent: int) -> list[str]:
    """What is printed for a line that was not understood.

    `indent` is the width of the prompt before it: the caret of IOS stands under the typed character.
    """
    if dialect == "pc":
        return ["Invalid Command.", ""]
    match failure:
        case Invalid(column):
            return [" " * (indent + column) + "^", INVALID, ""]
        case Incomplete():
            return ["% Incomplete command.", ""]
        case Ambiguous():
            return [f'% Ambiguous command:  "{line.strip()}"']


def help_error(dialect: str, failure: Failure, line: str) -> list[str]:
    """What `?` prints after a line that leads nowhere."""
    if dialect == "pc":
        return ["Invalid Command.", ""]
    if isinstance(failure, Ambiguous):
        return [f'% Ambiguous command:  "{line}"']
    return ["% Unrecognized command"]
