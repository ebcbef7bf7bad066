"""A PC or server."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.pc.config import HostConfig
from iosemu.subjects.pc.running import pc_lines
from iosemu.subjects.pc.service import HostClients, HostResolver, HostStack, NetworkCards

SUBJECT = Subject(
    "pc",
    config=(HostConfig,),
    services=(HostStack, NetworkCards, HostClients, HostResolver),
    running=(Section("pc", pc_lines),),
)
