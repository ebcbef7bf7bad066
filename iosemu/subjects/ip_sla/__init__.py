"""IP service level agreements: operations that ask whether others answer, and the responder that answers them."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.ip_sla.config import IpSlaConfig
from iosemu.subjects.ip_sla.responder import Responder
from iosemu.subjects.ip_sla.running import sla_lines
from iosemu.subjects.ip_sla.service import IpSla

SUBJECT = Subject(
    "ip_sla",
    config=(IpSlaConfig,),
    services=(Responder, IpSla),
    running=(Section("ip sla", sla_lines),),
)
