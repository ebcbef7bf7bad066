"""NBAR: what passes a router is told apart by protocol, and counted."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.nbar.config import DiscoveryPort
from iosemu.subjects.nbar.running import SECTIONS, port_map_lines
from iosemu.subjects.nbar.service import ProtocolDiscovery

SUBJECT = Subject(
    "nbar",
    services=(ProtocolDiscovery,),
    follows=("interface", "mqc"),
    running=(Section("ip nbar", port_map_lines),),
    facets=(DiscoveryPort,),
    interface=SECTIONS,
)
