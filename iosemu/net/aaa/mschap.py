"""MS-CHAPv2 (RFC 2759) and the keys that come of it (RFC 3079, 3; draft-kamath-pppext-eap-mschapv2-02)."""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Callable, Sequence

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

CHALLENGE = 16
"""Octets of either side's challenge."""
RESPONSE = 24
SERVER_SIGNING = b"Magic server to client signing constant"
PAD_TO_ITERATE = b"Pad to make it do more than one iteration"
MASTER = b"This is the MPPE Master Key"
CLIENT_SENDS = b"On the client side, this is the send key; on the server side, it is the receive key."
CLIENT_RECEIVES = b"On the client side, this is the receive key; on the server side, it is the send key."
MASK = 0xFFFFFFFF
Mix = Callable[[int, int, int], int]
ROUNDS: tuple[tuple[Mix, Sequence[int], tuple[int, ...], int], ...] = (
    (lambda x, y, z: (x & y) | (~x & z), range(16), (3, 7, 11, 19), 0),
    (lambda x, y, z: (x & y) | (x & z) | (y & z), [4 * (i % 4) + i // 4 for i in range(16)], (3, 5, 9, 13), 0x5A827999),
    (lambda x, y, z: x ^ y ^ z, (0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15), (3, 9, 11, 15), 0x6ED9EBA1),
)  # fmt: skip
"""Of each round of MD4: function, order of the words, shifts and constant (RFC 1320, 3.4)."""


def md4(data: bytes) -> bytes:
    """MD4 (RFC 1320), which OpenSSL gives to nobody any more."""
    state = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)
    padded = data + b"\x80" + bytes(-(len(data) + 9) % 64) + struct.pack("<Q", 8 * len(data))
    for at in range(0, len(padded), 64):
        words = struct.unpack_from("<16I", padded, at)
        a, b, c, d = state
        for mix, order, shifts, constant in ROUNDS:
            for step, index in enumerate(order):
                total = (a + mix(b, c, d) + words[index] + constant) & MASK
                shift = shifts[step % 4]
                a, b, c, d = d, (total << shift | total >> (32 - shift)) & MASK, b, c
        state = tuple((old + new) & MASK for old, new in zip(state, (a, b, c, d), strict=True))  # type: ignore[assignment]
    return struct.pack("<4I", *state)


def _sha1(*parts: bytes) -> bytes:
    return hashlib.sha1(b"".join(parts), usedforsecurity=False).digest()


def _des(key: bytes, block: bytes) -> bytes:
    """One block of DES with a key of seven octets."""
    bits = int.from_bytes(key, "big")
    spread = bytes((bits >> (49 - 7 * index) & 0x7F) << 1 for index in range(8))
    # Triple DES with one key thrice is DES
    encryptor = Cipher(TripleDES(spread * 3), modes.ECB()).encryptor()  # noqa: S305 - as the RFC has it
    return encryptor.update(block) + encryptor.finalize()


def password_hash(password: str) -> bytes:
    """NtPasswordHash (RFC 2759, 8.3)."""
    return md4(password.encode("utf-16-le"))


def nt_response(server: bytes, peer: bytes, name: str, password: str) -> bytes:
    """GenerateNTResponse (RFC 2759, 8.1): 24 octets, of both challenges."""
    challenge = _sha1(peer, server, _bare(name))[:8]
    key = password_hash(password) + bytes(5)
    return b"".join(_des(key[at : at + 7], challenge) for at in (0, 7, 14))


def _bare(name: str) -> bytes:
    """A name without its domain (RFC 2759, 4)."""
    return name.rpartition("\\")[2].encode()


def authenticator_response(server: bytes, peer: bytes, name: str, password: str, response: bytes) -> str:
    """GenerateAuthenticatorResponse (RFC 2759, 8.7): `S=` and 40 digits, by which the server proves itself."""
    digest = _sha1(md4(password_hash(password)), response, SERVER_SIGNING)
    challenge = _sha1(peer, server, _bare(name))[:8]
    return f"S={_sha1(digest, challenge, PAD_TO_ITERATE).hex().upper()}"


def master_keys(password: str, response: bytes) -> tuple[bytes, bytes]:
    """What the server receives and sends with, 16 octets each (RFC 3079, 3.3)."""
    master = _sha1(md4(password_hash(password)), response, MASTER)[:16]
    receives, sends = (
        _sha1(master, bytes(40), magic, b"\xf2" * 40)[:16] for magic in (CLIENT_SENDS, CLIENT_RECEIVES)
    )
    return receives, sends


def fits(server: bytes, peer: bytes, name: str, password: str, response: bytes) -> bool:
    """Whether a response is that of this password."""
    return hmac.compare_digest(nt_response(server, peer, name, password), response)
