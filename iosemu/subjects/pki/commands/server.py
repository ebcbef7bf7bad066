"""`crypto pki server NAME`: its lines, and what its administrator does."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.system import SystemConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import Ask, CommandError, Enter, Steps
from iosemu.pki.names import Name
from iosemu.subjects.pki.commands.asking import base64_lines, key_made, pasted_lines, pki
from iosemu.subjects.pki.commands.enroll import authenticate, enroll
from iosemu.subjects.pki.config import CertificateServer, PkiConfig, Trustpoint
from iosemu.subjects.pki.service.server import Pending, ServerAtWork, read_request

OVERLAP = 30
"""Days of `auto-rollover` without a number."""
SHORTEST = 7
"""Letters of a passphrase."""
BITS = 1024
LOCKED = '% Server\'s configuration is locked  (enter "shut" to unlock it)'


def server(context: Context, name: str) -> list[Enter] | None:
    """`[no] crypto pki server NAME`: enters it, made when new; a box has one."""
    config: PkiConfig = context.device.config.of(PkiConfig)
    if context.off:
        if config.servers.pop(name, None) is not None:
            config.trustpoints.pop(name, None)
            config.chains.pop(name, None)
        return None
    if name not in config.servers and config.servers:
        raise CommandError("% Only one certificate server can be configured.")
    return [Enter("cs-server", config.servers.setdefault(name, CertificateServer(name)))]


def _unlocked(context: Context) -> CertificateServer:
    """The server, where its configuration may be changed."""
    target = context.edited(CertificateServer)
    running = context.device.config.of(PkiConfig).signing(target.name) is not None
    if running and not target.shutdown and not context.session.quiet:
        raise CommandError(LOCKED)
    return target


def database_level(context: Context, level: str = "minimum") -> None:
    """`[no] database level minimum | names | complete`."""
    _unlocked(context).database_level = "minimum" if context.off else level


def database_level_lines(found: CertificateServer) -> Iterator[str]:
    """`database level …`."""
    if found.database_level != "minimum":
        yield f"database level {found.database_level}"


def archive(context: Context, form: str = "", phrase: str = "") -> None:
    """`[no] database archive pem | pkcs12 [password PHRASE]`."""
    _unlocked(context).archive = "no database archive" if context.negated else None


def archive_lines(found: CertificateServer) -> Iterator[str]:
    """`no database archive`."""
    if found.archive is not None:
        yield found.archive


def issuer_name(context: Context, text: str = "") -> None:
    """`[no] issuer-name DN`."""
    target = _unlocked(context)
    if context.off:
        target.issuer_name = None
        return
    try:
        Name.typed(text)
    except ValueError:
        raise CommandError("% Invalid issuer name, it is no X.500 name.") from None
    target.issuer_name = text.strip()


def issuer_name_lines(found: CertificateServer) -> Iterator[str]:
    """`issuer-name …`."""
    if found.issuer_name is not None:
        yield f"issuer-name {found.issuer_name}"


def grant(context: Context, auto: bool = False, none: bool = False) -> Iterator[str]:
    """`[no] grant auto | none`."""
    target = context.edited(CertificateServer)
    target.grant_auto = auto and not context.off
    if target.grant_auto and not context.session.quiet:
        context.device.log(
            "PKI", 6, "CS_GRANT_AUTO", "All enrollment requests will be automatically granted."
        )
    return iter(())


def auto_rollover(context: Context, days: int = OVERLAP) -> None:
    """`[no] auto-rollover [DAYS]`: for an authority that stands for itself."""
    target = _unlocked(context)
    if target.subordinate and not context.off:
        raise CommandError("% A subordinate server takes its next certificate from the authority above it")
    target.rollover = None if context.off else days


def auto_rollover_lines(found: CertificateServer) -> Iterator[str]:
    """`auto-rollover …`."""
    if found.rollover is not None:
        yield f"auto-rollover{f' {found.rollover}' if found.rollover != OVERLAP else ''}"


def grant_lines(found: CertificateServer) -> Iterator[str]:
    """`grant auto`."""
    if found.grant_auto:
        yield "grant auto"


def lifetime(context: Context, what: str, days: int | None = None, hours: int | None = None) -> None:
    """`[no] lifetime ca-certificate | certificate DAYS | crl HOURS`."""
    target = context.edited(CertificateServer) if what == "crl" else _unlocked(context)
    fresh = CertificateServer("")
    if what == "crl":
        target.lifetime_crl = fresh.lifetime_crl if context.off or hours is None else hours
    elif what == "ca-certificate":
        target.lifetime_ca = fresh.lifetime_ca if context.off or days is None else days
    else:
        target.lifetime_certificate = fresh.lifetime_certificate if context.off or days is None else days


def lifetime_lines(found: CertificateServer) -> Iterator[str]:
    """`lifetime …`."""
    fresh = CertificateServer("")
    if found.lifetime_crl != fresh.lifetime_crl:
        yield f"lifetime crl {found.lifetime_crl}"
    if found.lifetime_certificate != fresh.lifetime_certificate:
        yield f"lifetime certificate {found.lifetime_certificate}"
    if found.lifetime_ca != fresh.lifetime_ca:
        yield f"lifetime ca-certificate {found.lifetime_ca}"


def mode(context: Context) -> None:
    """`[no] mode sub-cs`: settled before there is a certificate, which says whose authority it is."""
    target = _unlocked(context)
    wanted = not context.off
    config: PkiConfig = context.device.config.of(PkiConfig)
    if target.subordinate != wanted and config.signing(target.name) is not None:
        raise CommandError("% The mode cannot be changed after CA certificate generation.")
    target.subordinate = wanted


def mode_lines(found: CertificateServer) -> Iterator[str]:
    """`mode sub-cs`."""
    if found.subordinate:
        yield "mode sub-cs"


def shutdown(context: Context) -> Steps:
    """`[no] shutdown`: the first `no shutdown` makes the authority's key, and makes or asks for its certificate."""
    target = context.edited(CertificateServer)
    config: PkiConfig = context.device.config.of(PkiConfig)
    if not context.off:
        target.shutdown = True
        return
    target.shutdown = False
    if config.signing(target.name) is not None or context.session.quiet:
        return
    if not context.device.config.of(SystemConfig).clock_set:
        yield "% Time has not been set. Cannot start the Certificate server"
        return
    above = config.trustpoints.get(target.name)
    if target.subordinate and (above is None or not above.enrollment or above.self_signed):
        yield f"% Trustpoint {target.name} names no upper CA. Cannot start the Certificate server"
        target.shutdown = True
        return
    if target.name in pki(context).enrollments:
        yield "% Enrollment in progress..."
        return
    yield "%Some server settings cannot be changed after CA certificate generation."
    yield from _made(context, target)


