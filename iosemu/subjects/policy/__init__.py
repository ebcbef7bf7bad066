"""Route-maps: what a packet or a route has to be like, and what is done with it."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.policy.config import PolicyConfig
from iosemu.subjects.policy.running import route_map_lines
from iosemu.subjects.policy.service import Policies

SUBJECT = Subject(
    "policy",
    config=(PolicyConfig,),
    services=(Policies,),
    running=(Section("route-map", route_map_lines),),
)
