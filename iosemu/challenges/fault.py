"""What can be wrong in a lab: a fault of the catalogue, and one place where it fits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from iosemu.lab.image import LabImage
from iosemu.lab.lab import Lab

SHOWN = ("en", "ja")
"""Languages of titles and hints."""


@dataclass(frozen=True, slots=True)
class Change:
    """What makes a fault in one device, and what repairs it.

    Lines are those of `configure terminal`; on a PC, which has no such mode, those of its prompt.
    """

    device: str
    spoil: tuple[str, ...]
    repair: tuple[str, ...]
    about: str
    """Where it is: the interface, the block or the line."""


@dataclass(frozen=True, slots=True)
class Healthy:
    """A lab in which all is well, for who looks for places to spoil."""

    lab: Lab
    image: LabImage

    def texts(self, *kinds: str) -> Iterator[tuple[str, str]]:
        """Names and configurations of the devices of these kinds; of routers and switches without any."""
        for name, text in self.image.configurations.items():
            if self.lab.devices[name].kind in (kinds or ("router", "switch")):
                yield name, text

    def cabled(self, device: str) -> set[str]:
        """The device's ports with a cable."""
        return {port for port, socket in self.lab.devices[device].ports.items() if socket.link is not None}


@dataclass(frozen=True, slots=True)
class Fault:
    """An entry of the catalogue."""

    name: str
    """Such as `isakmp-key`."""
    title: tuple[str, str]
    """In English and Japanese."""
    area: tuple[str, str]
    """What to look at, without saying what is wrong."""
    find: Callable[[Healthy], Iterable[Change]]
    """The places of a lab where it fits."""
