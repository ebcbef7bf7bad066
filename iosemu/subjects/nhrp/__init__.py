"""NHRP, and what DMVPN makes of it."""

from iosemu.box.subject import InterfaceSection, Section, Subject
from iosemu.subjects.nhrp.config import DEBUG_FLAGS, DmvpnLogging, NhrpPort
from iosemu.subjects.nhrp.running import logging_lines, port_lines
from iosemu.subjects.nhrp.service import Nhrp

SUBJECT = Subject(
    "nhrp",
    config=(DmvpnLogging,),
    services=(Nhrp,),
    follows=("ip", "interface", "tunnel", "vrf", "crypto"),
    running=(Section("logging dmvpn", logging_lines),),
    facets=(NhrpPort,),
    interface=(InterfaceSection("nhrp", port_lines),),
    debugging=DEBUG_FLAGS,
)
