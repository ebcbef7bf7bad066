"""Network address translation."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.nat.config import NAT_DEBUG, NatConfig, NatSide
from iosemu.subjects.nat.running import nat_lines
from iosemu.subjects.nat.running_interface import SECTIONS
from iosemu.subjects.nat.service import Nat

SUBJECT = Subject(
    "nat",
    config=(NatConfig,),
    services=(Nat,),
    follows=("vrf",),
    facets=(NatSide,),
    debugging=(NAT_DEBUG,),
    running=(Section("ip nat", nat_lines),),
    interface=SECTIONS,
)
