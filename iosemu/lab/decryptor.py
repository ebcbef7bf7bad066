"""Decryption of ESP and ISAKMP in captures, with the keys that the lab's routers use."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from iosemu.ike.algorithms import cbc_decrypt, cipher_block, digest
from iosemu.ike.types import Encryption, Hash
from iosemu.ikev2.message import Header, Reassembly, open_sealed
from iosemu.ikev2.payloads import MalformedMessage
from iosemu.ikev2.sa import ENCRYPTION_NAMES, INTEGRITY_NAMES
from iosemu.ikev2.sealing import IntegrityError as ForgedMessage
from iosemu.ikev2.sealing import Sealer
from iosemu.ipsec.transforms import IntegrityError, Protection
from iosemu.lab.lab import Lab
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.isakmp import IsakmpHeader
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.crypto.service.keys import ANY_ADDRESS, TSHARK_AUTHENTICATORS, TSHARK_CIPHERS

KEPT = 4096
"""Messages whose plaintext is remembered."""
_KEY_EXCHANGE = 4
_HASHES = {16: Hash.MD5, 20: Hash.SHA, 32: Hash.SHA256, 48: Hash.SHA384, 64: Hash.SHA512}
_CIPHERS = {
    8: (Encryption.DES,),
    16: (Encryption.AES,),
    24: (Encryption.TRIPLE_DES, Encryption.AES),
    32: (Encryption.AES,),
}
_ESP_CIPHERS = {name: cipher for cipher, name in reversed(TSHARK_CIPHERS.items())}
_IKEV2_CIPHERS = {name: encr for (encr, _), name in ENCRYPTION_NAMES.items()}
_IKEV2_INTEGRITIES = {name: integ for integ, name in INTEGRITY_NAMES.items()}
_AUTHENTICATORS = {name: authenticator for authenticator, name in TSHARK_AUTHENTICATORS.items()}

Keys = dict[str, list[dict[str, Any]]]
"""As `Lab.exported_keys` gives them."""


@dataclass
class _Conversation:
    """What was seen of one ISAKMP SA."""

    publics: list[bytes] = field(default_factory=list)
    """g^xi and g^xr."""
    last: dict[int, bytes] = field(default_factory=dict)
    """The last cipher block by message ID; 0 is phase 1."""


class LabDecryptor:
    """A `Decryptor` with the keys of a lab, asked for again whenever one is missing.

    `last_block(cookie)` gives the last cipher block of phase 1 of an SA that still lives, for a capture
    that began after it.
    """

    def __init__(
        self, keys: Callable[[], Keys], last_block: Callable[[bytes], bytes] = lambda _: b""
    ) -> None:
        self._keys = keys
        self._last_block = last_block
        self._esp: dict[tuple[str, int], Protection] = {}
        self._ike: dict[bytes, dict[str, bytes]] = {}
        self._conversations: dict[bytes, _Conversation] = {}
        self._opened: dict[bytes, bytes] = {}
        self._ikev2: dict[bytes, tuple[Sealer, Sealer]] = {}
        """By the initiator's SPI: what the initiator seals with, and the responder."""
        self._partial: dict[tuple[bytes, bool, bool, int], Reassembly] = {}
        self._opened_ikev2: dict[bytes, tuple[int, bytes] | None] = {}

    def _refresh(self) -> None:
        keys = self._keys()
        for entry in keys["esp"]:
            place = (entry["dst"], int(entry["spi"], 16))
            if place not in self._esp:
                with contextlib.suppress(ValueError, KeyError):
                    self._esp[place] = Protection(
                        _ESP_CIPHERS[entry["enc"]],
                        bytes.fromhex(entry["enckey"]),
                        _AUTHENTICATORS[entry["auth"]],
                        bytes.fromhex(entry["authkey"]),
                    )
        for entry in keys["ike"]:
            self._ike[bytes.fromhex(entry["cookie"])] = {
                name: bytes.fromhex(entry[name]) for name in ("key", "skeyid", "iv") if name in entry
            }

        for entry in keys.get("ikev2", ()):
            spi = bytes.fromhex(entry["spi_i"])
            if spi not in self._ikev2:
                self._ikev2[spi] = (_sealer(entry, "i"), _sealer(entry, "r"))

    def ikev2(self, message: bytes) -> tuple[int, bytes] | None:
        """The payloads of a protected IKEv2 message; of fragments, with the last one that was missing."""
        if message in self._opened_ikev2:
            return self._opened_ikev2[message]
        try:
            header = Header.parse(message)
        except MalformedMessage:
            return None
        if header.spi_i not in self._ikev2:
            self._refresh()
        sealers = self._ikev2.get(header.spi_i)
        if sealers is None:
            return None
        found: tuple[int, bytes] | None = None
        with contextlib.suppress(MalformedMessage, ForgedMessage):
            piece = open_sealed(header, message, sealers[0 if header.initiator else 1])
            place = (header.spi_i, header.initiator, header.response, header.message_id)
            whole = piece if piece.total == 1 else self._partial.setdefault(place, Reassembly()).add(piece)
            found = (whole.first, whole.data) if whole is not None else None
        if len(self._opened_ikev2) >= KEPT:
            del self._opened_ikev2[next(iter(self._opened_ikev2))]
        self._opened_ikev2[message] = found
        return found

    def esp(self, source: str, destination: str, packet: bytes) -> tuple[bytes, int] | None:
        """Payload and next header of an ESP packet; None where the key is not known or does not fit."""
        spi = int.from_bytes(packet[:4])
        place, of_a_group = (destination, spi), (ANY_ADDRESS, spi)
        if place not in self._esp and of_a_group not in self._esp:
            self._refresh()
        protection = self._esp.get(place) or self._esp.get(of_a_group)
        if protection is None:
            return None
        try:
            protection.check(packet)
            plaintext = protection.open(packet)
        except (IntegrityError, ValueError):
            return None
        end = len(plaintext) - 2 - plaintext[-2]
        return (plaintext[:end], plaintext[-1]) if end >= 0 else None

    def isakmp(self, message: bytes) -> bytes | None:
        """The payloads of an encrypted ISAKMP message, or None; a clear one is only taken notice of."""
        known = self._opened.get(message)
        if known is not None:
            return known
        header = IsakmpHeader.parse(message)
        conversation = self._conversations.setdefault(header.initiator_cookie, _Conversation())
        if not header.encrypted:
            with contextlib.suppress(MalformedPacket):
                for kind, body in header.payloads():
                    if kind == _KEY_EXCHANGE and body not in conversation.publics:
                        conversation.publics.append(body)
            return None
        if header.initiator_cookie not in self._ike:
            self._refresh()
        keys = self._ike.get(header.initiator_cookie)
        if keys is None or len(keys["skeyid"]) not in _HASHES:
            return None
        return self._open(message, header, conversation, keys)

    def _open(
        self, message: bytes, header: IsakmpHeader, conversation: _Conversation, keys: dict[str, bytes]
    ) -> bytes | None:
        hash_ = _HASHES[len(keys["skeyid"])]
        for cipher in _CIPHERS.get(len(keys["key"]), ()):
            size = cipher_block(cipher)
            fixed = [keys["iv"]] if "iv" in keys else []  # of the rekeys of a group
            for vector in fixed or self._vectors(header, conversation, hash_):
                with contextlib.suppress(ValueError, MalformedPacket):
                    clear = cbc_decrypt(cipher, keys["key"], vector[:size], header.payload)
                    if not _makes_sense(header, clear, size):
                        continue
                    conversation.last[header.message_id] = message[-size:]
                    if len(self._opened) >= KEPT:
                        del self._opened[next(iter(self._opened))]
                    self._opened[message] = clear
                    return clear
        return None

    def _vectors(self, header: IsakmpHeader, conversation: _Conversation, hash_: Hash) -> Iterator[bytes]:
        """Initialization vectors that may fit (RFC 2409, appendix B), the likeliest first."""
        if header.message_id in conversation.last:
            yield conversation.last[header.message_id]
        if header.message_id == 0:
            if len(conversation.publics) == 2:
                yield digest(hash_, b"".join(conversation.publics))
            return
        for block in (conversation.last.get(0, b""), self._last_block(header.initiator_cookie)):
            if block:
                yield digest(hash_, block + header.message_id.to_bytes(4))


def _sealer(entry: dict[str, Any], side: str) -> Sealer:
    """What one side of an IKEv2 SA seals with; it only opens here, so it needs no randomness."""
    encr, integ = _IKEV2_CIPHERS[entry["enc"]], _IKEV2_INTEGRITIES[entry["auth"]]
    return Sealer(
        encr, bytes.fromhex(entry[f"sk_e{side}"]), integ, bytes.fromhex(entry[f"sk_a{side}"]), bytes
    )


def _makes_sense(header: IsakmpHeader, clear: bytes, block: int) -> bool:
    payloads = replace(header, payload=clear, flags=0).payloads()
    used = sum(4 + len(body) for _, body in payloads)
    return bool(payloads) and len(clear) - used < 2 * block and clear[1] == 0


def decryptor_of(lab: Lab) -> LabDecryptor:
    """A decryptor with the keys that a lab's routers use."""

    def last_block(cookie: bytes) -> bytes:
        for device in lab.devices.values():
            crypto = device.find(CryptoEngine)
            for sa in crypto.phase1_sas() if crypto is not None else ():
                if sa.cookie_i == cookie and sa.up:
                    return bytes(sa.iv)
        return b""

    return LabDecryptor(lab.exported_keys, last_block)
