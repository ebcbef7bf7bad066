"""GLBP: several routers that share one gateway address, and the work."""

from iosemu.box.subject import InterfaceSection, Subject
from iosemu.subjects.glbp.config import DEBUG_FLAGS, GlbpPort
from iosemu.subjects.glbp.running import port_lines
from iosemu.subjects.glbp.service import Glbp

SUBJECT = Subject(
    "glbp",
    services=(Glbp,),
    follows=("key_chain", "system"),
    facets=(GlbpPort,),
    interface=(InterfaceSection("glbp", port_lines),),
    debugging=DEBUG_FLAGS,
)
