"""Cisco Express Forwarding."""

from iosemu.box.subject import Subject

SUBJECT = Subject("cef")
