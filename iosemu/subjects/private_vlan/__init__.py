"""Private VLANs: hosts of one subnet that hear their gateway, and each other only where they may."""

from iosemu.box.subject import InterfaceSection, Subject
from iosemu.subjects.private_vlan.config import PrivateMapping
from iosemu.subjects.private_vlan.running_interface import mapping_lines
from iosemu.subjects.private_vlan.service import PrivateInterfaces

SUBJECT = Subject(
    "private_vlan",
    services=(PrivateInterfaces,),
    facets=(PrivateMapping,),
    interface=(InterfaceSection("private-vlan", mapping_lines),),
)
