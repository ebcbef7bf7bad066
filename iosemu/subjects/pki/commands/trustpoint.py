"""`crypto pki trustpoint NAME` and its lines; chains, maps and revocation lists."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter, InvalidArgument, ReadBlock, Steps
from iosemu.pki.certificate import load_certificate
from iosemu.pki.names import Name
from iosemu.subjects.pki.commands.asking import pki, trustpoint_of, yes
from iosemu.subjects.pki.config import (
    AUTHORITY,
    GENERAL,
    ROLLOVER,
    SELF_SIGNED,
    CertificateMap,
    Chain,
    MapRule,
    PkiConfig,
    Trustpoint,
)

URLS = ("http://",)


def _config(context: Context) -> PkiConfig:
    found: PkiConfig = context.device.config.of(PkiConfig)
    return found


def trustpoint(context: Context, name: str) -> Steps:
    """`[no] crypto pki trustpoint NAME`: enters it, made when new; without it its certificates go, too."""
    config = _config(context)
    if not context.off:
        yield Enter("ca-trustpoint", config.trustpoints.setdefault(name, Trustpoint(name)))
        return
    if name not in config.trustpoints:
        yield f"% CA trustpoint '{name}' is not known."
        return
    if name in config.chains and not context.session.quiet:
        yield "% Removing an enrolled trustpoint will destroy all certificates"
        yield " received from the related Certificate Authority."
        yield ""
        if not (yield from yes("Are you sure you want to do this? [yes/no]: ")):
            return
        yield "% Be sure to ask the CA administrator to revoke your certificates."
        yield ""
    config.trustpoints.pop(name, None)
    config.chains.pop(name, None)


def enrollment(context: Context, pem: bool = False, kind: str = "", url: str | None = None) -> None:
    """`[no] enrollment terminal [pem] | selfsigned | url URL`."""
    target = context.edited(Trustpoint)
    if context.off:
        target.enrollment = ""
    elif url is not None:
        if not url.lower().startswith(URLS):
            raise CommandError("% Only enrollment by http is supported")
        target.enrollment = f"url {url}"
    else:
        target.enrollment = "terminal pem" if kind == "terminal" and pem else kind


def enrollment_lines(found: Trustpoint) -> Iterator[str]:
    """`enrollment …`."""
    if found.enrollment:
        yield f"enrollment {found.enrollment}"


def subject_name(context: Context, text: str = "") -> None:
    """`[no] subject-name DN`."""
    target = context.edited(Trustpoint)
    if context.off:
        target.subject_name = None
        return
    try:
        Name.typed(text)
    except ValueError:
        raise CommandError("% Invalid subject name, it is no X.500 name.") from None
    target.subject_name = text.strip()


def subject_name_lines(found: Trustpoint) -> Iterator[str]:
    """`subject-name …`."""
    if found.subject_name is not None:
        yield f"subject-name {found.subject_name}"


def serial_number(context: Context, none: bool = False) -> None:
    """`[no] serial-number [none]`."""
    context.edited(Trustpoint).serial_number = None if context.off else "none" if none else ""


def serial_number_lines(found: Trustpoint) -> Iterator[str]:
    """`serial-number …`."""
    if found.serial_number is not None:
        yield f"serial-number {found.serial_number}".rstrip()


def fqdn(context: Context, none: bool = False, name: str = "") -> None:
    """`[no] fqdn NAME | none`."""
    context.edited(Trustpoint).fqdn = None if context.off else "none" if none else name


def fqdn_lines(found: Trustpoint) -> Iterator[str]:
    """`fqdn …`."""
    if found.fqdn is not None:
        yield f"fqdn {found.fqdn}"


def ip_address(
    context: Context, none: bool = False, address: IPv4Address | None = None, port: str | None = None
) -> None:
    """`[no] ip-address A | INTERFACE | none`."""
    given = "none" if none else str(address) if address is not None else port
    context.edited(Trustpoint).ip_address = None if context.off else given


def ip_address_lines(found: Trustpoint) -> Iterator[str]:
    """`ip-address …`."""
    if found.ip_address is not None:
        yield f"ip-address {found.ip_address}"


def revocation(
    context: Context, first: str = "crl", second: str | None = None, third: str | None = None
) -> None:
    """`[no] revocation-check METHOD …`: the next one where a list is not to be had."""
    target = context.edited(Trustpoint)
    if context.off:
        target.revocation = ("crl",)
        return
    methods = tuple(each for each in (first, second, third) if each is not None)
    for number, name in enumerate(("second", "third"), 1):
        if len(methods) > number and (methods[number] in methods[:number] or "none" in methods[:number]):
            raise InvalidArgument(name)
    target.revocation = methods


def revocation_lines(found: Trustpoint) -> Iterator[str]:
    """`revocation-check …`, which IOS always lists."""
    yield f"revocation-check {' '.join(found.revocation)}"


def ocsp_url(context: Context, url: str | None = None) -> None:
    """`[no] ocsp url URL`."""
    if not context.off and not (url or "").startswith("http://"):
        raise InvalidArgument("url")
    context.edited(Trustpoint).ocsp_url = None if context.off else url


def ocsp_lines(found: Trustpoint) -> Iterator[str]:
    """`ocsp url …`."""
    if found.ocsp_url is not None:
        yield f"ocsp url {found.ocsp_url}"


def key_pair(
    context: Context, label: str = "", bits: int | None = None, encryption_bits: int | None = None
) -> None:
    """`[no] rsakeypair LABEL [BITS]`."""
    target = context.edited(Trustpoint)
    target.key_label = None if context.off else label
    target.key_bits = None if context.off else bits


def key_pair_lines(found: Trustpoint) -> Iterator[str]:
    """`rsakeypair …`."""
    if found.key_label is not None:
        yield f"rsakeypair {found.key_label}{f' {found.key_bits}' if found.key_bits is not None else ''}"


def auto_enroll(context: Context, percent: int | None = None, keys: str | None = None) -> None:
    """`[no] auto-enroll [PERCENT] [regenerate]`."""
    target = context.edited(Trustpoint)
    target.auto_enroll = not context.off
    target.auto_percent = None if context.off else percent
    target.auto_regenerate = keys is not None and not context.off


def auto_enroll_lines(found: Trustpoint) -> Iterator[str]:
    """`auto-enroll …`."""
    if found.auto_enroll:
        percent = f" {found.auto_percent}" if found.auto_percent is not None else ""
        yield f"auto-enroll{percent}{' regenerate' if found.auto_regenerate else ''}"


def match_map(context: Context, name: str = "") -> None:
    """`[no] match certificate MAP`."""
    context.edited(Trustpoint).certificate_map = None if context.off else name


def match_map_lines(found: Trustpoint) -> Iterator[str]:
    """`match certificate …`."""
    if found.certificate_map is not None:
        yield f"match certificate {found.certificate_map}"


# Chains.


def chain(context: Context, name: str) -> list[str | Enter] | None:
    """`[no] crypto pki certificate chain NAME`: enters what a trustpoint has."""
    config = _config(context)
    if context.off:
        config.chains.pop(name, None)
        return None
    trustpoint_of(context, name)
    return [Enter("config-cert-chain", config.chains.setdefault(name, Chain(name)))]


def certificate(context: Context, serial: str, kind: str = GENERAL, file: str | None = None) -> Steps:
    """`[no] certificate [ca | self-signed] SERIAL`: hexadecimal until `quit`."""
    target = context.edited(Chain)
    if context.off:
        kept = [each for each in target.entries if each.certificate.serial_text != serial.upper()]
        if len(kept) == len(target.entries):
            yield "% No such certificate."
        target.entries = kept
        return
    if file is not None:
        data = context.device.nvram.get(file.removeprefix("nvram:"))
        if data is None:
            yield f"% Error opening {file}"
            return
    else:
        if not context.session.quiet:
            yield "Enter the certificate in hexadecimal representation...."
            yield ""
        text = yield ReadBlock("quit")
        try:
            data = bytes.fromhex("".join((text or "").split()))
        except ValueError:
            yield "% Invalid hexadecimal digits in the certificate"
            return
    try:
        found = load_certificate(data)
    except ValueError:
        yield "% Failed to parse or verify imported certificate"
        return
    target.put(kind, found, context.device.now)


def certificate_ca(context: Context, serial: str, file: str | None = None) -> Steps:
    """`[no] certificate ca SERIAL`."""
    return certificate(context, serial, AUTHORITY, file)


def certificate_rollover(context: Context, serial: str, file: str | None = None) -> Steps:
    """`[no] certificate rollover ca SERIAL`."""
    return certificate(context, serial, ROLLOVER, file)


def certificate_self(context: Context, serial: str, file: str | None = None) -> Steps:
    """`[no] certificate self-signed SERIAL`."""
    return certificate(context, serial, SELF_SIGNED, file)


# Maps.


def certificate_map(context: Context, name: str, sequence: int = 0) -> list[Enter] | None:
    """`[no] crypto pki certificate map NAME SEQUENCE`: enters it, made when new."""
    maps = _config(context).maps
    if context.off:
        for key in [each for each in maps if each[0] == name and sequence in (0, each[1])]:
            del maps[key]
        return None
    found = maps.setdefault((name, sequence), CertificateMap(name, sequence))
    return [Enter("ca-certificate-map", found)]


def rule(context: Context, field: str, operator: str, value: str = "") -> None:
    """`[no] FIELD OPERATOR VALUE`."""
    target = context.edited(CertificateMap)
    made = MapRule(field, operator, value.strip())
    target.rules = [each for each in target.rules if each != made]
    if not context.off:
        target.rules.append(made)


def rule_lines(found: CertificateMap) -> Iterator[str]:
    """The rules."""
    for each in found.rules:
        yield f"{each.field} {each.operator} {each.value}"


# Revocation lists.


def request_list(context: Context, name: str) -> Steps:
    """`crypto pki crl request NAME`: fetch the list of a trustpoint's authority now."""
    found = trustpoint_of(context, name)
    service = pki(context)
    chain_ = service.config.chain(name)
    if chain_.authority is None:
        yield "% You must authenticate the Certificate Authority before"
        yield "you can request a CRL."
        return
    service.revocations.forget(chain_.authority)
    service.revocations.fetch(found, chain_.own or chain_.authority, chain_.authority)
