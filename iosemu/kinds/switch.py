"""Catalysts: a layer 2 switch, and one that routes when it is told."""

from __future__ import annotations

from dataclasses import replace

from iosemu.box.subject import Forwarding, Kind
from iosemu.kinds.common import FIRST, NETWORK, REST, ROUTERS
from iosemu.kinds.order import SWITCH as ORDER
from iosemu.subjects.bridging import SUBJECT as BRIDGING
from iosemu.subjects.errdisable import SUBJECT as ERRDISABLE
from iosemu.subjects.etherchannel import SUBJECT as ETHERCHANNEL
from iosemu.subjects.mac_table import SUBJECT as MAC_TABLE
from iosemu.subjects.port_security import SUBJECT as PORT_SECURITY
from iosemu.subjects.power_inline import SUBJECT as POWER_INLINE
from iosemu.subjects.span import SUBJECT as SPAN
from iosemu.subjects.spanning_tree import SUBJECT as SPANNING_TREE
from iosemu.subjects.svi import SUBJECT as SVI
from iosemu.subjects.switchport import SUBJECT as SWITCHPORT
from iosemu.subjects.trunking import SUBJECT as TRUNKING
from iosemu.subjects.vlan import SUBJECT as VLAN

SWITCH = Kind(
    "switch",
    (
        *FIRST,
        BRIDGING,
        VLAN,
        *NETWORK,
        SPAN,
        ERRDISABLE,
        TRUNKING,
        ETHERCHANNEL,
        PORT_SECURITY,
        SPANNING_TREE,
        MAC_TABLE,
        SVI,
        SWITCHPORT,
        *REST,
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
    subjects=(*SWITCH.subjects, POWER_INLINE, *ROUTERS),
    forwarding=Forwarding.WHEN_TOLD,
)
