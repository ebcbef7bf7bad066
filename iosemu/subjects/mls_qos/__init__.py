"""Quality of service of Catalysts: what ports trust, mark and police."""

from iosemu.box.subject import InterfaceSection, Section, Subject
from iosemu.subjects.mls_qos.config import AUTO_DEBUG, PortMarks, QosConfig
from iosemu.subjects.mls_qos.running import global_lines, policy_lines, port_lines
from iosemu.subjects.mls_qos.service import Marking

SUBJECT = Subject(
    "mls_qos",
    config=(QosConfig,),
    services=(Marking,),
    follows=("mqc", "interface"),
    running=(Section("mls", global_lines),),
    facets=(PortMarks,),
    interface=(InterfaceSection("mls-qos", port_lines), InterfaceSection("switch-policy", policy_lines)),
    debugging=(AUTO_DEBUG,),
)
"""`mls qos …`, globally and under an interface, policies of ports, and `show mls qos`."""
