"""Access lists."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.acl.config import AccessGroups, AclsConfig
from iosemu.subjects.acl.running import (
    arp_lines,
    group_lines,
    mac_lines,
    named_lines,
    numbered_lines,
    reflexive_lines,
    time_range_lines,
)
from iosemu.subjects.acl.running_interface import SECTIONS
from iosemu.subjects.acl.service import AccessLists

SUBJECT = Subject(
    "acl",
    config=(AclsConfig,),
    services=(AccessLists,),
    follows=("clock", "system"),
    running=(
        Section("ip reflexive-list", reflexive_lines),
        Section("object-group", group_lines),
        Section("arp access-list", arp_lines),
        Section("ip access-list", named_lines),
        Section("access-list", numbered_lines),
        Section("mac access-list", mac_lines),
        Section("time-range", time_range_lines),
    ),
    facets=(AccessGroups,),
    interface=SECTIONS,
)
