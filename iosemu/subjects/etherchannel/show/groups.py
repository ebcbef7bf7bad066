"""The groups that negotiate, for the shows of LACP and of PAgP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from iosemu.box.device import Device
from iosemu.subjects.etherchannel.service import EtherChannels

Machine = TypeVar("Machine")


def machines(
    switch: Device, negotiating: Mapping[str, Machine], group: int | None
) -> Iterator[tuple[int, list[tuple[str, Machine]]]]:
    """Each group (or one) that has ports among `negotiating`, with these and their machines."""
    for number, ports in switch.service(EtherChannels).groups().items():
        found = [(port, negotiating[port]) for port in ports if port in negotiating]
        if found and group in (None, number):
            yield number, found
