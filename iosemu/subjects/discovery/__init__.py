"""CDP and LLDP."""

from iosemu.box.subject import Subject
from iosemu.subjects.discovery.config import CdpConfig, LldpConfig
from iosemu.subjects.discovery.service import Discovery

SUBJECT = Subject("discovery", config=(CdpConfig, LldpConfig), services=(Discovery,))
