"""Access lists on the ports of a switch: IP and MAC lists judge what comes in."""

from iosemu.box.subject import InterfaceSection, Subject
from iosemu.subjects.port_acl.config import MacAccessGroup
from iosemu.subjects.port_acl.running_interface import group_lines
from iosemu.subjects.port_acl.service import PortAccessLists

SUBJECT = Subject(
    "port_acl",
    services=(PortAccessLists,),
    follows=("acl", "switchport"),
    facets=(MacAccessGroup,),
    interface=(InterfaceSection("mac-access-group", group_lines),),
)
