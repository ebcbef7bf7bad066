"""UDLD: links that carry one direction only."""

from iosemu.box.subject import InterfaceSection, Section, Subject
from iosemu.subjects.udld.config import UdldConfig, UdldSettings
from iosemu.subjects.udld.running import port_lines, udld_lines
from iosemu.subjects.udld.service import Udld

SUBJECT = Subject(
    "udld",
    config=(UdldConfig,),
    services=(Udld,),
    follows=("switchport", "errdisable", "system"),
    running=(Section("udld", udld_lines),),
    facets=(UdldSettings,),
    interface=(InterfaceSection("udld", port_lines),),
)
