"""NTP: the clock of the box follows servers and peers, and others follow it."""

from iosemu.box.subject import InterfaceSection, Section, Subject
from iosemu.subjects.ntp.config import EVENTS, PACKETS, NtpConfig, NtpPort
from iosemu.subjects.ntp.running import ntp_lines, port_lines
from iosemu.subjects.ntp.service import Ntp

SUBJECT = Subject(
    "ntp",
    config=(NtpConfig,),
    services=(Ntp,),
    follows=("clock", "ip"),
    running=(Section("ntp", ntp_lines),),
    facets=(NtpPort,),
    interface=(InterfaceSection("ntp", port_lines),),
    debugging=(EVENTS, PACKETS),
)
