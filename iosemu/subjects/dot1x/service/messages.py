"""What port access control logs, and what `debug dot1x`, `debug authentication` and `debug mab` say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.box.debugging import DebugFlag
from iosemu.packets.addresses import MacAddress
from iosemu.packets.eap import EapCode, EapPacket, EapType
from iosemu.packets.eapol import PAE_GROUP, EapolPacket
from iosemu.subjects.dot1x.config import EVENTS_DEBUG, PACKETS_DEBUG, Dot1xStyle

if TYPE_CHECKING:
    from iosemu.subjects.dot1x.service.port import AuthPort
    from iosemu.subjects.dot1x.service.session import Session

DEBUG = 7


def client(session: Session) -> str:
    """As messages call a client."""
    return session.station.dotted if session.station is not None else "Unknown MAC"


def audit(port: AuthPort, session: Session | None) -> str:
    """What stands behind each message since there are sessions."""
    if not port.device.image.style(Dot1xStyle).authentication:
        return ""
    return f" AuditSessionID {session.identifier if session is not None else 'Unassigned'}"


def log(
    port: AuthPort, facility: str, severity: int, mnemonic: str, text: str, session: Session | None = None
) -> None:
    """Issue a message with the session that it is about."""
    port.device.log(facility, severity, mnemonic, text + audit(port, session))


def about(session: Session, facility: str, severity: int, mnemonic: str, text: str) -> None:
    """Issue a message: `text`, for whom, and where."""
    where = f"for client ({client(session)}) on Interface {session.port.short}"
    log(session.port, facility, severity, mnemonic, f"{text} {where}", session)


def result(session: Session, said: str, method: str) -> None:
    """What came of a method, in images that have the Authentication Manager."""
    if session.device.image.style(Dot1xStyle).authentication:
        about(session, "AUTHMGR", 7, "RESULT", f"Authentication result '{said}' from '{method}'")


def debug(port: AuthPort, flag: DebugFlag, text: str) -> None:
    """Say something where it is wanted."""
    if port.device.debugging.wants(flag):
        port.device.log("", DEBUG, "", text)


def packet(port: AuthPort, eapol: EapolPacket, source: MacAddress, said: EapPacket | None) -> None:
    """EAPOL that came in."""
    debug(
        port, PACKETS_DEBUG,
        f"dot1x-packet({port.short}): EAPOL pak rx - Ver: 0x{eapol.version:X}  type: 0x{eapol.type:X}",
    )  # fmt: skip
    if said is not None:
        debug(port, PACKETS_DEBUG, f"dot1x-packet: {_eap(said)}")
    debug(
        port, EVENTS_DEBUG, f"dot1x-ev({port.short}): New client notification or packet from {source.dotted}"
    )


def sent(port: AuthPort, eapol: EapolPacket, said: EapPacket, to: MacAddress) -> None:
    """EAPOL that goes out."""
    group = to == PAE_GROUP
    debug(
        port, EVENTS_DEBUG,
        f"dot1x-ev({port.short}): Sending EAPOL packet to {'group PAE address' if group else to.dotted}",
    )  # fmt: skip
    debug(
        port, PACKETS_DEBUG,
        f"dot1x-packet({port.short}): EAPOL packet sent - Ver: 0x{eapol.version:X}  type: 0x{eapol.type:X}",
    )  # fmt: skip
    debug(port, PACKETS_DEBUG, f"dot1x-packet: {_eap(said)}")


def _eap(said: EapPacket) -> str:
    name = EapCode(said.code).name
    kind = "" if said.type == EapType.NONE else f"  type: 0x{said.type:X}"
    return f"EAP code: 0x{said.code:X} ({name})  id: 0x{said.identifier:X} length: 0x{len(said.to_bytes()):04X}{kind}"
