"""Storm control: ports that take only so much broadcast, multicast or unicast traffic."""

from iosemu.box.subject import InterfaceSection, Subject
from iosemu.subjects.storm_control.config import StormControl
from iosemu.subjects.storm_control.running import port_lines
from iosemu.subjects.storm_control.service import StormGuard

SUBJECT = Subject(
    "storm_control",
    services=(StormGuard,),
    follows=("switchport", "errdisable"),
    facets=(StormControl,),
    interface=(InterfaceSection("storm-control", port_lines),),
)
