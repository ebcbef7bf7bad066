"""The firewall: zones, and what may pass between them; rules of inspection on interfaces."""

from iosemu.box.subject import Subject
from iosemu.subjects.firewall.config.cbac import DEBUG, InspectConfig, InspectSides
from iosemu.subjects.firewall.config.maps import ParameterMaps
from iosemu.subjects.firewall.config.zones import ZoneMember, ZonesConfig
from iosemu.subjects.firewall.running import INTERFACE_SECTIONS, SECTIONS
from iosemu.subjects.firewall.service.cbac import Inspection
from iosemu.subjects.firewall.service.zones import ZoneFirewall

SUBJECT = Subject(
    "firewall",
    config=(ZonesConfig, ParameterMaps, InspectConfig),
    services=(ZoneFirewall, Inspection),
    follows=("mqc",),
    running=SECTIONS,
    facets=(ZoneMember, InspectSides),
    interface=INTERFACE_SECTIONS,
    debugging=tuple(DEBUG.values()),
)
