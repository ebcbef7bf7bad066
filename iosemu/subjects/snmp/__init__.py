"""SNMP: the agent, and the traps that it sends."""

from iosemu.box.subject import Fields, InterfaceSection, Section, Subject
from iosemu.subjects.snmp.config import PACKETS, SnmpConfig, SnmpPort
from iosemu.subjects.snmp.running import server_lines
from iosemu.subjects.snmp.service import SnmpAgent

SUBJECT = Subject(
    "snmp",
    config=(SnmpConfig,),
    services=(SnmpAgent,),
    running=(Section("snmp-server", server_lines),),
    facets=(SnmpPort,),
    interface=(InterfaceSection("snmp", Fields(SnmpPort)),),
    debugging=(PACKETS,),
)
