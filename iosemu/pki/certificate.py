"""Certificates: read, and made as IOS makes them (RFC 5280, 4)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from ipaddress import IPv4Address
from typing import Any, Final

from asn1crypto import core, keys, x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from iosemu.pki.der import sequence
from iosemu.pki.ecdsa import EcKeyPair
from iosemu.pki.names import Name
from iosemu.pki.rsa import KeyPair, PublicKey, sign

DIGITAL_SIGNATURE, KEY_ENCIPHERMENT, CERT_SIGN, CRL_SIGN = (
    "digital_signature",
    "key_encipherment",
    "key_cert_sign",
    "crl_sign",
)
USAGE_BITS: Final = {
    DIGITAL_SIGNATURE: (0x80, "Digital Signature"),
    "non_repudiation": (0x40, "Non Repudiation"),
    KEY_ENCIPHERMENT: (0x20, "Key Encipherment"),
    "data_encipherment": (0x10, "Data Encipherment"),
    "key_agreement": (0x08, "Key Agreement"),
    CERT_SIGN: (0x04, "Key Cert Sign"),
    CRL_SIGN: (0x02, "CRL Signature"),
}
"""Bit in the first octet and how IOS prints it, by asn1crypto's name."""
_DIGESTS: Final = {f"{each}_rsa": each for each in ("md5", "sha1", "sha256", "sha384", "sha512")}
_CURVE_HASHES: Final[dict[str, type[hashes.HashAlgorithm]]] = {
    "sha1_ecdsa": hashes.SHA1,
    "sha256_ecdsa": hashes.SHA256,
    "sha384_ecdsa": hashes.SHA384,
    "sha512_ecdsa": hashes.SHA512,
}
Key = PublicKey | ec.EllipticCurvePublicKey


def public_key_info(key: PublicKey) -> bytes:
    """SubjectPublicKeyInfo."""
    numbers = keys.RSAPublicKey({"modulus": key.modulus, "public_exponent": key.exponent})
    found: bytes = keys.PublicKeyInfo.wrap(numbers, "rsa").dump()
    return found


def key_identifier(info: bytes) -> bytes:
    """SHA-1 of the key's bits (RFC 5280, 4.2.1.2)."""
    return hashlib.sha1(
        bytes(keys.PublicKeyInfo.load(info)["public_key"].contents)[1:], usedforsecurity=False
    ).digest()


def signature_algorithm(digest: str, *, curve: bool = False) -> bytes:
    """AlgorithmIdentifier of RSA, or ECDSA, with a digest."""
    if curve:
        told: bytes = x509.SignedDigestAlgorithm({"algorithm": f"{digest}_ecdsa"}).dump()
        return told
    found: bytes = x509.SignedDigestAlgorithm(
        {"algorithm": f"{digest}_rsa", "parameters": core.Null()}
    ).dump()
    return found


def signed(key: KeyPair | EcKeyPair, digest: str, inner: bytes) -> bytes:
    """SIGNED{} of X.509: what is signed, how, and the signature; ValueError where key and digest do not go together."""
    if isinstance(key, EcKeyPair):
        signature = core.OctetBitString(key.sign(digest, inner)).dump()
        return sequence(inner, signature_algorithm(digest, curve=True), signature)
    return sequence(inner, signature_algorithm(digest), core.OctetBitString(sign(key, digest, inner)).dump())


def load_key(info: bytes) -> Key:
    """Read a SubjectPublicKeyInfo; ValueError where it is of another kind than RSA and ECDSA."""
    found = keys.PublicKeyInfo.load(info)
    if found.algorithm == "rsa":
        numbers = found["public_key"].parsed
        return PublicKey(int(numbers["modulus"].native), int(numbers["public_exponent"].native))
    key = serialization.load_der_public_key(info)
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError(f"key of kind {found.algorithm}")
    return key


def verifies(key: Key, algorithm: str, signature: bytes, message: bytes) -> bool:
    """Whether a signature by an algorithm, by asn1crypto's name, is of this key."""
    if isinstance(key, PublicKey):
        digest = _DIGESTS.get(algorithm)
        return digest is not None and key.verifies(digest, signature, message)
    hash_ = _CURVE_HASHES.get(algorithm)
    if hash_ is None:
        return False
    try:
        key.verify(signature, message, ec.ECDSA(hash_()))
    except InvalidSignature:
        return False
    return True


