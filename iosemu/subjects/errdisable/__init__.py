"""Ports that are taken out of service for an error."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.errdisable.config import ErrdisableConfig
from iosemu.subjects.errdisable.running import errdisable_lines
from iosemu.subjects.errdisable.service import Errdisable

SUBJECT = Subject(
    "errdisable",
    config=(ErrdisableConfig,),
    services=(Errdisable,),
    running=(Section("errdisable", errdisable_lines),),
)
