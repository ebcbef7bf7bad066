"""A sniffer."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.sniffer.config import SnifferConfig
from iosemu.subjects.sniffer.running import sniffer_lines
from iosemu.subjects.sniffer.service import Sniffer

SUBJECT = Subject(
    "sniffer", config=(SnifferConfig,), services=(Sniffer,), running=(Section("sniffer", sniffer_lines),)
)
