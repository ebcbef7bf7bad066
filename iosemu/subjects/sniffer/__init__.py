"""A sniffer."""

from iosemu.box.subject import Subject
from iosemu.subjects.sniffer.config import SnifferConfig
from iosemu.subjects.sniffer.service import Sniffer

SUBJECT = Subject("sniffer", config=(SnifferConfig,), services=(Sniffer,))
