"""Access lists."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.acl.config import AccessGroups, AclsConfig
from iosemu.subjects.acl.running import named_lines, numbered_lines
from iosemu.subjects.acl.running_interface import SECTIONS
from iosemu.subjects.acl.service import AccessLists

SUBJECT = Subject(
    "acl",
    config=(AclsConfig,),
    services=(AccessLists,),
    running=(
        Section("ip access-list", named_lines),
        Section("access-list", numbered_lines),
    ),
    facets=(AccessGroups,),
    interface=SECTIONS,
)
