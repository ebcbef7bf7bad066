"""VLAN interfaces and routed ports of a switch."""

from iosemu.box.subject import Subject
from iosemu.subjects.svi.service import SwitchVirtualInterfaces

SUBJECT = Subject("svi", services=(SwitchVirtualInterfaces,), follows=("interface", "switchport"))