@dataclass(frozen=True, eq=False)
class Certificate:
    """A certificate that was read."""

    der: bytes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Certificate) and other.der == self.der

    def __hash__(self) -> int:
        return hash(self.der)

    @cached_property
    def _parsed(self) -> Any:
        return x509.Certificate.load(self.der, strict=True)

    @cached_property
    def _inner(self) -> Any:
        return self._parsed["tbs_certificate"]

    @cached_property
    def subject(self) -> Name:
        """Whose it is."""
        return Name.load(self._inner["subject"].dump())

    @cached_property
    def issuer(self) -> Name:
        """Who made it."""
        return Name.load(self._inner["issuer"].dump())

    @cached_property
    def subject_der(self) -> bytes:
        """The subject as it is encoded."""
        return bytes(self._inner["subject"].dump())

    @cached_property
    def serial(self) -> int:
        """The serial number."""
        return int(self._inner["serial_number"].native)

    @property
    def serial_text(self) -> str:
        """The serial number as IOS prints it: whole octets."""
        text = f"{self.serial:X}"
        return text.zfill(len(text) + len(text) % 2)

    @cached_property
    def begins(self) -> datetime:
        """From when it counts, UTC."""
        found: datetime = self._inner["validity"]["not_before"].native
        return found

    @cached_property
    def ends(self) -> datetime:
        """Until when it counts, UTC."""
        found: datetime = self._inner["validity"]["not_after"].native
        return found

    @cached_property
    def key_info(self) -> bytes:
        """SubjectPublicKeyInfo."""
        return bytes(self._inner["subject_public_key_info"].dump())

    @cached_property
    def key(self) -> Key:
        """The public key; ValueError for one of an unknown kind."""
        return load_key(self.key_info)

    @cached_property
    def algorithm(self) -> str:
        """The signature's, by asn1crypto's name (`sha1_rsa`)."""
        return str(self._parsed["signature_algorithm"]["algorithm"].native)

    def signed_by(self, other: Certificate) -> bool:
        """Whether another's key signed it."""
        signature, message = self._parsed["signature_value"].native, self._inner.dump()
        try:
            return verifies(other.key, self.algorithm, signature, message)
        except ValueError:
            return False

    @property
    def self_signed(self) -> bool:
        """Its subject is its issuer."""
        return self.subject.folded == self.issuer.folded

    @cached_property
    def authority(self) -> bool:
        """It may sign others (basic constraints)."""
        found = self._parsed.basic_constraints_value
        return bool(found is not None and found["ca"].native)

    @cached_property
    def usage(self) -> frozenset[str] | None:
        """Key usage by asn1crypto's names, None where it has none."""
        found = self._parsed.key_usage_value
        return frozenset(found.native) if found is not None else None

    @cached_property
    def subject_key(self) -> bytes | None:
        """Subject key identifier."""
        found = self._parsed.key_identifier
        return bytes(found) if found is not None else None

    @cached_property
    def authority_key(self) -> bytes | None:
        """Authority key identifier."""
        found = self._parsed.authority_key_identifier
        return bytes(found) if found is not None else None

    @cached_property
    def alternatives(self) -> tuple[tuple[str, str], ...]:
        """Subject alternative names: ("dns" | "ip" | "email", value)."""
        found = self._parsed.subject_alt_name_value
        words = {"dns_name": "dns", "ip_address": "ip", "rfc822_name": "email"}
        if found is None:
            return ()
        return tuple((words[each.name], str(each.native)) for each in found if each.name in words)

    @cached_property
    def crl_urls(self) -> tuple[str, ...]:
        """Where its issuer publishes what is revoked."""
        points = self._parsed.crl_distribution_points_value
        found: list[str] = []
        for point in points or ():
            place = point["distribution_point"]
            if place.native is not None and place.name == "full_name":
                found += [
                    str(each.native) for each in place.chosen if each.name == "uniform_resource_identifier"
                ]
        return tuple(found)

    @cached_property
    def ocsp_urls(self) -> tuple[str, ...]:
        """Where responders tell whether it is revoked (RFC 5280, 4.2.2.1)."""
        places = self._parsed.authority_information_access_value
        found = (each["access_location"] for each in places or () if each["access_method"].native == "ocsp")
        return tuple(str(each.native) for each in found if each.name == "uniform_resource_identifier")

    @cached_property
    def purposes(self) -> frozenset[str]:
        """Extended key usage by asn1crypto's names."""
        return frozenset(
            self._parsed.extended_key_usage_value.native if self._parsed.extended_key_usage_value else ()
        )

    def fingerprint(self, digest: str) -> str:
        """`AABBCCDD EEFF0011 …` of the whole certificate."""
        return spaced(hashlib.new(digest, self.der, usedforsecurity=False).digest())

    def hosts(self) -> set[str]:
        """The names of hosts it is for, lower case."""
        named = {value.lower() for kind, value in self.alternatives if kind == "dns"}
        own = self.subject.first("1.2.840.113549.1.9.2")
        return named | ({own.lower()} if own else set())

    def addresses(self) -> set[IPv4Address]:
        """The addresses it is for."""
        found = [value for kind, value in self.alternatives if kind == "ip"]
        own = self.subject.first("1.2.840.113549.1.9.8")
        addresses = set()
        for each in [*found, own] if own else found:
            try:
                addresses.add(IPv4Address(each))
            except ValueError:
                continue
        return addresses

    def emails(self) -> set[str]:
        """The mail addresses it is for, lower case."""
        named = {value.lower() for kind, value in self.alternatives if kind == "email"}
        own = self.subject.first("1.2.840.113549.1.9.1")
        return named | ({own.lower()} if own else set())


