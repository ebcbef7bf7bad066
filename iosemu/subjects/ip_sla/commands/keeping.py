"""What is kept of results: `history …` under an operation."""

from __future__ import annotations

from iosemu.handling.context import Context
from iosemu.subjects.ip_sla.config import Keeping, Operation


def _keep(context: Context, name: str, value: int | str) -> None:
    usual = getattr(Keeping(), name)
    setattr(context.edited(Operation).keeping, name, usual if context.off else value)


def hours(context: Context, count: int = 0) -> None:
    """`history hours-of-statistics-kept N`."""
    _keep(context, "hours", count)


def distributions(context: Context, count: int = 0) -> None:
    """`history distributions-of-statistics-kept N`."""
    _keep(context, "distributions", count)


def interval(context: Context, count: int = 0) -> None:
    """`history statistics-distribution-interval MILLISECONDS`."""
    _keep(context, "interval", count)


def lives(context: Context, count: int = 0) -> None:
    """`history lives-kept N`."""
    _keep(context, "lives", count)


def buckets(context: Context, count: int = 0) -> None:
    """`history buckets-kept N`."""
    _keep(context, "buckets", count)


def filter_(context: Context, filter: str = "") -> None:  # noqa: A002 - as the keyword is written
    """`history filter (none | all | failures | overThreshold)`."""
    _keep(context, "filter", filter)
