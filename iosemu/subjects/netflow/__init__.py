"""NetFlow: what passes a router, told to its user and to collectors."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.netflow.config import FlowPort, NetflowConfig
from iosemu.subjects.netflow.running import SECTIONS, cache_lines, export_lines, talker_lines
from iosemu.subjects.netflow.service import Netflow

SUBJECT = Subject(
    "netflow",
    config=(NetflowConfig,),
    services=(Netflow,),
    follows=("interface",),
    running=(
        Section("ip flow-cache", cache_lines),
        Section("ip flow-export", export_lines),
        Section("ip flow-top-talkers", talker_lines),
    ),
    facets=(FlowPort,),
    interface=SECTIONS,
)
