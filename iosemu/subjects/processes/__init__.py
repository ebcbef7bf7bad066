"""Processes and memory."""

from iosemu.box.subject import Subject

SUBJECT = Subject("processes")
