"""Catalysts: a layer 2 switch, and one that routes when it is told."""

from __future__ import annotations

from dataclasses import replace

from iosemu.box.subject import Forwarding, Kind
from iosemu.kinds.common import FIRST, NETWORK, PORTS, REST, ROUTERS, SWITCHING
from iosemu.kinds.order import SWITCH as ORDER
from iosemu.subjects.arp_inspection import SUBJECT as ARP_INSPECTION
from iosemu.subjects.dhcp_snooping import SUBJECT as DHCP_SNOOPING
from iosemu.subjects.dot1x import SUBJECT as DOT1X
from iosemu.subjects.errdisable import SUBJECT as ERRDISABLE
from iosemu.subjects.ethernet_controller import SUBJECT as ETHERNET_CONTROLLER
from iosemu.subjects.mls_qos import SUBJECT as MLS_QOS
from iosemu.subjects.mqc import SUBJECT as MQC
from iosemu.subjects.port_acl import SUBJECT as PORT_ACL
from iosemu.subjects.port_security import SUBJECT as PORT_SECURITY
from iosemu.subjects.power_inline import SUBJECT as POWER_INLINE
from iosemu.subjects.private_vlan import SUBJECT as PRIVATE_VLAN
from iosemu.subjects.source_guard import SUBJECT as SOURCE_GUARD
from iosemu.subjects.storm_control import SUBJECT as STORM_CONTROL
from iosemu.subjects.trunking import SUBJECT as TRUNKING
from iosemu.subjects.udld import SUBJECT as UDLD
from iosemu.subjects.vlan_map import SUBJECT as VLAN_MAP

SWITCH = Kind(
    "switch",
    (
        *FIRST,
        *PORTS,
        *NETWORK,
        ERRDISABLE,
        TRUNKING,
        UDLD,
        PORT_SECURITY,
        STORM_CONTROL,
        *SWITCHING,
        *REST,
        DHCP_SNOOPING,
        ARP_INSPECTION,
        SOURCE_GUARD,
        PORT_ACL,
        MQC,
        MLS_QOS,
        DOT1X,
        ETHERNET_CONTROLLER,
    ),
    hostname="Switch",
    config_mode="config",
    leading_line=True,
    chassis_mac=True,
    forwards_in_hardware=True,
    order=ORDER,
)
MULTILAYER_SWITCH = replace(
    SWITCH,
    name="l3switch",
    subjects=(*SWITCH.subjects, VLAN_MAP, PRIVATE_VLAN, POWER_INLINE, *ROUTERS),
    forwarding=Forwarding.WHEN_TOLD,
)
