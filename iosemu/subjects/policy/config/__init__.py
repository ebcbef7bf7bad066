"""What the policy subject keeps: prefix lists, route-maps, lists of AS paths and of communities."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.box.debugging import DebugFlag
from iosemu.subjects.policy.config.extcommunity import ExtcommunityList
from iosemu.subjects.policy.config.lists import AsPathList, CommunityList
from iosemu.subjects.policy.config.prefix_list import PrefixEntry, PrefixList, PrefixLists
from iosemu.subjects.policy.config.route_map import RouteMapEntry

__all__ = [
    "DEBUG",
    "AsPathList",
    "CommunityList",
    "PolicyConfig",
    "PolicyPort",
    "PrefixEntry",
    "PrefixList",
    "PrefixLists",
    "RouteMapEntry",
]


DEBUG = DebugFlag("Policy routing", "Policy Routing")


@dataclass
class PolicyPort:
    """`ip policy route-map NAME` under `interface X`."""

    route_map: str | None = None


@dataclass
class PolicyConfig:
    """Lists and route-maps by name, the entries of a route-map by sequence number."""

    route_maps: dict[str, dict[int, RouteMapEntry]] = field(default_factory=dict)
    prefix_lists: PrefixLists = field(default_factory=PrefixLists)
    as_path_lists: dict[int, AsPathList] = field(default_factory=dict)
    community_lists: dict[str, CommunityList] = field(default_factory=dict)
    extcommunity_lists: dict[str, ExtcommunityList] = field(default_factory=dict)
    local_policy: str | None = None
    """`ip local policy route-map`: for packets that are made here."""
    new_format: bool = False
    """`ip bgp-community new-format`: communities are shown as `aa:nn`."""

    def entries(self, name: str) -> list[RouteMapEntry]:
        """The entries of a route-map in order; none where there is none of that name."""
        return [entry for _, entry in sorted(self.route_maps.get(name, {}).items())]
