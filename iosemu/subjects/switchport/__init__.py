"""Switch ports."""

from iosemu.box.subject import Subject
from iosemu.bridging.bridge import PortMembership

SUBJECT = Subject("switchport", services=(PortMembership,), follows=("vlan", "etherchannel", "spanning_tree"))
