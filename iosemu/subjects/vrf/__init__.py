"""VRFs: instances of routing and forwarding beside the default one (VRF-lite: without labels)."""

from iosemu.box.subject import InterfaceSection, Section, Subject
from iosemu.ip.config import VrfForwarding
from iosemu.subjects.vrf.config import VrfsConfig
from iosemu.subjects.vrf.running import definition_lines, forwarding_lines, vrf_lines
from iosemu.subjects.vrf.service import Vrfs

SUBJECT = Subject(
    "vrf",
    config=(VrfsConfig,),
    services=(Vrfs,),
    facets=(VrfForwarding,),
    running=(Section("vrf definition", definition_lines), Section("ip vrf", vrf_lines)),
    interface=(InterfaceSection("vrf", forwarding_lines),),
)
