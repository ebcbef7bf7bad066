"""Route-maps and lists: what a packet or a route has to be like, and what is done with it."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.policy.config import PolicyConfig
from iosemu.subjects.policy.running import (
    as_path_lines,
    community_format_lines,
    community_lines,
    prefix_list_lines,
    route_map_lines,
)
from iosemu.subjects.policy.service import Policies

SUBJECT = Subject(
    "policy",
    config=(PolicyConfig,),
    services=(Policies,),
    running=(
        Section("ip as-path", as_path_lines),
        Section("ip bgp-community", community_format_lines),
        Section("ip community-list", community_lines),
        Section("ip prefix-list", prefix_list_lines),
        Section("route-map", route_map_lines),
    ),
)
