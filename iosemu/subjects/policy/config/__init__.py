"""What the policy subject keeps: prefix lists, route-maps, lists of AS paths and of communities."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.subjects.policy.config.lists import AsPathList, CommunityList
from iosemu.subjects.policy.config.prefix_list import PrefixEntry, PrefixList, PrefixLists
from iosemu.subjects.policy.config.route_map import RouteMapEntry

__all__ = [
    "AsPathList",
    "CommunityList",
    "PolicyConfig",
    "PrefixEntry",
    "PrefixList",
    "PrefixLists",
    "RouteMapEntry",
]


@dataclass
class PolicyConfig:
    """Lists and route-maps by name, the entries of a route-map by sequence number."""

    route_maps: dict[str, dict[int, RouteMapEntry]] = field(default_factory=dict)
    prefix_lists: PrefixLists = field(default_factory=PrefixLists)
    as_path_lists: dict[int, AsPathList] = field(default_factory=dict)
    community_lists: dict[str, CommunityList] = field(default_factory=dict)
    new_format: bool = False
    """`ip bgp-community new-format`: communities are shown as `aa:nn`."""

    def entries(self, name: str) -> list[RouteMapEntry]:
        """The entries of a route-map in order; none where there is none of that name."""
        return [entry for _, entry in sorted(self.route_maps.get(name, {}).items())]