_READ: Final = ("subject", "issuer", "serial", "begins", "ends", "key_info", "algorithm", "authority", "usage",
         "subject_key", "authority_key", "alternatives", "crl_urls", "ocsp_urls", "purposes")  # fmt: skip
"""What has to be readable of a certificate."""


@lru_cache(maxsize=512)
def load_certificate(der: bytes) -> Certificate:
    """Read a certificate; ValueError where it is none."""
    found = Certificate(der)
    try:
        for each in _READ:
            getattr(found, each)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"no certificate: {error}") from None
    return found


def spaced(data: bytes) -> str:
    """`AABBCCDD EEFF0011 …`."""
    text = data.hex().upper()
    return " ".join(text[at : at + 8] for at in range(0, len(text), 8))


def _extension(kind: str, value: core.Asn1Value, *, critical: bool = False) -> dict[str, object]:
    return {"extn_id": kind, "critical": critical, "extn_value": value}


def authority_extension() -> dict[str, object]:
    """Basic constraints of who may sign others."""
    return _extension("basic_constraints", x509.BasicConstraints({"ca": True}), critical=True)


def usage_extension(usage: Sequence[str], *, critical: bool = False) -> dict[str, object]:
    """Key usage."""
    return _extension("key_usage", x509.KeyUsage(set(usage)), critical=critical)


def names_extension(fqdn: str | None, address: IPv4Address | None) -> list[dict[str, object]]:
    """Subject alternative name, where there is one."""
    names = [x509.GeneralName("dns_name", fqdn)] if fqdn else []
    if address is not None:
        names.append(x509.GeneralName("ip_address", str(address)))
    return [_extension("subject_alt_name", x509.GeneralNames(names))] if names else []


@dataclass(frozen=True, slots=True)
class Issue:
    """What a certificate is to say."""

    serial: int
    issuer: Name
    subject: bytes
    """Encoded."""
    begins: datetime
    ends: datetime
    key_info: bytes
    digest: str = "sha1"
    authority: bool = False
    issuer_key: bytes = b""
    """Key identifier of who signs; its own where it signs itself."""
    crl_url: str = ""
    fqdn: str | None = None
    server: bool = False
    """Extended key usage: it may stand for a server."""


def issue(what: Issue, signer: KeyPair | EcKeyPair) -> Certificate:
    """Make a certificate: its extensions and their order are those of IOS."""
    own = key_identifier(what.key_info)
    extensions: list[dict[str, object]] = []
    if what.authority:
        extensions.append(authority_extension())
        extensions.append(usage_extension((DIGITAL_SIGNATURE, CERT_SIGN, CRL_SIGN), critical=True))
    if what.crl_url:
        place = x509.DistributionPointName(
            "full_name", [x509.GeneralName("uniform_resource_identifier", what.crl_url)]
        )
        points = x509.CRLDistributionPoints([{"distribution_point": place}])
        extensions.append(_extension("crl_distribution_points", points))
    if not what.authority:
        extensions.append(usage_extension((DIGITAL_SIGNATURE, KEY_ENCIPHERMENT)))
    extensions += names_extension(what.fqdn, None)
    if what.server:
        extensions.append(_extension("extended_key_usage", x509.ExtKeyUsageSyntax(["server_auth"])))
    authority = x509.AuthorityKeyIdentifier({"key_identifier": what.issuer_key or own})
    extensions.append(_extension("authority_key_identifier", authority))
    extensions.append(_extension("key_identifier", core.OctetString(own)))
    inner = x509.TbsCertificate({
        "version": "v3",
        "serial_number": what.serial,
        "signature": x509.SignedDigestAlgorithm.load(
            signature_algorithm(what.digest, curve=isinstance(signer, EcKeyPair))
        ),
        "issuer": x509.Name.load(what.issuer.der()),
        "validity": {"not_before": _time(what.begins), "not_after": _time(what.ends)},
        "subject": x509.Name.load(what.subject),
        "subject_public_key_info": keys.PublicKeyInfo.load(what.key_info),
        "extensions": extensions,
    })  # fmt: skip
    return load_certificate(signed(signer, what.digest, inner.dump()))


def _time(moment: datetime) -> x509.Time:
    """UTCTime until 2049 (RFC 5280, 4.1.2.5)."""
    whole = moment.replace(microsecond=0)
    return x509.Time("utc_time" if whole.year < 2050 else "general_time", whole)
