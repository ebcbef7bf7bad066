"""The marks of frames on Catalysts: which a port trusts, and what it makes of them."""

from iosemu.box.subject import InterfaceSection, Section, Subject
from iosemu.subjects.mls_qos.config import PortMarks, QosConfig
from iosemu.subjects.mls_qos.running import global_lines, port_lines
from iosemu.subjects.mls_qos.service import Marking

SUBJECT = Subject(
    "mls_qos",
    config=(QosConfig,),
    services=(Marking,),
    running=(Section("mls", global_lines),),
    facets=(PortMarks,),
    interface=(InterfaceSection("mls-qos", port_lines),),
)
"""`mls qos …`, globally and under an interface, and `show mls qos`."""
