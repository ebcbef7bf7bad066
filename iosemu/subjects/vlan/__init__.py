"""VLANs and VTP."""

from iosemu.box.subject import Subject
from iosemu.bridging.vlans import VlanConfig
from iosemu.subjects.vlan.service import VlanDatabase

SUBJECT = Subject("vlan", config=(VlanConfig,), services=(VlanDatabase,), follows=("switchport",))
