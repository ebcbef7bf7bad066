"""All faults there are."""

from __future__ import annotations

from iosemu.challenges import addressing, distance_vector, gateways, ikev2, routing, switching, vpn
from iosemu.challenges.fault import Change, Fault, Healthy
from iosemu.lab.errors import LabError

CATALOGUE = {
    fault.name: fault
    for fault in (
        *switching.FAULTS, *addressing.FAULTS, *gateways.FAULTS, *routing.FAULTS, *distance_vector.FAULTS,
        *vpn.FAULTS, *ikev2.FAULTS,
    )
}  # fmt: skip
"""By name, in the order of the layers."""


def fault_of(name: str) -> Fault:
    """A fault by name; raises LabError naming those there are."""
    if name not in CATALOGUE:
        raise LabError(f"there is no fault {name!r}; there are: {', '.join(CATALOGUE)}")
    return CATALOGUE[name]


def places(healthy: Healthy) -> dict[str, list[Change]]:
    """Where in a lab each fault fits; faults that fit nowhere are left out."""
    found = {fault.name: list(fault.find(healthy)) for fault in CATALOGUE.values()}
    return {name: changes for name, changes in found.items() if changes}
