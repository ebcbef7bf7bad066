"""What a server's answer grants a client: the VLAN, and for how long."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.box.device import Device
from iosemu.bridging.vlans import VlanConfig
from iosemu.packets.radius import RadiusAttribute, RadiusPacket
from iosemu.subjects.access.config import AaaConfig
from iosemu.subjects.dot1x.config import Dot1xPort
from iosemu.subjects.dot1x.service.inquiry import GROUP

REAUTHENTICATE = 1
"""Termination-Action RADIUS-Request (RFC 2865 section 5.29)."""


@dataclass(frozen=True, slots=True)
class Terms:
    """For how long a client is let in, and what comes then."""

    timeout: float | None = None
    """Seconds from then on, after which it must prove itself anew, or go."""
    from_server: bool = False
    reauthenticates: bool = True


def terms(settings: Dot1xPort, answer: RadiusPacket | None) -> Terms:
    """As the port is configured, or, where it is told to listen to servers, as the answer says."""
    if not settings.periodic:
        return Terms(from_server=settings.reauthenticate_server)
    if not settings.reauthenticate_server:
        return Terms(float(settings.reauthenticate))
    if answer is None:
        return Terms(from_server=True)
    seconds = answer.number(RadiusAttribute.SESSION_TIMEOUT)
    again = answer.number(RadiusAttribute.TERMINATION_ACTION) == REAUTHENTICATE
    return Terms(float(seconds) if seconds else None, from_server=True, reauthenticates=again)


def wanted_vlan(device: Device, answer: RadiusPacket | None) -> str:
    """The VLAN that an answer names, where servers are listened to: `aaa authorization network default group …`."""
    methods = device.config.of(AaaConfig).network.get("default", ())
    return answer.vlan if answer is not None and any(each.startswith(GROUP) for each in methods) else ""


def vlan_named(device: Device, wanted: str) -> int | None:
    """The VLAN of a number or a name; None where it cannot be used."""
    config = device.config.of(VlanConfig)
    number = int(wanted) if wanted.isdecimal() and len(wanted) < 6 else None
    if number is None:
        number = next((each.number for each in config.ethernet() if each.name == wanted), None)
    return number if number is not None and config.usable(number) else None
