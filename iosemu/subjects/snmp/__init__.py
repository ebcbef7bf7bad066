"""SNMP."""

from iosemu.box.subject import Subject

SUBJECT = Subject("snmp")
