"""Cisco Express Forwarding."""

from iosemu.box.subject import Subject
from iosemu.subjects.cef.processes import process_rows

SUBJECT = Subject("cef", processes=process_rows)
