"""EIGRP."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.eigrp.config import (
    FSM_DEBUG,
    NEIGHBORS_DEBUG,
    PACKETS_DEBUG,
    ROUTES_DEBUG,
    EigrpConfig,
    EigrpPort,
)
from iosemu.subjects.eigrp.processes import process_rows
from iosemu.subjects.eigrp.running import SECTIONS, router_lines
from iosemu.subjects.eigrp.service.eigrp import EigrpRouting

SUBJECT = Subject(
    "eigrp",
    config=(EigrpConfig,),
    services=(EigrpRouting,),
    follows=("acl", "policy", "key_chain", "ip", "interface", "tunnel", "vrf"),
    running=(Section("router eigrp", router_lines),),
    facets=(EigrpPort,),
    interface=SECTIONS,
    processes=process_rows,
    debugging=(PACKETS_DEBUG, FSM_DEBUG, NEIGHBORS_DEBUG, ROUTES_DEBUG),
)
