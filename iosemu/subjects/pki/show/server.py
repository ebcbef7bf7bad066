"""`show crypto pki server`: the authority, its revocation list, requests, and what it issued."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.subjects.pki.config import CertificateServer
from iosemu.subjects.pki.service.pki import Pki
from iosemu.subjects.pki.service.server import ServerAtWork

LEVELS = {
    "minimum": "Minimum - no cert data written to storage",
    "names": "Names - subject name data written as <serialnum>.cnm",
    "complete": "Complete - all issued certs written as <serialnum>.cer",
}
LINE = "-" * 62


def _server(context: Context, name: str) -> ServerAtWork:
    found = context.device.service(Pki).servers.get(name)
    if found is None:
        raise CommandError(f"% Certificate Server '{name}' is not configured.")
    return found


def show_server(context: Context, name: str | None = None) -> Iterator[str]:
    """`show crypto pki server [NAME]`."""
    service = context.device.service(Pki)
    if name is not None:
        yield from _lines(service, _server(context, name))
        return
    for each in service.servers.values():
        yield from _lines(service, each)


def _lines(service: Pki, found: ServerAtWork) -> Iterator[str]:
    config: CertificateServer = found.config
    status, state = found.status
    yield f"Certificate Server {found.name}:"
    yield f"    Status: {status}"
    yield f"    State: {state}"
    own = found.certificate
    if not config.shutdown and own is not None:
        yield '    Server\'s configuration is locked  (enter "shut" to unlock it)'
    else:
        yield '    Server\'s configuration is unlocked  (enter "no shut" to lock it)'
    yield f"    Issuer name: {config.issuer_name or f'CN={found.name}'}"
    yield f"    CA cert fingerprint: {own.fingerprint('md5') + ' ' if own is not None else '-Not found-'}"
    if config.subordinate:
        upper = found.upper
        yield "    Server configured in subordinate server mode"
        yield f"    Upper CA cert fingerprint: {upper.fingerprint('md5') if upper is not None else '-Not found-'}"
    yield f"    Granting mode is: {'auto' if config.grant_auto else 'manual'}"
    yield f"    Last certificate issued serial number (hex): {found.serial if own is not None else 0:X}"
    list_ = found.list() if own is not None else None
    if own is not None:
        yield f"    CA certificate expiration timer: {service.text(own.ends)}"
    if list_ is not None and list_.next is not None:
        yield f"    CRL NextUpdate timer: {service.text(list_.next)}"
    yield "    Current primary storage dir: nvram:"
    yield f"    Database Level: {LEVELS[config.database_level]}"
    if config.rollover is not None:
        yield f"    Auto-Rollover configured, overlap period {config.rollover} days"
    following, begins = found.rollover.certificate, found.rollover.begins
    if begins is not None:
        yield f"    Autorollover timer: {service.text(begins)}"
    if following is not None:
        yield "    Rollover status: available for rollover"
        yield f"    Rollover CA cert fingerprint: {following.fingerprint('md5')} "
        yield f"    Rollover CA certificate expiration timer: {service.text(following.ends)}"


def show_list(context: Context, name: str) -> Iterator[str]:
    """`show crypto pki server NAME crl`."""
    service = context.device.service(Pki)
    server = _server(context, name)
    found = server.list() if server.certificate is not None else None
    if found is None:
        raise CommandError("% No CRL is available")
    yield "Certificate Revocation List:"
    yield f"    Issuer: {found.issuer}"
    yield f"    This Update: {service.text(found.updated)}"
    if found.next is not None:
        yield f"    Next Update: {service.text(found.next)}"
    yield f"    Number of CRL entries: {len(found.revoked)}"
    yield f"    CRL size: {len(found.der)} bytes"
    for serial, when in found.revoked.items():
        yield f"    Serial Number (hex): {serial:02X}"
        yield f"    Revocation Date: {service.text(when)}"


def show_requests(context: Context, name: str) -> Iterator[str]:
    """`show crypto pki server NAME requests`: the newest first."""
    found = _server(context, name)
    yield "Enrollment Request Database:"
    newest = list(reversed(found.requests))
    for title, requests in (
        ("Subordinate CA certificate requests:", [each for each in newest if each.request.authority]),
        ("RA certificate requests:", []),
        ("Router certificates requests:", [each for each in newest if not each.request.authority]),
    ):
        yield ""
        yield title
        yield "ReqID  State      Fingerprint                      SubjectName"
        yield LINE
        for each in requests:
            fingerprint = each.request.fingerprint("md5").replace(" ", "")
            yield f"{each.number:<6} {each.state:<10} {fingerprint} {each.request.subject}"
    yield ""


def show_issued(context: Context, name: str) -> Iterator[str]:
    """`show crypto pki server NAME certificates`: what its database has."""
    service = context.device.service(Pki)
    yield "Serial Issued date              Expire date               Subject Name"
    for each in _server(context, name).issued():
        yield f"{each.serial:<7X} {service.text(each.begins):<24} {service.text(each.ends):<25} {each.subject}"
