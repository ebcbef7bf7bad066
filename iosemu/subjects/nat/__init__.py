"""Network address translation."""

from iosemu.box.subject import InterfaceSection, Section, Subject
from iosemu.subjects.nat.config import NAT_DEBUG, NatConfig
from iosemu.subjects.nat.running import nat_lines, side_lines
from iosemu.subjects.nat.service import Nat

SUBJECT = Subject(
    "nat",
    config=(NatConfig,),
    services=(Nat,),
    debugging=(NAT_DEBUG,),
    running=(Section("ip nat", nat_lines),),
    interface=(InterfaceSection("ip nat", side_lines),),
)
