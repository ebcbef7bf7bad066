"""RSA key pairs from the device's own random numbers (FIPS 186-4 appendix B.3: random probable primes)."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from dataclasses import dataclass

from iosemu.box.model import RandomSource

EXPONENT = 65537
_SMALL = [n for n in range(3, 2000, 2) if all(n % d for d in range(3, int(n**0.5) + 1, 2))]
_WITNESSES = 8
_DIGIT = 4
"""Bits of an exponent that are dealt with together."""
_DIGITS = 16
"""Digits after which others have their turn."""


@dataclass(frozen=True)
class RsaKey:
    """A key pair."""

    name: str
    modulus: int
    private: int
    made: float
    """Lab seconds."""
    general: bool = True
    exportable: bool = False
    prime: int = 0
    """One factor of the modulus; 0 for a key of which it was not kept."""

    @property
    def bits(self) -> int:
        """Size of the modulus."""
        return self.modulus.bit_length()

    def der(self) -> bytes:
        """The public key as SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7, RFC 8017 appendix A.1.1)."""
        key = _der(0x30, _integer(self.modulus) + _integer(EXPONENT))
        algorithm = _der(0x30, bytes.fromhex("06092a864886f70d010101") + b"\x05\x00")
        return _der(0x30, algorithm + _der(0x03, b"\0" + key))

    def wire(self) -> bytes:
        """The public key as SSH sends it (RFC 4253 section 6.6)."""
        return b"".join(
            len(part).to_bytes(4, "big") + part
            for part in (b"ssh-rsa", _unsigned(EXPONENT), _unsigned(self.modulus))
        )


class Derived:
    """Numbers that follow from a seed alone: SHA-256 of it and a counter."""

    def __init__(self, seed: str) -> None:
        self._seed = seed.encode()
        self._count = 0

    def randbytes(self, n: int, /) -> bytes:
        """`n` bytes."""
        data = b""
        while len(data) < n:
            data += hashlib.sha256(self._seed + self._count.to_bytes(8, "big")).digest()
            self._count += 1
        return data[:n]

    def randrange(self, start: int, stop: int, /) -> int:
        """A number in [start, stop)."""
        span = stop - start
        return start + int.from_bytes(self.randbytes(span.bit_length() // 8 + 9), "big") % span

    def random(self) -> float:
        """A number in [0, 1)."""
        return int.from_bytes(self.randbytes(6), "big") / (1 << 48)


def generating(
    name: str, bits: int, rng: RandomSource, now: float, exportable: bool = False
) -> Generator[None, None, RsaKey]:
    """A new pair with a modulus of exactly `bits` bits.

    That takes seconds for large ones: it is made in steps of about a millisecond.
    """
    while True:
        p = yield from _prime(bits - bits // 2, rng)
        q = yield from _prime(bits // 2, rng)
        totient = (p - 1) * (q - 1)
        modulus = p * q
        if p != q and totient % EXPONENT and modulus.bit_length() == bits:
            private = pow(EXPONENT, -1, totient)
            return RsaKey(name, modulus, private, now, exportable=exportable, prime=p)


def generate(name: str, bits: int, rng: RandomSource, now: float, exportable: bool = False) -> RsaKey:
    """As `generating`, at once."""
    steps = generating(name, bits, rng, now, exportable)
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            key: RsaKey = stop.value
            return key


def _prime(bits: int, rng: RandomSource) -> Generator[None, None, int]:
    while True:
        yield
        number = int.from_bytes(rng.randbytes((bits + 7) // 8), "big") & ((1 << bits) - 1)
        number |= 1 | 3 << bits - 2  # odd, and the product of two has all its bits
        if all(number % small for small in _SMALL) and (yield from _probably_prime(number, rng)):
            return number


def _probably_prime(number: int, rng: RandomSource) -> Generator[None, None, bool]:
    """Miller-Rabin."""
    odd, twos = number - 1, 0
    while not odd & 1:
        odd >>= 1
        twos += 1
    for _ in range(_WITNESSES):
        value = yield from _power(rng.randrange(2, number - 1), odd, number)
        if value in (1, number - 1):
            continue
        for _ in range(twos - 1):
            value = value * value % number
            if value == number - 1:
                break
        else:
            return False
    return True


def _power(base: int, exponent: int, modulus: int) -> Generator[None, None, int]:
    """`pow(base, exponent, modulus)`, which for numbers of 2,048 bits would hold everybody up, a digit at a time."""
    powers = [1, base % modulus]
    for _ in range(2, 1 << _DIGIT):
        powers.append(powers[-1] * powers[1] % modulus)
    result = 1
    for number, at in enumerate(range((exponent.bit_length() - 1) // _DIGIT * _DIGIT, -1, -_DIGIT)):
        for _ in range(_DIGIT):
            result = result * result % modulus
        result = result * powers[exponent >> at & (1 << _DIGIT) - 1] % modulus
        if number % _DIGITS == _DIGITS - 1:
            yield
    return result


def _unsigned(value: int) -> bytes:
    """Big-endian, with a zero before a set sign bit."""
    return value.to_bytes(value.bit_length() // 8 + 1, "big")


def _integer(value: int) -> bytes:
    return _der(0x02, _unsigned(value))


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + content
