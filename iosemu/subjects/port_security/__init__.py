"""Port security."""

from iosemu.box.subject import InterfaceSection, Subject
from iosemu.subjects.port_security.running import port_lines
from iosemu.subjects.port_security.service import PortSecurityGuard

SUBJECT = Subject(
    "port_security",
    services=(PortSecurityGuard,),
    follows=("switchport",),
    interface=(InterfaceSection("switchport port-security", port_lines),),
)
