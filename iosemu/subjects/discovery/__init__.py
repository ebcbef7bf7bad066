"""CDP and LLDP."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.discovery.config import CdpConfig, CdpPort, LldpConfig, LldpPort
from iosemu.subjects.discovery.running import cdp_lines, lldp_lines
from iosemu.subjects.discovery.running_interface import SECTIONS
from iosemu.subjects.discovery.service import Discovery

SUBJECT = Subject(
    "discovery",
    config=(CdpConfig, LldpConfig),
    services=(Discovery,),
    running=(
        Section("cdp", cdp_lines),
        Section("lldp", lldp_lines),
    ),
    facets=(
        CdpPort,
        LldpPort,
    ),
    interface=SECTIONS,
)
