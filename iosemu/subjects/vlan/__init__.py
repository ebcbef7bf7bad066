"""VLANs and VTP."""

from iosemu.box.subject import Section, Subject
from iosemu.bridging.vlans import VlanConfig
from iosemu.subjects.vlan.running import vlan_lines, vtp_lines
from iosemu.subjects.vlan.service import VlanDatabase
from iosemu.subjects.vlan.vtp import Vtp

SUBJECT = Subject(
    "vlan",
    config=(VlanConfig,),
    services=(VlanDatabase, Vtp),
    follows=("switchport", "private_vlan"),
    running=(
        Section("vtp", vtp_lines),
        Section("vlan", vlan_lines),
    ),
)
