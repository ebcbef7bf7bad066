"""Files."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.files.running import prompt_lines
from iosemu.subjects.files.service import Copies

SUBJECT = Subject("files", services=(Copies,), running=(Section("file prompt", prompt_lines),))
