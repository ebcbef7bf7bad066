"""`show policy-map` of Catalysts."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.subjects.qos.show import maps


def show_policy_map(context: Context, name: str = "", class_name: str = "") -> Iterator[str]:
    """`show policy-map [NAME [class CLASS]]`."""
    return maps.show_policy_map(context, name, class_name)
