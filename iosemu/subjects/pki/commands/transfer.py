"""`crypto pki import | export NAME pkcs12 | pem`: key pairs with their certificates come and go."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import load_der_x509_certificate

from iosemu.box.ec_key import EcKey
from iosemu.box.rsa import EXPONENT, RsaKey
from iosemu.box.system import SystemConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import Ask, CommandError, Steps
from iosemu.pki.certificate import Certificate, load_certificate
from iosemu.pki.ecdsa import CURVES
from iosemu.subjects.access.private_config import PrivateConfig
from iosemu.subjects.pki.commands.asking import base64_lines, decoded, pasted_lines, pki, trustpoint_of
from iosemu.subjects.pki.commands.enroll import pem
from iosemu.subjects.pki.config import AUTHORITY, GENERAL, PkiConfig, Trustpoint


def library_key(key: RsaKey | EcKey) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    """A key pair as the library has it."""
    if isinstance(key, EcKey):
        return key.private_key()
    p, q = (
        (key.prime, key.modulus // key.prime)
        if key.prime
        else rsa.rsa_recover_prime_factors(key.modulus, EXPONENT, key.private)
    )
    d = key.private
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q),
        rsa.RSAPublicNumbers(EXPONENT, key.modulus),
    )  # fmt: skip
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


def _box_key(context: Context, label: str, loaded: Any) -> RsaKey | EcKey:
    """A key pair of the library as the box has it; ValueError for another kind, or another curve."""
    if isinstance(loaded, ec.EllipticCurvePrivateKey):
        bits = next((each for each, curve in CURVES.items() if curve.name == loaded.curve.name), None)
        if bits is None:
            raise ValueError("a curve that the box does not know")
        number = loaded.private_numbers().private_value
        return EcKey(bits, number, label, context.device.now, exportable=True)
    if not isinstance(loaded, rsa.RSAPrivateKey):
        raise ValueError("neither an RSA key nor one of an elliptic curve")
    numbers = loaded.private_numbers()
    if numbers.public_numbers.e != EXPONENT:
        raise ValueError("another exponent than 65537")
    return RsaKey(
        label, numbers.public_numbers.n, numbers.d, context.device.now, exportable=True, prime=numbers.p
    )


def _exported(context: Context, name: str) -> tuple[RsaKey | EcKey, Certificate | None, Certificate | None]:
    """What there is to export; CommandError where nothing is, or it must not leave the box."""
    target = trustpoint_of(context, name)
    service = pki(context)
    key, chain = service.signer(target), service.config.chain(name)
    kind = "EC" if target.curve_label is not None else "RSA"
    if key is None:
        raise CommandError(f"% The trustpoint {name} has no {kind} key pair.")
    if not key.exportable:
        raise CommandError(f"% {kind} keypair '{key.name}' is not exportable.")
    return key, chain.own, chain.authority


def export_pkcs12(context: Context, name: str, phrase: str) -> Iterator[str]:
    """`crypto pki export NAME pkcs12 terminal [password] PASSPHRASE`."""
    key, own, authority = _exported(context, name)
    others = [load_der_x509_certificate(authority.der)] if authority is not None else []
    encryption = (
        serialization.PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(2000)
        .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
        .hmac_hash(hashes.SHA1())  # noqa: S303 - what PKCS #12 of the time has
        .build(phrase.encode())
    )
    leaf = load_der_x509_certificate(own.der) if own is not None else None
    data = pkcs12.serialize_key_and_certificates(name.encode(), library_key(key), leaf, others, encryption)
    yield "% The CA certificate is exported, too." if others else "% There is no CA certificate to export."
    yield ""
    yield "CRYPTO_PKI: Exporting pkcs12..."
    yield from base64_lines(data)
    yield ""
    yield "CRYPTO_PKI: Exported PKCS12 file successfully."


def export_pem(context: Context, name: str, phrase: str = "") -> Iterator[str]:
    """`crypto pki export NAME pem terminal [3des PASSPHRASE]`: without one only certificates."""
    target = trustpoint_of(context, name)
    chain = pki(context).config.chain(name)
    key = _exported(context, name)[0] if phrase else None
    if chain.authority is not None:
        yield "% CA certificate:"
        yield from pem("CERTIFICATE", chain.authority.der)
        yield ""
    if key is not None:
        yield "% Key name: " + key.name
        yield "  Usage: General Purpose Key"
        yield from _private_pem(key, phrase)
        yield ""
    if chain.own is not None and not target.self_signed:
        yield "% General Purpose Certificate:"
        yield from pem("CERTIFICATE", chain.own.der)
        yield ""


def _private_pem(key: RsaKey | EcKey, phrase: str) -> list[str]:
    """A private key in lines of PEM, encrypted."""
    text = library_key(key).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.BestAvailableEncryption(phrase.encode()),
    )
    return text.decode().splitlines()


def export_key(context: Context, label: str, phrase: str) -> Iterator[str]:
    """`crypto key export rsa LABEL pem terminal 3des PASSPHRASE`."""
    key = context.device.rsa_keys.get(label)
    if key is None:
        raise CommandError(f"% RSA keypair '{label}' does not exist.")
    if not key.exportable:
        raise CommandError(f"% RSA keypair '{label}' is not exportable.")
    yield f"% Key name: {label}"
    yield "   Usage: General Purpose Key"
    yield "   Key data:"
    yield from pem("PUBLIC KEY", key.der())
    yield from _private_pem(key, phrase)
    yield ""


def import_key(context: Context, label: str, phrase: str, exportable: bool = False) -> Steps:
    """`crypto key import rsa LABEL pem [exportable] terminal PASSPHRASE`: both halves are pasted."""
    private = context.device.service(PrivateConfig)
    if label in private.keys:
        raise CommandError(f"% Key pair '{label}' exists already.")
    yield "% Enter PEM-formatted public General Purpose key or certificate."
    yield '% End with a blank line or "quit" on a line by itself.'
    public = decoded((yield from _pem_lines()))
    yield "% Enter PEM-formatted encrypted private General Purpose key."
    yield '% End with "quit" on a line by itself.'
    lines = yield from _pem_lines()
    try:
        loaded = serialization.load_pem_private_key("\n".join([*lines, ""]).encode(), phrase.encode())
        key = _box_key(context, label, loaded)
    except (ValueError, TypeError):
        yield "% Key pair import failed."
        return
    if not isinstance(key, RsaKey) or public != key.der():
        yield "% Key pair import failed."
        return
    private.put(replace(key, exportable=exportable))
    yield "% Key pair import succeeded."


def import_pkcs12(context: Context, name: str, phrase: str) -> Steps:
    """`crypto pki import NAME pkcs12 terminal [password] PASSPHRASE`."""
    if name in context.device.config.of(PkiConfig).chains:
        raise CommandError(f"% Trustpoint '{name}' is in use.\n% Please delete it or use a different label.")
    yield "Enter the base 64 encoded pkcs12."
    yield 'End with a blank line or the word "quit" on a line by itself:'
    yield ""
    data = decoded((yield from pasted_lines()))
    try:
        loaded, leaf, others = pkcs12.load_key_and_certificates(data or b"", phrase.encode())
        key = _box_key(context, name, loaded)
        own = load_certificate(leaf.public_bytes(serialization.Encoding.DER)) if leaf is not None else None
        held = [load_certificate(each.public_bytes(serialization.Encoding.DER)) for each in others]
    except (ValueError, TypeError):
        yield "CRYPTO_PKI: Import PKCS12 operation failed, failure status = 0x701"
        return
    yield from _imported(context, name, key, own, held)
    yield "CRYPTO_PKI: Imported PKCS12 file successfully."


def import_pem(context: Context, name: str, phrase: str) -> Steps:
    """`crypto pki import NAME pem terminal PASSPHRASE`: the authority's certificate, the key, the certificate."""
    if name in context.device.config.of(PkiConfig).chains:
        raise CommandError(f"% Trustpoint '{name}' is in use.\n% Please delete it or use a different label.")
    parts: list[list[str]] = []
    for what in (
        "PEM-formatted CA certificate",
        "PEM-formatted encrypted private key",
        "PEM-formatted General Purpose certificate",
    ):
        yield f"% Enter {what}."
        yield '% End with a blank line or "quit" on a line by itself.'
        parts.append((yield from _pem_lines()))
    try:
        loaded = serialization.load_pem_private_key("\n".join([*parts[1], ""]).encode(), phrase.encode())
        key = _box_key(context, name, loaded)
        authority = load_certificate(decoded(parts[0]) or b"")
        own = load_certificate(decoded(parts[2]) or b"")
    except (ValueError, TypeError):
        yield "% PEM files import failed."
        return
    yield from _imported(context, name, key, own, [authority])
    yield "% PEM files import succeeded."


