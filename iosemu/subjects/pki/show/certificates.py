"""`show crypto pki certificates | trustpoints | crls | counters`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.pki.certificate import (
    CERT_SIGN,
    DIGITAL_SIGNATURE,
    KEY_ENCIPHERMENT,
    USAGE_BITS,
    Certificate,
    spaced,
)
from iosemu.pki.names import ADDRESS, HOSTNAME, SERIAL
from iosemu.pki.request import CertificateRequest
from iosemu.pki.rsa import PublicKey
from iosemu.subjects.pki.config import AUTHORITY, ROLLOVER, SELF_SIGNED, ChainEntry, PkiConfig, Trustpoint
from iosemu.subjects.pki.service.pki import Pki
from iosemu.subjects.pki.service.revocation import ROOM

HEADINGS = {
    AUTHORITY: "CA Certificate",
    ROLLOVER: "CA Certificate (Rollover)",
    SELF_SIGNED: "Router Self-Signed Certificate",
}


def show_certificates(context: Context, name: str | None = None, verbose: bool = False) -> Iterator[str]:
    """`show crypto pki certificates [verbose] [NAME]`: one certificate once, with all its trustpoints."""
    service = context.device.service(Pki)
    config = service.config
    if name is not None and name not in config.trustpoints:
        raise CommandError(f"% CA trustpoint '{name}' is not known.")
    holders: dict[bytes, list[str]] = {}
    for chain in config.chains.values():
        for entry in chain.entries:
            holders.setdefault(entry.certificate.der, []).append(chain.name)
    shown: set[bytes] = set()
    first = True
    for trustpoint in config.trustpoints.values():
        if name not in (None, trustpoint.name):
            continue
        for request in _pending(service, trustpoint):
            yield from () if first else ("",)
            first = False
            yield from _pending_lines(trustpoint, request)
        for entry in config.chain(trustpoint.name).entries:
            if entry.certificate.der in shown:
                continue
            shown.add(entry.certificate.der)
            yield from () if first else ("",)
            first = False
            yield from _lines(service, trustpoint, entry, holders[entry.certificate.der], verbose)


def _pending(service: Pki, trustpoint: Trustpoint) -> Iterator[CertificateRequest]:
    enrollment = service.enrollments.get(trustpoint.name)
    if enrollment is not None:
        yield enrollment.request
    elif trustpoint.name in service.requests:
        yield service.requests[trustpoint.name]


def _pending_lines(trustpoint: Trustpoint, request: CertificateRequest) -> Iterator[str]:
    yield "Certificate"
    yield "  Subject:"
    yield f"    Name: {request.subject.first(HOSTNAME) or request.subject.first('2.5.4.3') or ''}"
    yield "   Status: Pending"
    yield "   Key Usage: General Purpose"
    yield f"   Certificate Request Fingerprint MD5: {request.fingerprint('md5')} "
    yield f"   Certificate Request Fingerprint SHA1: {request.fingerprint('sha1')} "
    yield f"   Associated Trustpoint: {trustpoint.name} "


def _usage(certificate: Certificate) -> str:
    usage = certificate.usage
    if usage is None:
        return "General Purpose"
    if certificate.authority or CERT_SIGN in usage:
        return "Signature"
    both = DIGITAL_SIGNATURE in usage and KEY_ENCIPHERMENT in usage
    return "General Purpose" if both else "Signature" if DIGITAL_SIGNATURE in usage else "Encryption"


def _lines(
    service: Pki, trustpoint: Trustpoint, entry: ChainEntry, holders: list[str], verbose: bool
) -> Iterator[str]:
    certificate = entry.certificate
    own = entry.kind not in (AUTHORITY, ROLLOVER)
    yield HEADINGS.get(entry.kind, "Certificate")
    yield "  Status: Available"
    if verbose:
        yield "  Version: 3"
    yield f"  Certificate Serial Number (hex): {certificate.serial_text}"
    yield f"  Certificate Usage: {_usage(certificate) if entry.kind != SELF_SIGNED else 'General Purpose'}"
    yield "  Issuer: "
    yield from (f"    {line}" for line in certificate.issuer.lines())
    subject = certificate.subject
    yield "  Subject:" if own else "  Subject: "
    if own:
        yield f"    Name: {subject.first(HOSTNAME) or subject.first('2.5.4.3') or ''}"
        addresses = subject.first(ADDRESS) or next(
            (v for k, v in certificate.alternatives if k == "ip"), None
        )
        if addresses is not None:
            yield f"    IP Address: {addresses}"
        if subject.first(SERIAL) is not None:
            yield f"    Serial Number: {subject.first(SERIAL)}"
    yield from (f"    {line}" for line in subject.lines())
    if certificate.crl_urls:
        yield "  CRL Distribution Points: "
        yield from (f"    {url}" for url in certificate.crl_urls)
    yield "  Validity Date: "
    yield f"    start date: {service.text(certificate.begins)}"
    yield f"    end   date: {service.text(certificate.ends)}"
    renewal = service.renewal(trustpoint) if own else None
    if renewal is not None:
        yield f"    renew date: {service.text(renewal)}"
    if verbose:
        yield from _details(service, entry)
    yield f"  Associated Trustpoints: {' '.join(holders)} "
    if verbose and own:
        yield f"  Key Label: {service.key_name(trustpoint)}"


_ALGORITHMS = {"md5": "MD5", "sha1": "SHA1", "sha256": "SHA256", "sha384": "SHA384", "sha512": "SHA512"}


def _details(service: Pki, entry: ChainEntry) -> Iterator[str]:
    certificate = entry.certificate
    yield "  Subject Key Info:"
    key = certificate.key
    if isinstance(key, PublicKey):
        yield "    Public Key Algorithm: rsaEncryption"
        yield f"    RSA Public Key: ({key.bits} bit)"
    else:
        yield "    Public Key Algorithm: ecEncryption"
        yield f"    EC Public Key:  ({key.curve.key_size} bit)"
    digest, _, kind = certificate.algorithm.partition("_")
    yield f"  Signature Algorithm: {_ALGORITHMS.get(digest, digest)} with {kind.upper()} Encryption"
    yield f"  Fingerprint MD5: {certificate.fingerprint('md5')} "
    yield f"  Fingerprint SHA1: {certificate.fingerprint('sha1')} "
    yield "  X509v3 extensions:"
    if certificate.usage is not None:
        bits = sum(USAGE_BITS[each][0] for each in certificate.usage if each in USAGE_BITS)
        yield f"    X509v3 Key Usage: {bits:02X}000000"
        yield from (f"      {text}" for each, (_, text) in USAGE_BITS.items() if each in certificate.usage)
    if certificate.subject_key is not None:
        yield f"    X509v3 Subject Key ID: {spaced(certificate.subject_key)} "
    if certificate.authority:
        yield "    X509v3 Basic Constraints:"
        yield "        CA: TRUE"
    if certificate.alternatives:
        yield "    X509v3 Subject Alternative Name:"
        for kind, value in certificate.alternatives:
            yield f"        {value}" if kind != "ip" else f"        IP Address : {value}"
    if certificate.authority_key is not None:
        yield f"    X509v3 Authority Key ID: {spaced(certificate.authority_key)} "
    yield "    Authority Info Access:"
    moment = service.now - timedelta(seconds=service.device.now - entry.installed)
    yield f"  Cert install time: {service.text(moment)} "


def show_trustpoints(context: Context, name: str | None = None) -> Iterator[str]:
    """`show crypto pki trustpoints [NAME]`."""
    config = context.device.config.of(PkiConfig)
    if name is not None and name not in config.trustpoints:
        raise CommandError(f"% CA trustpoint '{name}' is not known.")
    for trustpoint in config.trustpoints.values():
        if name not in (None, trustpoint.name):
            continue
        yield f"Trustpoint {trustpoint.name}:"
        authority = config.chain(trustpoint.name).authority
        if authority is not None:
            yield "    Subject Name:"
            yield from (f"    {line}" for line in authority.subject.lines())
            yield f"          Serial Number (hex): {authority.serial_text}"
            if trustpoint.self_signed:
                yield "    Persistent self-signed certificate trust point"
                yield f"    Using key label {trustpoint.key_label or context.device.service(Pki).key_name(trustpoint)}"
            else:
                yield "    Certificate configured."
        if trustpoint.url is not None:
            yield f"    SCEP URL: {trustpoint.url}{'' if trustpoint.url.count('/') > 2 else '/cgi-bin'}"
        yield ""
        yield ""


def show_trustpoint_status(context: Context, name: str | None = None) -> Iterator[str]:
    """`show crypto pki trustpoints [NAME] status`."""
    service = context.device.service(Pki)
    config = service.config
    if name is not None and name not in config.trustpoints:
        raise CommandError(f"% CA trustpoint '{name}' is not known.")
    for trustpoint in config.trustpoints.values():
        if name not in (None, trustpoint.name):
            continue
        chain, key = config.chain(trustpoint.name), service.key(trustpoint)
        yield f"Trustpoint {trustpoint.name}:"
        for text, held in (
            ("Issuing CA certificate configured:", chain.authority),
            ("Router General Purpose certificate configured:", chain.own),
        ):
            if held is not None:
                yield f"  {text}"
                yield "    Subject Name:"
                yield f"     {held.subject}"
                yield f"    Fingerprint MD5: {held.fingerprint('md5')} "
                yield f"    Fingerprint SHA1: {held.fingerprint('sha1')} "
        pending = service.enrollments.get(trustpoint.name)
        if pending is not None:
            yield f"  Last enrollment status: {'Pending' if pending.pending else 'In progress'}"
        elif chain.own is not None and trustpoint.url is not None:
            yield "  Last enrollment status: Granted"
        yield "  State:"
        can = "exportable" if key is not None and key.exportable else "non-exportable"
        yield f"    Keys generated ............. {f'Yes (General Purpose, {can})' if key is not None else 'No'}"
        yield f"    Issuing CA authenticated ....... {'Yes' if chain.authority is not None else 'No'}"
        asked = pending is not None or chain.own is not None or trustpoint.name in service.requests
        yield f"    Certificate request(s) ..... {'Yes' if asked else 'None'}"
        yield ""
        yield ""


def show_lists(context: Context) -> Iterator[str]:
    """`show crypto pki crls`."""
    service = context.device.service(Pki)
    size = 0
    for kept in service.revocations.kept.values():
        found = kept.list
        size += len(found.der)
        yield "CRL Issuer Name:"
        yield f"    {found.issuer}"
        yield f"    LastUpdate: {service.text(found.updated)}"
        if found.next is not None:
            yield f"    NextUpdate: {service.text(found.next)}"
        yield ""
        at = service.now - timedelta(seconds=service.device.now - kept.at)
        yield f"    CRL downloaded at: {service.text(at)}"
        yield ""
        yield "    Retrieved from CRL Distribution Point:"
        yield f"      {kept.url or '** CDP Not Published - Retrieved via SCEP'}"
        yield ""
        yield f" CRL DER is {len(found.der)} bytes"
        yield " CRL is stored in parsed CRL cache"
        yield ""
        yield ""
    yield f"Parsed CRL cache current size is {size} bytes"
    yield f"Parsed CRL cache maximum size is {ROOM} bytes"


def show_counters(context: Context) -> Iterator[str]:
    """`show crypto pki counters`."""
    found = context.device.service(Pki).counters
    for text, number in (
        ("PKI Sessions Started", found.started),
        ("PKI Sessions Ended", found.ended),
        ("PKI Sessions Active", found.started - found.ended),
        ("Successful Validations", found.successful),
        ("Failed Validations", found.failed),
        ("Bypassed Validations", found.bypassed),
        ("Pending Validations", found.pending),
        ("CRLs checked", found.lists_checked),
        ("CRL - fetch attempts", found.fetches),
        ("CRL - failed attempts", found.failures),
        ("CRL - rejected busy fetching", found.busy),
        ("AAA authorizations", 0),
    ):
        yield f"{text}: {number}"


def show_timers(context: Context) -> Iterator[str]:
    """`show crypto pki timers`: when trustpoints ask anew."""
    service = context.device.service(Pki)
    yield "PKI Timers"
    for trustpoint in service.config.trustpoints.values():
        moment = service.renewal(trustpoint)
        if moment is not None and trustpoint.name not in service.enrollments:
            left = max(0, int((moment - service.now).total_seconds()))
            days, rest = divmod(left, 86400)
            yield f"| {days}d{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}.000 RENEW {trustpoint.name}"
