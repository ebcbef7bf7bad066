"""The host table."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.hosts.running import host_lines

SUBJECT = Subject("hosts", running=(Section("ip host", host_lines),))
