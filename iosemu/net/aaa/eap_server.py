"""The end of EAP that a server is (RFC 3748): MD5-Challenge, one conversation for each user that comes."""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from iosemu.net.aaa.users import Accounts, ServerUser
from iosemu.packets.eap import EapCode, EapPacket, EapType, md5_data, md5_response, md5_value
from iosemu.packets.errors import MalformedPacket

MOST_CONVERSATIONS = 1024
CHALLENGE = 16
"""Octets."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The server asks; `state` comes back with the answer."""

    packet: EapPacket
    state: bytes


@dataclass(frozen=True, slots=True)
class Decided:
    """Success with the user, Failure without."""

    packet: EapPacket
    user: ServerUser | None


@dataclass(frozen=True, slots=True)
class _Conversation:
    identifier: int
    name: str
    challenge: bytes


class EapServer:
    """Conversations that are open, the oldest forgotten when there are too many."""

    def __init__(self, accounts: Callable[[], Accounts], randbytes: Callable[[int], bytes]) -> None:
        self._accounts = accounts
        self._randbytes = randbytes
        self._open: OrderedDict[bytes, _Conversation] = OrderedDict()

    def receive(self, data: bytes, state: bytes | None) -> Asked | Decided:
        """What is said to a packet of a peer; what makes no sense fails."""
        try:
            packet = EapPacket.parse(data)
        except MalformedPacket:
            return Decided(EapPacket(EapCode.FAILURE, data[1] if len(data) > 1 else 0), None)
        if packet.code == EapCode.RESPONSE and packet.type == EapType.IDENTITY:
            return self._challenge(packet)
        found = self._open.pop(state, None) if state is not None else None
        user = self._judge(packet, found) if found is not None else None
        code = EapCode.FAILURE if user is None else EapCode.SUCCESS
        return Decided(EapPacket(code, packet.identifier), user)

    def _challenge(self, packet: EapPacket) -> Asked:
        challenge, state = self._randbytes(CHALLENGE), self._randbytes(CHALLENGE)
        identifier = (packet.identifier + 1) % 256
        self._open[state] = _Conversation(identifier, packet.data.decode("utf-8", "replace"), challenge)
        while len(self._open) > MOST_CONVERSATIONS:
            self._open.popitem(last=False)
        data = md5_data(challenge)
        return Asked(EapPacket(EapCode.REQUEST, identifier, EapType.MD5_CHALLENGE, data), state)

    def _judge(self, packet: EapPacket, found: _Conversation) -> ServerUser | None:
        """The user who answered the challenge rightly; one who wants another method (Nak) is refused."""
        user = self._accounts().users.get(found.name)
        if user is None or (packet.identifier, packet.type) != (found.identifier, EapType.MD5_CHALLENGE):
            return None
        try:
            told = md5_value(packet.data)
        except MalformedPacket:
            return None
        wanted = md5_response(found.identifier, user.password.encode(), found.challenge)
        return user if hmac.compare_digest(told, wanted) else None
