"""`storm-control …` under an interface."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.net.storm_control import Threshold, Traffic, Unit

SUFFIXES = {"g": 1e9, "m": 1e6, "k": 1e3}


@dataclass
class StormControl:
    """What a port takes of each kind of traffic, and what it does when more comes."""

    levels: dict[Traffic, Threshold] = field(default_factory=dict)
    shutdown: bool = False
    trap: bool = False


def number(text: str) -> float:
    """`10`, `1.5m`, `20k` as a number."""
    return float(text[:-1]) * SUFFIXES[text[-1]] if text[-1] in SUFFIXES else float(text)


def metric(value: float) -> str:
    """A number as the box writes rates: `950`, `1k`, `1.5m`."""
    for suffix, factor in SUFFIXES.items():
        short = f"{value / factor:.2f}".rstrip("0").rstrip(".")
        if value >= factor and float(short) * factor == value:
            return short + suffix
    return f"{value:.2f}".rstrip("0").rstrip(".")


def level(value: float, unit: Unit) -> str:
    """A threshold as the configuration has it."""
    return f"{value:.2f}" if unit is Unit.PERCENT else metric(value)
