"""A PC that proves itself to the switch port that it is at (IEEE 802.1X)."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.supplicant.config import SupplicantConfig
from iosemu.subjects.supplicant.running import supplicant_lines
from iosemu.subjects.supplicant.service import HostSupplicant

SUBJECT = Subject(
    "supplicant",
    config=(SupplicantConfig,),
    services=(HostSupplicant,),
    running=(Section("supplicant", supplicant_lines),),
)
