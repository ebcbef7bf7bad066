"""Serial lines."""

from iosemu.box.subject import Subject
from iosemu.ip.serial import SerialSettings
from iosemu.subjects.serial.running_interface import SECTIONS
from iosemu.subjects.serial.service import Lines

SUBJECT = Subject(
    "serial",
    services=(Lines,),
    follows=("interface", "frame_relay"),
    facets=(SerialSettings,),
    interface=SECTIONS,
)
