"""EAP methods of both ends (RFC 3748): MD5-Challenge, MS-CHAPv2, and GTC of a peer."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from iosemu.net.aaa import mschap
from iosemu.packets.eap import EapCode, EapPacket, EapType
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ppp import chap_value

OFFERED = (EapType.MSCHAPV2, EapType.MD5_CHALLENGE)
"""Methods of a server, the best first."""
CHALLENGED, ANSWERED, SUCCEEDED, FAILED = 1, 2, 3, 4
"""OpCodes of EAP-MSCHAPv2."""


class EapPeer:
    """Who proves itself to a server: `respond` to each request; `key` is what both know then, of some methods."""

    def __init__(
        self,
        name: str,
        password: str,
        randbytes: Callable[[int], bytes],
        methods: tuple[EapType, ...] = (EapType.MSCHAPV2, EapType.MD5_CHALLENGE, EapType.GTC),
    ) -> None:
        self.name = name
        self.password = password
        self.methods = methods
        self.key = b""
        self._randbytes = randbytes
        self._expected = ""
        """How a server of MS-CHAPv2 has to prove itself."""

    def respond(self, request: EapPacket) -> EapPacket | None:
        """The answer to a request; None: it is none, or the server has not proved itself."""
        if request.code != EapCode.REQUEST:
            return None
        if request.type == EapType.IDENTITY:
            return self._say(request, EapType.IDENTITY, self.name.encode())
        if request.type == EapType.NOTIFICATION:
            return self._say(request, EapType.NOTIFICATION, b"")
        if request.type not in self.methods:
            return self._say(request, EapType.NAK, bytes(self.methods))
        if request.type == EapType.MSCHAPV2:
            return self._mschap(request)
        if request.type == EapType.GTC:
            return self._say(request, EapType.GTC, self.password.encode())
        size = request.data[0] if request.data else 0
        if not 0 < size < len(request.data):
            return None
        hashed = chap_value(request.identifier, self.password.encode(), request.data[1 : 1 + size])
        return self._say(request, EapType.MD5_CHALLENGE, bytes((16,)) + hashed + self.name.encode())

    def _mschap(self, request: EapPacket) -> EapPacket | None:
        data = request.data
        code = data[0] if len(data) >= 4 else 0
        if code == SUCCEEDED:
            proved = data[4:46].decode("ascii", "replace") == self._expected and bool(self._expected)
            return self._say(request, EapType.MSCHAPV2, bytes((SUCCEEDED,))) if proved else None
        if code == FAILED:
            return self._say(request, EapType.MSCHAPV2, bytes((FAILED,)))
        if code != CHALLENGED or len(data) < 5 + mschap.CHALLENGE:
            return None
        server, own = data[5 : 5 + mschap.CHALLENGE], self._randbytes(mschap.CHALLENGE)
        response = mschap.nt_response(server, own, self.name, self.password)
        self._expected = mschap.authenticator_response(server, own, self.name, self.password, response)
        self.key = b"".join(mschap.master_keys(self.password, response))
        value = own + bytes(8) + response + b"\0"
        body = bytes((len(value),)) + value + self.name.encode()
        return self._say(request, EapType.MSCHAPV2, _mschap_packet(ANSWERED, data[1], body))

    @staticmethod
    def _say(request: EapPacket, kind: EapType, data: bytes) -> EapPacket:
        return EapPacket(EapCode.RESPONSE, request.identifier, kind, data)


def _mschap_packet(code: int, identifier: int, body: bytes) -> bytes:
    return bytes((code, identifier)) + (4 + len(body)).to_bytes(2, "big") + body


@dataclass(slots=True)
class EapDialogue:
    """A server's side of one dialogue: `answer` what the peer says until `done`."""

    passwords: Mapping[str, str]
    randbytes: Callable[[int], bytes]
    name: str = ""
    accepted: bool = False
    done: bool = False
    keys: tuple[bytes, bytes] | None = None
    """What the server receives and sends with, where the method gives any."""
    _method: EapType = EapType.NONE
    _identifier: int = 0
    _challenge: bytes = b""
    _tried: tuple[EapType, ...] = ()

    def answer(self, data: bytes) -> EapPacket:
        """The next request, or Success or Failure. What makes no sense is a failure."""
        try:
            said = EapPacket.parse(data)
        except MalformedPacket:
            return self._end(accepted=False, identifier=self._identifier)
        if self._method is not EapType.NONE and said.identifier != self._identifier:
            return self._end(accepted=False, identifier=said.identifier)
        if said.type == EapType.IDENTITY and self._method is EapType.NONE:
            self.name = said.data.decode("utf-8", "replace")
            return self._ask(OFFERED[0], said.identifier + 1)
        if said.type == EapType.NAK and self._method is not EapType.NONE:
            wanted = [each for each in OFFERED if each in said.data and each not in self._tried]
            if wanted:
                return self._ask(wanted[0], said.identifier + 1)
        elif said.type == self._method and said.code == EapCode.RESPONSE:
            return self._judge(said)
        return self._end(accepted=False, identifier=said.identifier)

    def _ask(self, method: EapType, identifier: int) -> EapPacket:
        self._method, self._identifier = method, identifier & 0xFF
        self._tried = (*self._tried, method)
        self._challenge = self.randbytes(mschap.CHALLENGE)
        value = bytes((mschap.CHALLENGE,)) + self._challenge
        if method is EapType.MSCHAPV2:
            value = _mschap_packet(CHALLENGED, self._identifier, value + b"iosemu")
        return EapPacket(EapCode.REQUEST, self._identifier, method, value)

    def _judge(self, said: EapPacket) -> EapPacket:
        password = self.passwords.get(self.name)
        if self._method is EapType.MD5_CHALLENGE:
            wanted = chap_value(said.identifier, (password or "").encode(), self._challenge)
            good = password is not None and hmac.compare_digest(said.data[1:17], wanted)
            return self._end(accepted=good, identifier=said.identifier)
        if said.data[:1] == bytes((SUCCEEDED,)) and self.keys is not None:
            return self._end(accepted=True, identifier=said.identifier)
        peer, response = said.data[5:21], said.data[29:53]
        if said.data[:1] != bytes((ANSWERED,)) or len(response) != mschap.RESPONSE:
            return self._end(accepted=False, identifier=said.identifier)
        name = said.data[54:].decode("utf-8", "replace")
        if password is None or not mschap.fits(self._challenge, peer, name, password, response):
            return self._end(accepted=False, identifier=said.identifier)
        self.keys = mschap.master_keys(password, response)
        proof = mschap.authenticator_response(self._challenge, peer, name, password, response)
        body = _mschap_packet(SUCCEEDED, said.data[1], f"{proof} M=OK".encode())
        self._identifier = (said.identifier + 1) & 0xFF
        return EapPacket(EapCode.REQUEST, self._identifier, EapType.MSCHAPV2, body)

    def _end(self, *, accepted: bool, identifier: int) -> EapPacket:
        self.done, self.accepted = True, accepted
        return EapPacket(EapCode.SUCCESS if accepted else EapCode.FAILURE, identifier)
