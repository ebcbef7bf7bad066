"""Trunk negotiation (DTP)."""

from iosemu.box.subject import Subject
from iosemu.subjects.trunking.service import TrunkNegotiation

SUBJECT = Subject("trunking", services=(TrunkNegotiation,), follows=("switchport", "vlan", "private_vlan"))
