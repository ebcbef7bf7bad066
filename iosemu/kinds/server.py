"""A server: a host with the services that the lab file names."""

from __future__ import annotations

from dataclasses import replace

from iosemu.kinds.host import HOST
from iosemu.subjects.server import SUBJECT as SERVICES

SERVER = replace(
    HOST,
    name="server",
    subjects=(*HOST.subjects, SERVICES),
    greeting="Packet Tracer SERVER Command Line 1.0",
)
