"""VLAN maps: lists that judge what is switched in a VLAN, or routed into it or out of it."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.vlan_map.config import VlanMaps
from iosemu.subjects.vlan_map.running import filter_lines, map_lines
from iosemu.subjects.vlan_map.service import VlanFilters

SUBJECT = Subject(
    "vlan_map",
    config=(VlanMaps,),
    services=(VlanFilters,),
    running=(Section("vlan access-map", map_lines), Section("vlan filter", filter_lines)),
)
