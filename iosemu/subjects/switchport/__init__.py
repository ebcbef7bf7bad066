"""Switch ports."""

from iosemu.box.subject import Subject
from iosemu.bridging.bridge import PortMembership
from iosemu.bridging.switchport import Switchport
from iosemu.subjects.switchport.running_interface import SECTIONS

SUBJECT = Subject(
    "switchport",
    services=(PortMembership,),
    follows=("vlan", "private_vlan", "etherchannel", "spanning_tree"),
    facets=(Switchport,),
    interface=SECTIONS,
)
