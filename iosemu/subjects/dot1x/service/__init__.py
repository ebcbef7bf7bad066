"""Port access control at work: the service, a port of it, and the session of a client there."""

from iosemu.subjects.dot1x.service.access import PortAccess
from iosemu.subjects.dot1x.service.port import AuthPort
from iosemu.subjects.dot1x.service.session import Session, Status

__all__ = ["AuthPort", "PortAccess", "Session", "Status"]
