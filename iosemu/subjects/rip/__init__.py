"""RIP."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.rip.config import DATABASE_DEBUG, EVENTS_DEBUG, PROTOCOL_DEBUG, RipConfig, RipPort
from iosemu.subjects.rip.running import SECTIONS, router_lines
from iosemu.subjects.rip.service import RipRouting

SUBJECT = Subject(
    "rip",
    config=(RipConfig,),
    services=(RipRouting,),
    follows=("acl", "policy", "vrf"),
    running=(Section("router rip", router_lines),),
    facets=(RipPort,),
    interface=SECTIONS,
    debugging=(PROTOCOL_DEBUG, EVENTS_DEBUG, DATABASE_DEBUG),
)
