"""SPAN."""

from iosemu.box.subject import Subject
from iosemu.bridging.monitor import MonitorConfig
from iosemu.subjects.span.service import Span

SUBJECT = Subject("span", config=(MonitorConfig,), services=(Span,))
