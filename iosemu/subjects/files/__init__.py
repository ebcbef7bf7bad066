"""Files."""

from iosemu.box.subject import Fields, Section, Subject
from iosemu.box.system import SystemConfig
from iosemu.subjects.files.service import Copies

SUBJECT = Subject(
    "files", services=(Copies,), running=(Section("file prompt", Fields(SystemConfig, ("file_prompt",))),)
)
