"""Licenses."""

from iosemu.box.subject import Subject

SUBJECT = Subject("license")
