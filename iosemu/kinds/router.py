"""A router."""

from __future__ import annotations

from iosemu.box.subject import Forwarding, Kind
from iosemu.kinds.common import FIRST, NETWORK, REST, ROUTERS
from iosemu.kinds.order import ROUTER as ORDER
from iosemu.subjects.crypto import SUBJECT as CRYPTO
from iosemu.subjects.nat import SUBJECT as NAT
from iosemu.subjects.packet_capture import SUBJECT as PACKET_CAPTURE
from iosemu.subjects.routed_port import SUBJECT as ROUTED_PORT
from iosemu.subjects.serial import SUBJECT as SERIAL
from iosemu.subjects.tunnel import SUBJECT as TUNNEL

ROUTER = Kind(
    "router",
    (
        *FIRST,
        *NETWORK,
        CRYPTO,
        PACKET_CAPTURE,
        NAT,
        TUNNEL,
        ROUTED_PORT,
        SERIAL,
        *ROUTERS,
        *REST,
    ),
    hostname="Router",
    config_mode="config",
    leading_line=True,
    forwarding=Forwarding.ALWAYS,
    auxiliary_line=True,
    first_vty=514,
    order=ORDER,
)
