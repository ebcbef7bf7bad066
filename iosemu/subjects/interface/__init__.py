"""What every interface has."""

from iosemu.box.subject import Subject
from iosemu.subjects.interface.running_interface import SECTIONS

SUBJECT = Subject("interface", interface=SECTIONS)