def _pem_lines() -> Generator[str | Ask, str, list[str]]:
    """Lines of one PEM object; the blank line that stands inside an encrypted key ends nothing."""
    lines: list[str] = []
    while len(lines) < 500:
        line = ((yield Ask("")) or "").strip()
        inside = bool(lines) and lines[0].startswith("-----BEGIN") and not lines[-1].startswith("-----END")
        if line.lower() == "quit" or (
            not line and not (inside and any("Info:" in each for each in lines[-2:]))
        ):
            break
        lines.append(line)
    return lines


def _imported(
    context: Context, name: str, key: RsaKey | EcKey, own: Certificate | None, held: list[Certificate]
) -> Iterator[str]:
    """Have a trustpoint with a key and certificates."""
    config = context.device.config.of(PkiConfig)
    if own is not None and own.key_info != key.der():
        yield "% The certificate is not of the key"
        return
    private, target = (
        context.device.service(PrivateConfig),
        config.trustpoints.setdefault(name, Trustpoint(name)),
    )
    if isinstance(key, EcKey):
        private.put_curve(key)
        target.curve_label, target.key_label = name, None
    else:
        private.put(key)
        target.curve_label, target.key_label = None, name
    target.enrollment = target.enrollment or "terminal"
    service = pki(context)
    authority = next((each for each in held if own is None or own.signed_by(each)), None)
    if authority is not None:
        service.put(name, AUTHORITY, authority)
    if own is not None:
        service.put(name, GENERAL, own)
    context.device.config.of(SystemConfig).unsaved = True
