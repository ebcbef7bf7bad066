"""What a box knows about itself."""

from iosemu.box.subject import Subject
from iosemu.box.system import SystemConfig

SUBJECT = Subject("system", config=(SystemConfig,))
