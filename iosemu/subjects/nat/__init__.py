"""Network address translation."""

from iosemu.box.subject import Subject
from iosemu.subjects.nat.config import NatConfig, NatSide
from iosemu.subjects.nat.running_interface import SECTIONS
from iosemu.subjects.nat.service import Nat

SUBJECT = Subject("nat", config=(NatConfig,), services=(Nat,), facets=(NatSide,), interface=SECTIONS)