def _made(context: Context, target: CertificateServer) -> Steps:
    config: PkiConfig = context.device.config.of(PkiConfig)
    while True:
        yield "% Please enter a passphrase to protect the private key"
        yield "% or type Return to exit"
        phrase = yield Ask("Password: ", echo=False)
        if not phrase:
            target.shutdown = True
            return
        yield ""
        if len(phrase) < SHORTEST:
            yield "% Password must be at least 7 characters."
            continue
        again = yield Ask("Re-enter password: ", echo=False)
        if phrase == again:
            break
        yield "% Passwords do not match"
    yield ""
    trustpoint = config.trustpoints.setdefault(target.name, Trustpoint(target.name))
    trustpoint.key_label = trustpoint.key_label or target.name
    yield from key_made(context, trustpoint.key_label, BITS)
    service = pki(context)
    found = service.servers.get(target.name)
    if found is None:
        found = service.servers[target.name] = ServerAtWork(service, target.name)
    if target.subordinate:
        yield from _asked_above(context, trustpoint, found)
        return
    try:
        found.make()
    except ValueError:
        yield f"% The key {trustpoint.key_label} is too short for {target.hash} signatures"
        target.shutdown = True
        return
    yield "% Exporting Certificate Server signing certificate and keys..."
    yield ""
    yield "% Certificate Server enabled."


