"""Files."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.files.running import prompt_lines

SUBJECT = Subject("files", running=(Section("file prompt", prompt_lines),))
