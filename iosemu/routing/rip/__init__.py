"""RIP versions 1 and 2 (RFC 1058, RFC 2453, RFC 2082) as a sans-IO engine that behaves as IOS does."""

from iosemu.routing.keys import Key
from iosemu.routing.rip.config import InterfaceConfig, NoPolicy, Policy, ProcessConfig, Timers
from iosemu.routing.rip.database import Given, Known, Origin, Path, State, major
from iosemu.routing.rip.engine import Rip
from iosemu.routing.rip.events import Datagram, Event, Ignored, Lost, Received, Sending
from iosemu.routing.rip.packets import AuthenticationMode, Command, Entry, Message

__all__ = [
    "AuthenticationMode", "Command", "Datagram", "Entry", "Event", "Given", "Ignored", "InterfaceConfig", "Key",
    "Keys", "Known", "Lost", "Message", "NoPolicy", "Origin", "Path", "Policy", "ProcessConfig", "Received", "Rip",
    "Sending", "State", "Timers", "major",
]  # fmt: skip
