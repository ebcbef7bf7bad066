"""EIGRP (RFC 7868) as a sans-IO engine that behaves as IOS does."""

from iosemu.routing.eigrp.config import Given, InterfaceConfig, NoPolicy, Policy, ProcessConfig
from iosemu.routing.eigrp.engine import Eigrp
from iosemu.routing.eigrp.metric import INFINITY, Vector, Weights, composite, interface_delay
from iosemu.routing.eigrp.neighbor import Neighbor, Port
from iosemu.routing.eigrp.packets import AuthenticationMode, Opcode, Packet
from iosemu.routing.eigrp.tlvs import Outside
from iosemu.routing.eigrp.topology import Entry, Kind, Path
from iosemu.routing.keys import Key, Keys

__all__ = [
    "INFINITY", "AuthenticationMode", "Eigrp", "Entry", "Given", "InterfaceConfig", "Key", "Keys", "Kind", "Neighbor",
    "NoPolicy", "Opcode", "Outside", "Packet", "Path", "Policy", "Port", "ProcessConfig", "Vector", "Weights",
    "composite", "interface_delay",
]  # fmt: skip
