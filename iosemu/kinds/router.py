"""A router."""

from __future__ import annotations

from iosemu.box.subject import Kind
from iosemu.kinds.interface_order import INTERFACE_ORDER
from iosemu.subjects.access import SUBJECT as ACCESS
from iosemu.subjects.acl import SUBJECT as ACL
from iosemu.subjects.archive import SUBJECT as ARCHIVE
from iosemu.subjects.crypto import SUBJECT as CRYPTO
from iosemu.subjects.discovery import SUBJECT as DISCOVERY
from iosemu.subjects.interface import SUBJECT as INTERFACE
from iosemu.subjects.ip import SUBJECT as IP
from iosemu.subjects.lines import SUBJECT as LINES
from iosemu.subjects.logging import SUBJECT as LOGGING
from iosemu.subjects.nat import SUBJECT as NAT
from iosemu.subjects.packet_capture import SUBJECT as PACKET_CAPTURE
from iosemu.subjects.routed_port import SUBJECT as ROUTED_PORT
from iosemu.subjects.routing import SUBJECT as ROUTING
from iosemu.subjects.serial import SUBJECT as SERIAL
from iosemu.subjects.system import SUBJECT as SYSTEM
from iosemu.subjects.tunnel import SUBJECT as TUNNEL

ROUTER = Kind(
    "router",
    (
        SYSTEM,
        LINES,
        ACCESS,
        LOGGING,
        ARCHIVE,
        IP,
        ROUTING,
        ACL,
        CRYPTO,
        PACKET_CAPTURE,
        NAT,
        TUNNEL,
        INTERFACE,
        ROUTED_PORT,
        SERIAL,
        DISCOVERY,
    ),
    hostname="Router",
    interface_order=INTERFACE_ORDER,
)
