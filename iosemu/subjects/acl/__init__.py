"""Access lists."""

from iosemu.box.subject import Subject
from iosemu.subjects.acl.config import AccessGroups, AclsConfig
from iosemu.subjects.acl.running_interface import SECTIONS
from iosemu.subjects.acl.service import AccessLists

SUBJECT = Subject(
    "acl", config=(AclsConfig,), services=(AccessLists,), facets=(AccessGroups,), interface=SECTIONS
)
