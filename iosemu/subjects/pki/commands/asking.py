"""What several commands ask for: yes or no, a passphrase, something that is pasted."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Generator, Iterator

from iosemu.box.rsa import generating
from iosemu.handling.context import Context
from iosemu.handling.effects import PAUSE, Ask, CommandError, Pause, Wait, paused
from iosemu.pki.certificate import Certificate
from iosemu.subjects.access.private_config import PrivateConfig
from iosemu.subjects.pki.config import PkiConfig, Trustpoint
from iosemu.subjects.pki.service.pki import Pki

MOST_LINES = 2000
"""Lines of something that is pasted."""
BITS_PER_SECOND = 1024
"""Bits of modulus that an access router finds in a second."""


def yes(question: str, default: bool | None = None) -> Generator[str | Ask, str, bool]:
    """Ask until it is answered; Enter alone means the default where there is one."""
    while True:
        answer = ((yield Ask(question)) or "").strip().lower()
        if answer and "yes".startswith(answer):
            return True
        if answer and "no".startswith(answer):
            return False
        if not answer and default is not None:
            return default
        yield "% Please answer 'yes' or 'no'."


def pasted(what: str) -> Generator[str | Ask, str, bytes | None]:
    """What is pasted at the terminal, base64 with or without PEM's lines; None where it is no base64."""
    yield f"Enter the base 64 encoded {what}."
    yield 'End with a blank line or the word "quit" on a line by itself'
    yield ""
    text = yield from pasted_lines()
    return decoded(text)


def pasted_lines() -> Generator[str | Ask, str, list[str]]:
    """Lines until a blank one or `quit`."""
    lines: list[str] = []
    while len(lines) < MOST_LINES:
        line = ((yield Ask("")) or "").strip()
        if not line or line.lower() == "quit":
            break
        lines.append(line)
    return lines


def decoded(lines: list[str]) -> bytes | None:
    """The octets of base64, lines of PEM aside."""
    try:
        return (
            b64decode("".join(line for line in lines if not line.startswith("-----")), validate=True) or None
        )
    except Base64Error:
        return None


def base64_lines(data: bytes) -> Iterator[str]:
    """Base64 in lines of 64 letters."""
    text = b64encode(data).decode()
    yield from (text[at : at + 64] for at in range(0, len(text), 64))


def fingerprints(certificate: Certificate) -> Iterator[str]:
    """What somebody who accepts a certificate has to compare."""
    yield "Certificate has the following attributes:"
    yield f"       Fingerprint MD5: {certificate.fingerprint('md5')} "
    yield f"      Fingerprint SHA1: {certificate.fingerprint('sha1')} "
    yield ""


def trustpoint_of(context: Context, name: str) -> Trustpoint:
    """A trustpoint that is configured; CommandError where it is not."""
    found: Trustpoint | None = context.device.config.of(PkiConfig).trustpoints.get(name)
    if found is None:
        raise CommandError(f"% CA trustpoint '{name}' is not known.")
    return found


def key_made(context: Context, label: str, bits: int) -> Generator[str | Wait | Pause, None, None]:
    """Make a key pair where there is none of this label."""
    private = context.device.service(PrivateConfig)
    if label in private.keys:
        return
    device = context.device
    yield f"% Generating {bits} bit RSA keys, keys will be non-exportable..."
    seconds = bits // BITS_PER_SECOND
    yield Wait(float(seconds))
    private.put((yield from paused(generating(label, bits, device.rng, device.now), PAUSE)))
    yield f"[OK] (elapsed time was {seconds} seconds)"


def pki(context: Context) -> Pki:
    """The box's service."""
    return context.device.service(Pki)
