"""A Catalyst."""

from __future__ import annotations

from iosemu.box.subject import Kind
from iosemu.kinds.interface_order import INTERFACE_ORDER
from iosemu.subjects.access import SUBJECT as ACCESS
from iosemu.subjects.acl import SUBJECT as ACL
from iosemu.subjects.archive import SUBJECT as ARCHIVE
from iosemu.subjects.bridging import SUBJECT as BRIDGING
from iosemu.subjects.discovery import SUBJECT as DISCOVERY
from iosemu.subjects.errdisable import SUBJECT as ERRDISABLE
from iosemu.subjects.etherchannel import SUBJECT as ETHERCHANNEL
from iosemu.subjects.interface import SUBJECT as INTERFACE
from iosemu.subjects.ip import SUBJECT as IP
from iosemu.subjects.lines import SUBJECT as LINES
from iosemu.subjects.logging import SUBJECT as LOGGING
from iosemu.subjects.mac_table import SUBJECT as MAC_TABLE
from iosemu.subjects.port_security import SUBJECT as PORT_SECURITY
from iosemu.subjects.routing import SUBJECT as ROUTING
from iosemu.subjects.span import SUBJECT as SPAN
from iosemu.subjects.spanning_tree import SUBJECT as SPANNING_TREE
from iosemu.subjects.svi import SUBJECT as SVI
from iosemu.subjects.switchport import SUBJECT as SWITCHPORT
from iosemu.subjects.system import SUBJECT as SYSTEM
from iosemu.subjects.trunking import SUBJECT as TRUNKING
from iosemu.subjects.vlan import SUBJECT as VLAN

SWITCH = Kind(
    "switch",
    (
        SYSTEM,
        LINES,
        ACCESS,
        LOGGING,
        ARCHIVE,
        INTERFACE,
        BRIDGING,
        VLAN,
        IP,
        ROUTING,
        ACL,
        SPAN,
        ERRDISABLE,
        TRUNKING,
        ETHERCHANNEL,
        PORT_SECURITY,
        SPANNING_TREE,
        MAC_TABLE,
        SVI,
        SWITCHPORT,
        DISCOVERY,
    ),
    hostname="Switch",
    interface_order=INTERFACE_ORDER,
    chassis_mac=True,
)
