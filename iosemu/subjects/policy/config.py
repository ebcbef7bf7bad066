"""`route-map …`."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class RouteMapEntry:
    """`route-map NAME permit|deny SEQUENCE`."""

    name: str
    sequence: int
    permit: bool = True
    description: str = ""
    access_lists: list[str] = field(default_factory=list)
    """`match ip address`: one of them must permit."""
    interfaces: list[str] = field(default_factory=list)
    """`match interface`: one of them."""
    tags: list[int] = field(default_factory=list)
    """`match tag`: one of them."""
    metric: int | None = None
    """`set metric`."""
    metric_type: str | None = None
    """`set metric-type`."""
    tag: int | None = None
    """`set tag`."""


@dataclass
class PolicyConfig:
    """Route-maps by name, their entries by sequence number."""

    route_maps: dict[str, dict[int, RouteMapEntry]] = field(default_factory=dict)

    def entries(self, name: str) -> list[RouteMapEntry]:
        """The entries of a route-map in order; none where there is none of that name."""
        return [entry for _, entry in sorted(self.route_maps.get(name, {}).items())]
