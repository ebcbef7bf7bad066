"""`crypto pki authenticate | enroll | import | export`: how certificates come and go."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from iosemu.box.ec_key import EcKey
from iosemu.box.rsa import RsaKey
from iosemu.box.software import serial_number
from iosemu.handling.context import Context
from iosemu.handling.effects import Ask, Steps, WaitFor
from iosemu.ip.config import primary_address
from iosemu.pki.certificate import Certificate, load_certificate
from iosemu.pki.names import Name
from iosemu.subjects.pki.commands.asking import (
    base64_lines,
    fingerprints,
    key_made,
    pasted,
    pki,
    trustpoint_of,
    yes,
)
from iosemu.subjects.pki.config import GENERAL, Trustpoint, address_text
from iosemu.subjects.pki.service.enrollment import ask_authority
from iosemu.subjects.pki.service.pki import Subject

USUAL_BITS = 1024
"""Size of a key that an enrolment makes by itself."""
BAD = "% Failed to parse or verify imported certificate"


def authenticate(context: Context, name: str) -> Steps:
    """`crypto pki authenticate NAME`: get the authority's certificate, and have somebody compare it."""
    target = trustpoint_of(context, name)
    service = pki(context)
    if target.self_signed or not target.enrollment:
        yield (
            "% No enrollment method is configured for this trustpoint"
            if not target.enrollment
            else "% The trustpoint is self-signed"
        )
        return
    if service.authority(name) is not None:
        yield "% Please delete your existing CA certificate first."
        yield "% You must use 'no crypto pki trustpoint <trustpoint-name>' to delete the CA certificate."
        return
    found: Certificate | None = None
    if target.terminal:
        yield ""
        data = yield from pasted("CA certificate")
        try:
            found = load_certificate(data or b"")
        except ValueError:
            yield "% Error in saving certificate: status = FAIL"
            return
    else:
        told: list[tuple[Certificate | None, str]] = []
        question = ask_authority(
            service, name, lambda certificate, reason: told.append((certificate, reason))
        )
        if question is not None:
            yield WaitFor(lambda: bool(told), None, service.settled)
        found = told[0][0] if told else None
        if found is None:
            yield "% Error in receiving Certificate Authority certificate: status = FAIL, cert length = 0"
            return
    yield from fingerprints(found)
    if target.fingerprint is not None:
        if target.fingerprint.replace(" ", "").upper() not in (
            found.fingerprint("md5").replace(" ", ""),
            found.fingerprint("sha1").replace(" ", ""),
        ):
            yield "% Fingerprint on trustpoint does not match, certificate is not accepted."
            return
        yield "Trustpoint Fingerprint: " + target.fingerprint
        yield "Certificate validated - fingerprints matched."
    elif not (yield from yes("% Do you accept this certificate? [yes/no]: ")):
        return
    if name not in service.config.trustpoints:
        return
    if not found.authority and not found.self_signed:
        yield "% Error in saving certificate: status = FAIL"
        return
    service.import_authority(name, found)
    yield "Trustpoint CA certificate accepted."
    if target.terminal:
        yield "% Certificate successfully imported"
    yield ""


def _subject(context: Context, target: Trustpoint) -> Generator[str | Ask, str, Subject]:
    """Settle what the request says of the router, by configuration and questions."""
    device, service = context.device, pki(context)
    fqdn = None if target.fqdn == "none" else (target.fqdn or service.fqdn())
    name = Name.typed(target.subject_name) if target.subject_name else Name()
    if target.subject_name:
        yield f"% The subject name in the certificate will include: {target.subject_name}"
    if fqdn is not None:
        yield f"% The subject name in the certificate will include: {fqdn}"
    elif not target.subject_name:
        yield "% The fully-qualified domain name will not be included in the certificate"
    serial = serial_number(device)
    if target.serial_number is None:
        wanted = yield from yes("% Include the router serial number in the subject name? [yes/no]: ")
    else:
        wanted = target.serial_number == ""
    if wanted:
        yield f"% The serial number in the certificate will be: {serial}"
    address = service.address_of(target)
    if target.ip_address is None and (
        yield from yes("% Include an IP address in the subject name? [no]: ", False)
    ):
        answer = yield Ask("Enter Interface name or IP Address[]: ")
        address = address_text(answer.strip())
        if address is None:
            wanted_name = answer.strip().lower()
            names = [each for each in device.config.interfaces if each.lower() == wanted_name]
            address = primary_address(device.config.interfaces.get(names[0])) if names else None
        if address is None:
            yield "% No IP address will be included in the subject name"
    return Subject(fqdn, serial if wanted else None, address, name)


