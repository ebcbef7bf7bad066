"""VLANs and VTP."""

from iosemu.box.subject import Section, Subject
from iosemu.bridging.vlans import VlanConfig
from iosemu.subjects.vlan.running import vlan_lines, vtp_lines
from iosemu.subjects.vlan.service import VlanDatabase

SUBJECT = Subject(
    "vlan",
    config=(VlanConfig,),
    services=(VlanDatabase,),
    follows=("switchport",),
    running=(
        Section("vtp", vtp_lines),
        Section("vlan", vlan_lines),
    ),
)
