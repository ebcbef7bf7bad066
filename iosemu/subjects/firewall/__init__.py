"""The firewall: zones, and what may pass between them."""

from iosemu.box.subject import Subject
from iosemu.subjects.firewall.config.maps import ParameterMaps
from iosemu.subjects.firewall.config.zones import ZoneMember, ZonesConfig
from iosemu.subjects.firewall.running import INTERFACE_SECTIONS, SECTIONS
from iosemu.subjects.firewall.service.zones import ZoneFirewall

SUBJECT = Subject(
    "firewall",
    config=(ZonesConfig, ParameterMaps),
    services=(ZoneFirewall,),
    follows=("mqc",),
    running=SECTIONS,
    facets=(ZoneMember,),
    interface=INTERFACE_SECTIONS,
)