def enroll(context: Context, name: str) -> Steps:
    """`crypto pki enroll NAME`: make a request, and ask the authority or show it."""
    target = trustpoint_of(context, name)
    service = pki(context)
    if not target.enrollment:
        yield "% No enrollment method is configured for this trustpoint"
        return
    if not target.self_signed and service.authority(name) is None:
        yield "% You must authenticate the Certificate Authority before"
        yield "you can enroll with it."
        return
    if name in service.enrollments:
        yield "% Enrollment in progress..."
        return
    if service.config.chain(name).own is not None and not target.self_signed:
        yield "% You already have a certificate from this trustpoint."
        if not (yield from yes("% Do you want to continue with re-enrollment? [yes/no]: ")):
            return
    if target.curve_label is not None and (target.url is not None or service.signer(target) is None):
        if target.url is not None:
            yield "% Keys of elliptic curves are enrolled at the terminal, not by SCEP"
        else:
            yield f"% There is no EC key pair {target.curve_label}: crypto key generate ec"
        return
    if not target.self_signed:
        yield "%"
        yield "% Start certificate enrollment .. "
    password = ""
    if target.url is not None and target.password is None:
        yield "% Create a challenge password. You will need to verbally provide this"
        yield "   password to the CA Administrator in order to revoke your certificate."
        yield "   For security reasons your password will not be saved in the configuration."
        yield "   Please make a note of it."
        yield ""
        password = yield Ask("Password: ", echo=False)
        again = yield Ask("Re-enter password: ", echo=False)
        if password != again:
            yield "% Passwords do not match"
            return
        yield ""
    else:
        yield ""
    subject = yield from _subject(context, target)
    if target.self_signed:
        if not (yield from yes("Generate Self Signed Router Certificate? [yes/no]: ")):
            return
    elif target.url is not None and not (yield from yes("Request certificate from CA? [yes/no]: ")):
        return
    if target.curve_label is None:
        yield from key_made(context, service.key_name(target), target.key_bits or USUAL_BITS)
    key = service.signer(target)
    assert key is not None
    try:
        yield from _asked(context, target, subject, key, password)
    except ValueError:
        yield f"% The key {key.name} is too short for {target.hash} signatures"


def _asked(
    context: Context, target: Trustpoint, subject: Subject, key: RsaKey | EcKey, password: str
) -> Steps:
    service = pki(context)
    if target.self_signed:
        service.make_self_signed(target, subject, key)
        yield ""
        yield "Router Self Signed Certificate successfully created"
        yield ""
        return
    if target.url is not None and isinstance(key, RsaKey):
        enrollment = service.begin(target, subject, key, password)
        yield "% Certificate request sent to Certificate Authority"
        yield f"% The 'show crypto pki certificate verbose {target.name}' commandwill show the fingerprint."
        yield ""
        service.debug(
            "messages", f" Certificate Request Fingerprint MD5: {enrollment.request.fingerprint('md5')}"
        )
        return
    request = service.make_request(target, subject, key)
    service.requests[target.name] = request
    show = yield from yes("Display Certificate Request to terminal? [yes/no]: ")
    while show:
        yield "Certificate Request follows:"
        yield ""
        if target.pem:
            yield "-----BEGIN CERTIFICATE REQUEST-----"
        yield from base64_lines(request.der)
        if target.pem:
            yield "-----END CERTIFICATE REQUEST-----"
        yield ""
        yield "---End - This line not part of the certificate request---"
        yield ""
        show = yield from yes("Redisplay enrollment request? [yes/no]: ")


def import_certificate(context: Context, name: str) -> Steps:
    """`crypto pki import NAME certificate`: what the authority made of a request that was shown."""
    target = trustpoint_of(context, name)
    service = pki(context)
    authority = service.authority(name)
    if not target.terminal:
        yield "% The enrollment method of this trustpoint is not terminal"
        return
    if authority is None:
        yield "% You must authenticate the Certificate Authority before"
        yield "you can import the router's certificate."
        return
    if target.fqdn != "none":
        fqdn = target.fqdn or service.fqdn()
        yield f"% The fully-qualified domain name in the certificate will be: {fqdn}"
        yield ""
    data = yield from pasted("certificate")
    key = service.signer(target)
    try:
        found = load_certificate(data or b"")
    except ValueError:
        yield BAD
        return
    if key is None or found.key_info != key.der() or not found.signed_by(authority):
        yield BAD
        return
    service.requests.pop(name, None)
    service.put(name, GENERAL, found)
    yield "% Router Certificate successfully imported"
    yield ""


def pem(kind: str, data: bytes) -> Iterator[str]:
    """Something in lines of PEM."""
    yield f"-----BEGIN {kind}-----"
    yield from base64_lines(data)
    yield f"-----END {kind}-----"
