"""Network address translation."""

from iosemu.box.subject import Subject
from iosemu.subjects.nat.config import NatConfig
from iosemu.subjects.nat.service import Nat

SUBJECT = Subject("nat", config=(NatConfig,), services=(Nat,))
