"""Access lists."""

from iosemu.box.subject import Subject
from iosemu.subjects.acl.config import AclsConfig
from iosemu.subjects.acl.service import AccessLists

SUBJECT = Subject("acl", config=(AclsConfig,), services=(AccessLists,))
