"""Restarting the box."""

from iosemu.box.subject import Subject

SUBJECT = Subject("reload")
