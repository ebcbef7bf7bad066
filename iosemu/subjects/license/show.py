"""`show license`: the technology packages of an ISR G2."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.subjects.version.show.version import license_rows, serial_number


def show_license(context: Context) -> Iterator[str]:
    """`show license`."""
    for number, (technology, current, kind, _after) in enumerate(license_rows(context.device), 1):
        active = current != "None"
        yield f"Index {number} Feature: {current if active else technology + 'k9':<30}"
        if active:
            life = "Life time" if kind == "Permanent" else "8  weeks 3  days "
            yield f"        Period left: {life}"
            yield f"        License Type: {kind}"
            yield "        License State: Active, In Use"
            yield "        License Count: Non-Counted"
            yield f"        License Priority: {'Medium' if kind == 'Permanent' else 'Low'}"
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


def show_feature(context: Context) -> Iterator[str]:
    """`show license feature`."""
    yield f"{'Feature name':<24}{'Enforcement':<13}{'Evaluation':<12}{'Subscription':<14}{'Enabled':<9}RightToUse"
    for technology, current, kind, _after in license_rows(context.device):
        name = current if current != "None" else f"{technology}k9"
        evaluation = "no" if kind == "Permanent" and technology == "ipbase" else "yes"
        enabled = "yes" if current != "None" else "no"
        enforced = "no" if technology == "ipbase" else "yes"
        yield f"{name:<24}{enforced:<13}{evaluation:<12}{'no':<14}{enabled:<9}{evaluation}"
