"""Durations, shares and bit rates as people write them in lab files and on the console."""

from __future__ import annotations

import contextlib
import re
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(us|ms|s|m|h|d)?")
_MULTIPLES = {"k": 1e3, "m": 1e6, "g": 1e9}
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


def bit_rate(text: str) -> float:
    """Bits per second from `64k`, `10M` or `9600`; raises ValueError for anything else."""
    multiple = _MULTIPLES.get(text[-1:].lower())
    try:
        rate = float(text[:-1]) * multiple if multiple is not None else float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a rate; write for example 64k or 10M") from None
    if rate <= 0:
        raise ValueError("a rate of 0 carries nothing; take the link down instead")
    return rate


def time_text(seconds: float) -> str:
    """`20ms`, `1.5s`, `5us`."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:g}{unit}"
    return f"{seconds * 1e6:g}us"


def rate_text(rate: float) -> str:
    """`10M`, `64k`, `9600`."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if rate >= size:
            return f"{rate / size:g}{unit}"
    return f"{rate:g}"


Duration = Annotated[
    float, BeforeValidator(duration), WithJsonSchema({"type": ["number", "string"], "minimum": 0})
]
Probability = Annotated[
    float, BeforeValidator(probability), WithJsonSchema({"type": ["number", "string"], "minimum": 0})
]
