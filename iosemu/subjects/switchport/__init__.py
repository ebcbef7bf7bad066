"""Switch ports."""

from iosemu.box.subject import InterfaceSection, Subject
from iosemu.bridging.bridge import PortMembership
from iosemu.subjects.switchport.running import port_lines

SUBJECT = Subject(
    "switchport",
    services=(PortMembership,),
    follows=("vlan", "etherchannel", "spanning_tree"),
    interface=(InterfaceSection("switchport", port_lines),),
)
