"""Quantities in lab files and console lines: durations and shares, from what people write."""

from __future__ import annotations

import contextlib
import re
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(us|ms|s|m|h|d)?")
_UNITS = {"us": 1e-6, "ms": 1e-3, None: 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def duration(value: object) -> float:
    """Seconds from a number of seconds or a text such as `20ms`, `90s`, `1h`.

    Raises ValueError for anything else.
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return float(value)
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{value!r} is not a duration; write for example 20ms, 90s, 5m or 1h")
    return float(match[1]) * _UNITS[match[2]]


def probability(value: object) -> float:
    """A number from 0 to 1 from such a number or a percentage such as `1%`.

    Raises ValueError for anything else.
    """
    number = -1.0
    with contextlib.suppress(ValueError):
        if isinstance(value, str) and value.endswith("%"):
            number = float(value[:-1]) / 100
        elif isinstance(value, int | float | str) and not isinstance(value, bool):
            number = float(value)
    if not 0 <= number <= 1:
        raise ValueError(f"{value!r} is not a share; write for example 1% or 0.01")
    return number


Duration = Annotated[
    float, BeforeValidator(duration), WithJsonSchema({"type": ["number", "string"], "minimum": 0})
]
Probability = Annotated[
    float, BeforeValidator(probability), WithJsonSchema({"type": ["number", "string"], "minimum": 0})
]
