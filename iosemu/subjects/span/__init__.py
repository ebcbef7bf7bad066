"""SPAN."""

from iosemu.box.subject import Section, Subject
from iosemu.bridging.monitor import MonitorConfig
from iosemu.subjects.span.running import session_lines
from iosemu.subjects.span.service import Span

SUBJECT = Subject(
    "span", config=(MonitorConfig,), services=(Span,), running=(Section("monitor session", session_lines),)
)
