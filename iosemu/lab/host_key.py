"""The key that a box of the lab answers SSH with, over the lab's own network."""

from __future__ import annotations

from functools import cache

import asyncssh
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from iosemu.box.device import Device
from iosemu.box.rsa import EXPONENT, Derived, RsaKey, generate
from iosemu.server.connection import connection_options
from iosemu.subjects.access.private_config import BITS, PrivateConfig


def options_of(device: Device) -> asyncssh.SSHServerConnectionOptions:
    """How a box answers, with a key of its own."""
    return _options(host_key(device))


def host_key(device: Device) -> RsaKey:
    """The key that a box answers with: its general one, which a box that has no configuration of keys derives."""
    private = device.find(PrivateConfig)
    if private is not None and private.keys:
        return next(iter(private.keys.values()))
    return _derived(f"{device.name}/{device.base_mac}")


@cache
def _derived(seed: str) -> RsaKey:
    return generate(seed, BITS, Derived(seed), 0.0)


@cache
def _options(key: RsaKey) -> asyncssh.SSHServerConnectionOptions:
    return connection_options([_imported(key)], legacy=True)


def _imported(key: RsaKey) -> asyncssh.SSHKey:
    """A box's key as the library wants it."""
    public = rsa.RSAPublicNumbers(EXPONENT, key.modulus)
    if key.prime:
        p, q = key.prime, key.modulus // key.prime
    else:
        p, q = rsa.rsa_recover_prime_factors(key.modulus, EXPONENT, key.private)
    d = key.private
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), public
    )
    encoded = numbers.private_key(unsafe_skip_rsa_key_validation=True).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return asyncssh.import_private_key(encoded)
