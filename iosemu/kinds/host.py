"""A PC or server."""

from __future__ import annotations

from iosemu.box.subject import Kind
from iosemu.subjects.access import SUBJECT as ACCESS
from iosemu.subjects.pc import SUBJECT as PC
from iosemu.subjects.ssh import SUBJECT as SSH
from iosemu.subjects.supplicant import SUBJECT as SUPPLICANT
from iosemu.subjects.system import SUBJECT as SYSTEM
from iosemu.subjects.tcp import SUBJECT as TCP
from iosemu.subjects.telnet import SUBJECT as TELNET
from iosemu.subjects.terminal import SUBJECT as TERMINAL

HOST = Kind(
    "pc",
    (SYSTEM, ACCESS, PC, SUPPLICANT, TCP, SSH, TELNET, TERMINAL),
    mode="pc",
    greeting="Packet Tracer PC Command Line 1.0",
    pages=False,
    spaced_prompt=True,
    control_c=True,
)
