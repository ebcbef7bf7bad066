"""IP source guard: a port takes packets from the addresses that are bound to it alone."""

from iosemu.box.subject import InterfaceSection, Section, Subject
from iosemu.subjects.source_guard.config import SourceBindings, SourceVerification
from iosemu.subjects.source_guard.running import binding_lines, port_lines
from iosemu.subjects.source_guard.service import SourceGuard

SUBJECT = Subject(
    "source_guard",
    config=(SourceBindings,),
    services=(SourceGuard,),
    running=(Section("ip source binding", binding_lines),),
    facets=(SourceVerification,),
    interface=(InterfaceSection("verify-source", port_lines),),
)
