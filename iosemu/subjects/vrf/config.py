"""The VRFs of a box."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True)
class VrfStyle:
    """What an image's words about VRFs are like."""

    stem: ClassVar[str] = "vrf"
    families: bool = True
    """It knows VRFs with several address families, and says so."""


@dataclass
class RouteTargets:
    """`route-target …` and `maximum routes …` of one address family."""

    exported: list[str] = field(default_factory=list)
    imported: list[str] = field(default_factory=list)
    maximum: int | None = None
    """Routes; None: no limit."""
    threshold: int | None = None
    """Per cent of `maximum` at which a warning is due; None: warnings only, and no limit."""


@dataclass
class VrfDefinition:
    """`ip vrf NAME`, or `vrf definition NAME`."""

    name: str
    number: int
    """Its identifier, and that of its table."""
    by_family: bool = False
    """It was made by `vrf definition`, and has the families that it was given."""
    rd: str | None = None
    """The route distinguisher."""
    description: str = ""
    common: RouteTargets = field(default_factory=RouteTargets)
    families: dict[str, AddressFamily] = field(default_factory=dict)
    """`address-family ipv4` and `ipv6`, by these words."""

    def targets(self, way: str) -> set[str]:
        """The route targets for IPv4, `exported` or `imported`: of its family, else those common to all."""
        family = self.families.get("ipv4")
        own: list[str] = getattr(family.targets, way) if family is not None else []
        return set(own or getattr(self.common, way))

    @property
    def limits(self) -> RouteTargets:
        """Where `maximum routes` for IPv4 stands."""
        family = self.families.get("ipv4")
        return family.targets if self.by_family and family is not None else self.common

    @property
    def has_ipv4(self) -> bool:
        """Whether it has a table for IPv4."""
        return not self.by_family or "ipv4" in self.families


@dataclass
class AddressFamily:
    """`address-family ipv4` of a VRF."""

    vrf: str
    family: str
    targets: RouteTargets = field(default_factory=RouteTargets)


@dataclass
class VrfsConfig:
    """All VRFs of a box, by name, in the order in which they were made."""

    vrfs: dict[str, VrfDefinition] = field(default_factory=dict)
    made: int = field(default=0, compare=False)
    """How many were made; their numbers are not used again."""

    def make(self, name: str, by_family: bool) -> VrfDefinition:
        """A new VRF."""
        self.made += 1
        found = self.vrfs[name] = VrfDefinition(name, self.made, by_family)
        return found
