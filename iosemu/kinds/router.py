"""A router, and one with an EtherSwitch module."""

from __future__ import annotations

from dataclasses import replace

from iosemu.box.subject import Forwarding, Kind
from iosemu.kinds.common import FIRST, NETWORK, PORTS, REST, ROUTERS, SWITCHING
from iosemu.kinds.order import ROUTER as ORDER
from iosemu.subjects.crypto import SUBJECT as CRYPTO
from iosemu.subjects.firewall import SUBJECT as FIREWALL
from iosemu.subjects.frame_relay import SUBJECT as FRAME_RELAY
from iosemu.subjects.gdoi import SUBJECT as GDOI
from iosemu.subjects.http import SUBJECT as HTTP
from iosemu.subjects.mqc import SUBJECT as MQC
from iosemu.subjects.nat import SUBJECT as NAT
from iosemu.subjects.nbar import SUBJECT as NBAR
from iosemu.subjects.netflow import SUBJECT as NETFLOW
from iosemu.subjects.nhrp import SUBJECT as NHRP
from iosemu.subjects.packet_capture import SUBJECT as PACKET_CAPTURE
from iosemu.subjects.pki import SUBJECT as PKI
from iosemu.subjects.ppp import SUBJECT as PPP
from iosemu.subjects.pppoe import SUBJECT as PPPOE
from iosemu.subjects.qos import SUBJECT as QOS
from iosemu.subjects.routed_port import SUBJECT as ROUTED_PORT
from iosemu.subjects.serial import SUBJECT as SERIAL
from iosemu.subjects.tunnel import SUBJECT as TUNNEL

_PORTS = (
    *FIRST,
    *NETWORK,
    HTTP,
    PKI,
    CRYPTO,
    GDOI,
    MQC,
    PACKET_CAPTURE,
    NAT,
    FIREWALL,
    TUNNEL,
    NHRP,
    ROUTED_PORT,
    SERIAL,
    PPP,
    FRAME_RELAY,
    PPPOE,
    QOS,
    NBAR,
    NETFLOW,
)
ROUTER = Kind(
    "router",
    (*_PORTS, *ROUTERS, *REST),
    hostname="Router",
    config_mode="config",
    leading_line=True,
    forwarding=Forwarding.ALWAYS,
    auxiliary_line=True,
    first_vty=514,
    order=ORDER,
)
SWITCHING_ROUTER = replace(ROUTER, subjects=(*_PORTS, *PORTS, *SWITCHING, *ROUTERS, *REST))
"""With a module of switch ports: what a Catalyst knows of them, but the protocols that such modules lack."""
