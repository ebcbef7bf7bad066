"""The switching plane and its ports."""

from iosemu.box.subject import Subject
from iosemu.bridging.bridge import Bridge

SUBJECT = Subject("bridging", services=(Bridge,), follows=("switchport",))
