"""BGP."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.bgp.config import FLAGS, BgpConfig
from iosemu.subjects.bgp.processes import process_rows
from iosemu.subjects.bgp.running import router_lines
from iosemu.subjects.bgp.service.bgp import Bgp

SUBJECT = Subject(
    "bgp",
    config=(BgpConfig,),
    services=(Bgp,),
    follows=("acl", "policy", "routing", "ip", "interface", "vrf"),
    running=(Section("router bgp", router_lines),),
    processes=process_rows,
    debugging=tuple(FLAGS.values()),
)
