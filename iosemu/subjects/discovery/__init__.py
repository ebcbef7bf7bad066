"""CDP and LLDP."""

from iosemu.box.subject import Subject
from iosemu.subjects.discovery.config import CdpConfig, CdpPort, LldpConfig, LldpPort
from iosemu.subjects.discovery.running_interface import SECTIONS
from iosemu.subjects.discovery.service import Discovery

SUBJECT = Subject(
    "discovery",
    config=(CdpConfig, LldpConfig),
    services=(Discovery,),
    facets=(
        CdpPort,
        LldpPort,
    ),
    interface=SECTIONS,
)
