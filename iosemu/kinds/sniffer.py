"""A sniffer."""

from __future__ import annotations

from iosemu.box.subject import Kind
from iosemu.subjects.access import SUBJECT as ACCESS
from iosemu.subjects.sniffer import SUBJECT as SNIFFER_SUBJECT
from iosemu.subjects.system import SUBJECT as SYSTEM
from iosemu.subjects.terminal import SUBJECT as TERMINAL

SNIFFER = Kind(
    "sniffer",
    (SYSTEM, ACCESS, SNIFFER_SUBJECT, TERMINAL),
    mode="sniffer",
    control_c=True,
    forwards_in_hardware=True,
)
