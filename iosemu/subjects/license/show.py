"""`show license`: the technology packages of an ISR G2."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.subjects.version.show.version import serial_number


def show_license(context: Context) -> Iterator[str]:
    """`show license`."""
    packages = context.device.model.facts["license"]["packages"]
    for number, (technology, current, kind, _after) in enumerate(packages, 1):
        active = current != "None"
        yield f"Index {number} Feature: {current if active else technology + 'k9':<30}"
        if active:
            yield "        Period left: Life time"
            yield f"        License Type: {kind}"
            yield "        License State: Active, In Use"
            yield "        License Count: Non-Counted"
            yield "        License Priority: Medium"
        else:
            yield "        Period left: Not Activated"
            yield "        Period Used: 0  minute  0  second  "
            yield "        License Type: EvalRightToUse"
            yield "        License State: Not in Use, EULA not accepted"
            yield "        License Count: Non-Counted"
            yield "        License Priority: None"


def show_udi(context: Context) -> Iterator[str]:
    """`show license udi`."""
    pid, serial = context.device.model.facts["pid"], serial_number(context.device)
    yield "Device#\tPID\t\t\tSN\t\t\tUDI"
    yield "-" * 77
    yield f"*0\t{pid}\t\t{serial}\t\t{pid}:{serial}"
