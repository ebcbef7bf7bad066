"""Licenses."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.license.running import boot_lines

SUBJECT = Subject("license", running=(Section("license boot", boot_lines),))