def _asked_above(context: Context, trustpoint: Trustpoint, found: ServerAtWork) -> Steps:
    """Have the upper CA's certificate accepted, and ask it for one of our own; it begins to work with that."""
    service = pki(context)
    if service.authority(trustpoint.name) is None:
        yield from authenticate(context, trustpoint.name)
    key = service.key(trustpoint)
    if service.authority(trustpoint.name) is None or key is None:
        found.config.shutdown = True
        return
    found.begin_anew()
    if trustpoint.terminal:
        yield from enroll(context, trustpoint.name)
        return
    try:
        service.begin(trustpoint, service.subject(trustpoint), key)
    except ValueError:
        yield f"% The key {key.name} is too short for {trustpoint.hash} signatures"
        found.config.shutdown = True
        return
    yield "% Certificate request sent to Certificate Authority"
    yield "% Enrollment in progress..."


def shutdown_lines(found: CertificateServer) -> Iterator[str]:
    """Told by `running.py`, which knows whether it can run."""
    return iter(())


# What its administrator does.


def _at_work(context: Context, name: str) -> ServerAtWork:
    found = pki(context).servers.get(name)
    if found is None or not found.running:
        raise CommandError(f"% Certificate Server '{name}' is not enabled")
    return found


def _asked(found: ServerAtWork, number: int | None) -> list[Pending]:
    return [each for each in found.requests if number in (None, each.number)]


def _none_asked(number: int | None) -> str:
    return "% No enrollment request is pending" if number is None else "% Enrollment request is not found"


def grant_request(context: Context, name: str, number: int | None = None) -> Iterator[str]:
    """`crypto pki server NAME grant all | ID`."""
    found = _at_work(context, name)
    asked = [each for each in _asked(found, number) if each.state == "pending"]
    if not asked:
        yield _none_asked(number)
    for each in asked:
        found.grant(each)
        if each.certificate is not None and not each.transaction:
            yield "% Granted certificate:"
            yield from base64_lines(each.certificate.der)
            yield ""


def reject_request(context: Context, name: str, number: int | None = None) -> Iterator[str]:
    """`crypto pki server NAME reject all | ID`."""
    asked = [each for each in _asked(_at_work(context, name), number) if each.state == "pending"]
    if not asked:
        yield _none_asked(number)
    for each in asked:
        each.state = "rejected"


def remove_request(context: Context, name: str, number: int | None = None) -> Iterator[str]:
    """`crypto pki server NAME remove all | ID`."""
    found = _at_work(context, name)
    asked = _asked(found, number)
    if not asked:
        yield "% Enrollment request is not found"
    found.requests = [each for each in found.requests if each not in asked]


def _serial(text: str) -> int:
    try:
        return int(text, 16)
    except ValueError:
        raise CommandError("% Invalid serial number") from None


def revoke(context: Context, name: str, serial: str) -> str:
    """`crypto pki server NAME revoke SERIAL`."""
    found = _at_work(context, name)
    number = _serial(serial)
    if not found.revoke(number):
        return f"% Certificate {serial.upper()} is not found, or revoked already"
    return f"% Certificate {number:02X} succesfully revoked"


def unrevoke(context: Context, name: str, serial: str) -> str:
    """`crypto pki server NAME unrevoke SERIAL`."""
    number = _serial(serial)
    if not _at_work(context, name).unrevoke(number):
        return f"% Certificate {serial.upper()} is not revoked"
    return f"% Certificate {number:02X} succesfully unrevoked"


def request_terminal(context: Context, name: str, pem: bool = False) -> Steps:
    """`crypto pki server NAME request pkcs10 terminal [pem]`: a request that is pasted."""
    found = _at_work(context, name)
    yield "PKCS10 request in base64 or pem"
    yield ""
    yield "% Enter Base64 encoded or PEM formatted PKCS10 enrollment request."
    yield '% End with a blank line or "quit" on a line by itself.'
    lines = yield from pasted_lines()
    try:
        request = read_request("\n".join(lines).encode("ascii", "replace"))
    except ValueError:
        yield "% Request is invalid: it is no PKCS10 request, or its signature is wrong"
        return
    entry = found.submit(request, "")
    if entry.certificate is None:
        yield f"% Enrollment request pending, reqId={entry.number}"
        return
    yield "% Granted certificate:"
    if pem:
        yield "-----BEGIN CERTIFICATE-----"
    yield from base64_lines(entry.certificate.der)
    if pem:
        yield "-----END CERTIFICATE-----"
    yield ""
