"""HSRP: one gateway address for several routers."""

from iosemu.box.subject import InterfaceSection, Subject
from iosemu.subjects.hsrp.config import DEBUG_FLAGS, HsrpPort
from iosemu.subjects.hsrp.running import port_lines
from iosemu.subjects.hsrp.service import Hsrp

SUBJECT = Subject(
    "hsrp",
    services=(Hsrp,),
    follows=("key_chain", "system"),
    facets=(HsrpPort,),
    interface=(InterfaceSection("standby", port_lines),),
    debugging=DEBUG_FLAGS,
)
