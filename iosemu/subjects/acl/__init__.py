"""Access lists."""

from iosemu.box.subject import InterfaceSection, Section, Subject
from iosemu.subjects.acl.config import AclsConfig
from iosemu.subjects.acl.running import access_group_lines, named_lines, numbered_lines
from iosemu.subjects.acl.service import AccessLists

SUBJECT = Subject(
    "acl",
    config=(AclsConfig,),
    services=(AccessLists,),
    running=(
        Section("ip access-list", named_lines),
        Section("access-list", numbered_lines),
    ),
    interface=(InterfaceSection("ip access-group", access_group_lines),),
)
