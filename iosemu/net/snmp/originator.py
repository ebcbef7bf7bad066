"""Informs of version 3: an engine elsewhere decides about their security (RFC 3414 sections 1.5.1, 3.1 and 4)."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.net.snmp.agent import NOT_IN_WINDOW, USM_STATS
from iosemu.net.snmp.usm import Level, UsmUser, authentic, decrypt, secured
from iosemu.packets.snmp import AUTHENTICATED, PRIVATE, REPORTABLE, Pdu, PduType, ScopedPdu, SecureMessage

_NOT_IN_WINDOW = (*USM_STATS, NOT_IN_WINDOW, 0)


@dataclass
class RemoteEngine:
    """The engine of a manager: its time is not known until it has answered once.

    A message with boots and time of zero makes it tell them (RFC 3414 section 4); they go on by themselves then.
    """

    identity: bytes
    boots: int = 0
    time: int = 0
    learned: float | None = field(default=None)
    """When that was its time, in seconds of our own clock."""

    def clock(self, now: float) -> tuple[int, int]:
        """snmpEngineBoots and snmpEngineTime, as far as they are known."""
        return (self.boots, self.time + int(now - self.learned)) if self.learned is not None else (0, 0)

    def request(self, user: UsmUser, level: Level, pdu: Pdu, now: float, salt: int) -> bytes:
        """A message with a PDU that is confirmed; its identifier is that of the request."""
        boots, time = self.clock(now) if level & AUTHENTICATED else (0, 0)
        message = SecureMessage(
            pdu.request,
            int(level) | REPORTABLE,
            self.identity,
            boots,
            time,
            user.name.encode(),
            ScopedPdu(self.identity, pdu),
        )
        return secured(user, message, salt)

    def read(self, user: UsmUser, level: Level, message: SecureMessage, now: float) -> PduType | None:
        """What came back: a response that is to be believed, a report that told the time, or nothing of use.

        Raises ValueError (MalformedPacket, too) where it cannot be decrypted.
        """
        if message.engine != self.identity:
            return None
        signed = bool(message.flags & AUTHENTICATED)
        if signed and (user.auth is None or not authentic(user, message)):
            return None
        if message.flags & PRIVATE and not (signed and user.priv is not None):
            return None
        if isinstance(message.scoped, bytes) and not message.flags & PRIVATE:
            return None
        pdu = decrypt(user, message).pdu
        if signed and (message.boots, message.time) > self.clock(now):
            self.boots, self.time, self.learned = message.boots, message.time, now
        if pdu.type is PduType.RESPONSE:
            return PduType.RESPONSE if not level & ~message.flags else None
        told = signed and any(name == _NOT_IN_WINDOW for name, _value in pdu.bindings)
        if pdu.type is PduType.REPORT and told:
            self.boots, self.time, self.learned = message.boots, message.time, now
            return PduType.REPORT
        return None
