"""What a box starts from."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.boot.config import BootConfig
from iosemu.subjects.boot.running import boot_lines, service_config_lines
from iosemu.subjects.boot.service import Boot

SUBJECT = Subject(
    "boot",
    config=(BootConfig,),
    services=(Boot,),
    running=(Section("boot", boot_lines), Section("service config", service_config_lines)),
)
