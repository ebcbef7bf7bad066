"""Route-maps and lists: what a packet or a route has to be like, and what is done with it."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.policy.config import DEBUG, PolicyConfig, PolicyPort
from iosemu.subjects.policy.packets import PolicyRouting
from iosemu.subjects.policy.running import (
    as_path_lines,
    community_format_lines,
    community_lines,
    extcommunity_lines,
    local_policy_lines,
    prefix_list_lines,
    route_map_lines,
)
from iosemu.subjects.policy.running_interface import SECTIONS
from iosemu.subjects.policy.service import Policies

SUBJECT = Subject(
    "policy",
    config=(PolicyConfig,),
    services=(Policies, PolicyRouting),
    follows=("interface", "ip"),
    running=(
        Section("ip as-path", as_path_lines),
        Section("ip bgp-community", community_format_lines),
        Section("ip community-list", community_lines),
        Section("ip extcommunity-list", extcommunity_lines),
        Section("ip prefix-list", prefix_list_lines),
        Section("ip local policy", local_policy_lines),
        Section("route-map", route_map_lines),
    ),
    facets=(PolicyPort,),
    interface=SECTIONS,
    debugging=(DEBUG,),
)
