"""VRRP: one gateway address for several routers, by the standard."""

from iosemu.box.subject import InterfaceSection, Subject
from iosemu.subjects.vrrp.config import DEBUG_FLAGS, VrrpPort
from iosemu.subjects.vrrp.running import port_lines
from iosemu.subjects.vrrp.service import Vrrp

SUBJECT = Subject(
    "vrrp",
    services=(Vrrp,),
    follows=("key_chain", "system"),
    facets=(VrrpPort,),
    interface=(InterfaceSection("vrrp", port_lines),),
    debugging=DEBUG_FLAGS,
)
