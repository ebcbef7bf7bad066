"""DHCP snooping: who may serve addresses on a switch, and which addresses were given to whom."""

from iosemu.box.subject import Fields, InterfaceSection, Section, Subject
from iosemu.subjects.dhcp_snooping.config import SnoopingConfig, SnoopingPort
from iosemu.subjects.dhcp_snooping.running import snooping_lines
from iosemu.subjects.dhcp_snooping.service import DhcpSnooping

SUBJECT = Subject(
    "dhcp_snooping",
    config=(SnoopingConfig,),
    services=(DhcpSnooping,),
    running=(Section("ip dhcp snooping", snooping_lines),),
    facets=(SnoopingPort,),
    interface=(InterfaceSection("dhcp-snooping", Fields(SnoopingPort)),),
)
