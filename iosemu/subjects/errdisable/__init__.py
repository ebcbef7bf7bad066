"""Ports that are taken out of service for an error."""

from iosemu.box.subject import Subject
from iosemu.subjects.errdisable.config import ErrdisableConfig
from iosemu.subjects.errdisable.service import Errdisable

SUBJECT = Subject("errdisable", config=(ErrdisableConfig,), services=(Errdisable,))
