"""PPP."""

from iosemu.box.subject import Subject
from iosemu.subjects.ppp.config import AUTHENTICATION, NEGOTIATION, PppSettings
from iosemu.subjects.ppp.running_interface import SECTIONS
from iosemu.subjects.ppp.service import PppLines

SUBJECT = Subject(
    "ppp",
    services=(PppLines,),
    follows=("ip", "discovery", "system"),
    facets=(PppSettings,),
    interface=SECTIONS,
    debugging=(AUTHENTICATION, NEGOTIATION),
)
