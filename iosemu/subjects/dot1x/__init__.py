"""IEEE 802.1X and MAC authentication bypass: who may use the ports of a switch."""

from iosemu.box.subject import InterfaceSection, Section, Subject
from iosemu.subjects.dot1x.config import (
    ERRORS_DEBUG,
    EVENTS_DEBUG,
    MAB_DEBUG,
    MANAGER_DEBUG,
    PACKETS_DEBUG,
    STATES_DEBUG,
    Dot1xConfig,
    Dot1xPort,
)
from iosemu.subjects.dot1x.running import authentication_lines, dot1x_lines, global_lines
from iosemu.subjects.dot1x.service import PortAccess

SUBJECT = Subject(
    "dot1x",
    config=(Dot1xConfig,),
    services=(PortAccess,),
    follows=("switchport", "etherchannel", "vlan"),
    running=(Section("dot1x", global_lines),),
    facets=(Dot1xPort,),
    interface=(
        InterfaceSection("authentication", authentication_lines),
        InterfaceSection("dot1x", dot1x_lines),
    ),
    debugging=(ERRORS_DEBUG, EVENTS_DEBUG, PACKETS_DEBUG, STATES_DEBUG, MANAGER_DEBUG, MAB_DEBUG),
)
