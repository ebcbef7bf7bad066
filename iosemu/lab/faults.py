"""What is wrong with a cable, in the words of the console and of lab files."""

from __future__ import annotations

from collections.abc import Mapping

from iosemu.lab.quantities import duration, probability
from iosemu.net.impairment import DEFAULT_DELAY
from iosemu.net.link import Link

_DURATIONS = ("delay", "jitter")
_SHARES = ("loss", "duplicate", "reorder", "corrupt")
_MULTIPLES = {"k": 1e3, "m": 1e6, "g": 1e9}


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


def read_faults(faults: Mapping[str, str]) -> dict[str, float | None]:
    """Values for `Link.impair`; raises ValueError for a text that does not fit."""
    values: dict[str, float | None] = {}
    for name, text in faults.items():
        if name in _DURATIONS:
            values[name] = duration(text)
        elif name in _SHARES:
            values[name] = probability(text)
        elif text == "none":
            values[name] = None
        else:
            values[name] = bit_rate(text) if name == "rate" else int(text)
    return values


def time_text(seconds: float) -> str:
    """`20ms`, `1.5s`, `5us`."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:g}{unit}"
    return f"{seconds * 1e6:g}us"


def describe_faults(link: Link) -> str:
    """`delay 20ms loss 1%`; empty for a good short cable."""
    now = link.faults
    parts = [] if now.delay == DEFAULT_DELAY else [f"delay {time_text(now.delay)}"]
    if now.jitter:
        parts.append(f"jitter {time_text(now.jitter)}")
    parts += [f"{name} {getattr(now, name) * 100:g}%" for name in _SHARES if getattr(now, name)]
    if now.rate is not None:
        parts.append(f"rate {_rate_text(now.rate)}")
    if now.mtu is not None:
        parts.append(f"mtu {now.mtu}")
    return " ".join(parts)


def _rate_text(rate: float) -> str:
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if rate >= size:
            return f"{rate / size:g}{unit}"
    return f"{rate:g}"
