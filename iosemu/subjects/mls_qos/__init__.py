"""Quality of service of Catalysts: what ports trust, mark and police."""

from iosemu.box.subject import InterfaceSection, Section, Subject
from iosemu.subjects.mls_qos.config import PortMarks, QosConfig
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
)
"""`mls qos …`, globally and under an interface, policies of ports, and `show mls qos`."""
