"""Stored passwords in the forms IOS writes them.

0 is clear, 4 SHA-256 without salt, 5 MD5 crypt, 7 Vigenère, 8 PBKDF2, 9 scrypt.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

from iosemu.box.model import RandomSource

_CRYPT64 = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_TYPE7_KEY = b"dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87"


@dataclass(frozen=True, slots=True)
class Password:
    """`type` is the number that stands before `value` in the configuration."""

    type: int
    value: str

    def __str__(self) -> str:
        return f"{self.type} {self.value}"

    @property
    def words(self) -> str:
        """As the configuration has it: a clear one without its number."""
        return str(self) if self.type else self.value

    @property
    def clear(self) -> str | None:
        """The password itself; None where it is only known as a hash."""
        if self.type == 7:
            return reveal(self.value).decode("latin-1")
        return self.value if self.type == 0 else None

    def matches(self, typed: str) -> bool:
        """Whether `typed` is the password."""
        if self.type == 0:
            return hmac.compare_digest(typed.encode(), self.value.encode())
        if self.type == 7:
            return hmac.compare_digest(typed.encode("latin-1", "replace"), reveal(self.value))
        if self.type == 4:
            return hmac.compare_digest(_sha256(typed), self.value)
        parts = self.value.split("$")
        derive = {5: _md5crypt, 8: _pbkdf2, 9: _scrypt}[self.type]
        return hmac.compare_digest(derive(typed, parts[2]), parts[3])

    def masked(self, rng: RandomSource) -> Password:
        """As `service password-encryption` stores it: a clear password becomes type 7."""
        if self.type != 0:
            return self
        return Password(7, hide(self.value, rng.randrange(0, 16)))


_FORMS = {
    4: re.compile(r"[./0-9A-Za-z]{43}"),
    5: re.compile(r"\$1\$[^\s$]{1,8}\$[./0-9A-Za-z]{22}"),
    7: re.compile(r"(?:0[0-9]|1[0-5])(?:[0-9A-Fa-f]{2})+"),
    8: re.compile(r"\$8\$[./0-9A-Za-z]{14}\$[./0-9A-Za-z]{43}"),
    9: re.compile(r"\$9\$[./0-9A-Za-z]{14}\$[./0-9A-Za-z]{43}"),
}


def well_formed(kind: int, value: str) -> bool:
    """Whether `value` can be a stored password of type 4, 5, 7, 8 or 9."""
    form = _FORMS.get(kind)
    return form is not None and form.fullmatch(value) is not None


def secret(clear: str, rng: RandomSource) -> Password:
    """A new type 5 secret (salted MD5 crypt, what IOS 12.4 and 15.1 make of `secret 0`)."""
    salt = "".join(_CRYPT64[rng.randrange(0, 64)] for _ in range(4))
    return Password(5, f"$1${salt}${_md5crypt(clear, salt)}")


def hide(clear: str, seed: int) -> str:
    """Type 7: the text XORed with IOS's fixed key from position `seed` (0 to 15) on; no protection at all."""
    data = clear.encode("latin-1", "replace")
    return f"{seed:02d}" + "".join(f"{byte ^ _key(seed + at):02X}" for at, byte in enumerate(data))


def reveal(value: str) -> bytes:
    """The clear text of a type 7 password."""
    seed = int(value[:2])
    return bytes(byte ^ _key(seed + at) for at, byte in enumerate(bytes.fromhex(value[2:])))


def _key(position: int) -> int:
    return _TYPE7_KEY[position % len(_TYPE7_KEY)]


def _md5crypt(clear: str, salt: str) -> str:
    """Poul-Henning Kamp's MD5 crypt, 1,000 rounds, as FreeBSD's `$1$` defines it."""
    word, grain = clear.encode(), salt.encode()
    inner = _md5(word + grain + word)
    text = word + b"$1$" + grain
    text += (inner * (len(word) // 16 + 1))[: len(word)]
    length = len(word)
    while length:
        text += b"\0" if length & 1 else word[:1]
        length >>= 1
    digest = _md5(text)
    for round_ in range(1000):
        odd = bool(round_ & 1)
        mixed = word if odd else digest
        mixed += (grain if round_ % 3 else b"") + (word if round_ % 7 else b"")
        digest = _md5(mixed + (digest if odd else word))
    groups = [(0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5)]
    letters = [_letters(digest[a] << 16 | digest[b] << 8 | digest[c], 4) for a, b, c in groups]
    return "".join(letters) + _letters(digest[11], 2)


def _letters(value: int, count: int) -> str:
    return "".join(_CRYPT64[value >> 6 * at & 63] for at in range(count))


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def _sha256(clear: str) -> str:
    """Type 4: one round of SHA-256, no salt (Cisco's advisory cisco-sr-20130318-type4)."""
    return _encode(hashlib.sha256(clear.encode()).digest())


def _pbkdf2(clear: str, salt: str) -> str:
    return _encode(hashlib.pbkdf2_hmac("sha256", clear.encode(), salt.encode(), 20000, 32))


def _scrypt(clear: str, salt: str) -> str:
    return _encode(hashlib.scrypt(clear.encode(), salt=salt.encode(), n=16384, r=1, p=1, dklen=32))


def _encode(digest: bytes) -> str:
    """Base64 in the crypt alphabet, without padding."""
    bits = "".join(f"{byte:08b}" for byte in digest)
    bits += "0" * (-len(bits) % 6)
    return "".join(_CRYPT64[int(bits[at : at + 6], 2)] for at in range(0, len(bits), 6))
