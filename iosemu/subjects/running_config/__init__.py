"""The running configuration."""

from iosemu.box.subject import Subject

SUBJECT = Subject("running_config")
