"""Impairments of a cable, in the words of the console: delay, jitter, loss and the others."""

from __future__ import annotations

from collections.abc import Mapping

from iosemu.lab.units import bit_rate, duration, probability, rate_text, time_text
from iosemu.net.impairment import DEFAULT_DELAY
from iosemu.net.link import Link

_DURATIONS = ("delay", "jitter")
_SHARES = ("loss", "duplicate", "reorder", "corrupt")


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


def describe_faults(link: Link) -> str:
    """`delay 20ms loss 1%`; empty for a short cable without impairments."""
    now = link.faults
    parts = [] if now.delay == DEFAULT_DELAY else [f"delay {time_text(now.delay)}"]
    if now.jitter:
        parts.append(f"jitter {time_text(now.jitter)}")
    parts += [f"{name} {getattr(now, name) * 100:g}%" for name in _SHARES if getattr(now, name)]
    if now.rate is not None:
        parts.append(f"rate {rate_text(now.rate)}")
    if now.mtu is not None:
        parts.append(f"mtu {now.mtu}")
    if link.muted is not None:
        parts.append(f"{link.muted.name} mute")
    return " ".join(parts)
