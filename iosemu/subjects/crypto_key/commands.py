"""`crypto key …`: RSA keys of the box, and keys of elliptic curves."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import ClassVar

from iosemu.box.device import Device
from iosemu.box.ec_key import generate_ec
from iosemu.box.rsa import RsaKey, generating
from iosemu.box.system import SystemConfig
from iosemu.box.timestamps import local_time
from iosemu.handling.context import Context
from iosemu.handling.effects import PAUSE, Ask, CommandError, Steps, Wait, paused
from iosemu.subjects.access.config import SshConfig
from iosemu.subjects.access.private_config import PrivateConfig

LOWEST, HIGHEST, USUAL = 360, 4096, 512


@dataclass(frozen=True)
class CryptoKeyStyle:
    """How `crypto key generate` prints."""

    stem: ClassVar[str] = "crypto_key"
    elapsed: bool = True
    """How long it took is told."""


GENERATED_PER_SECOND = 1024
"""Bits of modulus that an access router finds in a second."""


def _label(context: Context, label: str) -> str:
    system = context.device.config.of(SystemConfig)
    if label:
        return label
    if not system.hostname:
        raise CommandError(f"% Please define a hostname other than {context.device.hostname}.")
    if not system.domain_name:
        raise CommandError("% Please define a domain-name first.")
    return f"{system.hostname}.{system.domain_name}"


def generate_rsa(
    context: Context, label: str = "", exportable: bool = False, modulus: int | None = None
) -> Steps:
    """`crypto key generate rsa [general-keys] [label NAME] [exportable] [modulus N]`."""
    device = context.device
    name = _label(context, label)
    private = device.service(PrivateConfig)
    enabled = private.enabled
    keys: dict[str, RsaKey] = private.keys
    if name in keys:
        yield f"% You already have RSA keys defined named {name}."
        if modulus is None:
            answer = yield Ask("% Do you really want to replace them? [yes/no]: ")
            if not answer.strip().lower().startswith("y"):
                return
        else:
            yield "% They will be replaced."
            yield ""
    yield f"The name for the keys will be: {name}"
    if modulus is None:
        yield f"Choose the size of the key modulus in the range of {LOWEST} to {HIGHEST} for your"
        yield "  General Purpose Keys. Choosing a key modulus greater than 512 may take"
        yield "  a few minutes."
        yield ""
        modulus = yield from _ask_bits()
    else:
        yield ""
        yield f"% The key modulus size is {modulus} bits"
    kind = "exportable" if exportable else "non-exportable"
    yield f"% Generating {modulus} bit RSA keys, keys will be {kind}..."
    seconds = max(modulus // GENERATED_PER_SECOND, 0)
    yield Wait(float(seconds))
    private.put((yield from paused(generating(name, modulus, device.rng, device.now, exportable), PAUSE)))
    if not device.image.style(CryptoKeyStyle).elapsed:
        yield "[OK]"
    else:
        yield f"[OK] (elapsed time was {seconds} seconds)"
    yield ""
    if not enabled:
        device.log("SSH", 5, "ENABLED", f"SSH {_version(device)} has been enabled")


def _version(device: Device) -> str:
    return {None: "1.99", 1: "1.5", 2: "2.0"}[device.config.of(SshConfig).version]


def _ask_bits() -> Generator[str | Ask, str, int]:
    while True:
        answer = yield Ask(f"How many bits in the modulus [{USUAL}]: ")
        text = answer.strip() or str(USUAL)
        if text.isdigit() and LOWEST <= int(text) <= HIGHEST:
            return int(text)
        yield f"% A decimal number between {LOWEST} and {HIGHEST}."


def zeroize_rsa(context: Context, name: str = "") -> Steps:
    """`crypto key zeroize rsa [NAME]`."""
    private = context.device.service(PrivateConfig)
    keys: dict[str, RsaKey] = private.keys
    if not keys or (name and name not in keys):
        yield "% No Signature RSA Keys found in configuration."
        return
    if name:
        yield f"% Keys to be removed are named '{name}'."
    else:
        yield "% All RSA keys will be removed."
        yield "% All router certs issued using these keys will also be removed."
    answer = yield Ask("Do you really want to remove these keys? [yes/no]: ")
    if not answer.strip().lower().startswith("y"):
        return
    private.remove([name] if name else list(keys))
    if not keys:
        context.device.log("SSH", 5, "DISABLED", f"SSH {_version(context.device)} has been disabled")


def generate_ec_key(context: Context, size: str, label: str = "", exportable: bool = False) -> Steps:
    """`crypto key generate ec keysize (256 | 384) [exportable] [label NAME]`."""
    device, name = context.device, _label(context, label)
    private = device.service(PrivateConfig)
    if name in private.curves:
        yield f"% You already have EC keys defined named {name}."
        answer = yield Ask("% Do you really want to replace them? [yes/no]: ")
        if not answer.strip().lower().startswith("y"):
            return
    yield f"The name for the keys will be: {name}"
    private.put_curve(generate_ec(name, int(size), device.rng, device.now, exportable))


def zeroize_ec(context: Context, name: str = "") -> Steps:
    """`crypto key zeroize ec [NAME]`."""
    private = context.device.service(PrivateConfig)
    if not private.curves or (name and name not in private.curves):
        yield "% No EC Keys found in configuration."
        return
    yield f"% Keys to be removed are named '{name}'." if name else "% All EC keys will be removed."
    answer = yield Ask("Do you really want to remove these keys? [yes/no]: ")
    if answer.strip().lower().startswith("y"):
        private.remove_curves([name] if name else list(private.curves))


def show_curves(context: Context) -> Iterator[str]:
    """`show crypto key mypubkey ec`."""
    device = context.device
    for key in list(device.service(PrivateConfig).curves.values()):
        yield from _generated(device, key.made)
        yield f"Key name: {key.name}"
        yield f"Key type: EC KEYS p{key.bits} curve"
        yield " Storage Device: private-config"
        yield " Usage: Signature Key"
        yield f" Key is {'' if key.exportable else 'not '}exportable."
        yield from _data(key.der())


def _generated(device: Device, made: float) -> Iterator[str]:
    moment = local_time(device, made)
    yield f"% Key pair was generated at: {moment:%H:%M:%S} {moment:%Z} {moment:%b} {moment.day} {moment.year}"


def _data(der: bytes) -> Iterator[str]:
    yield " Key Data:"
    text = der.hex().upper()
    words = [text[at : at + 8] for at in range(0, len(text), 8)]
    yield from (f"  {' '.join(words[at : at + 8])} " for at in range(0, len(words), 8))


def show_mypubkey(context: Context) -> Iterator[str]:
    """`show crypto key mypubkey rsa`."""
    device = context.device
    for key in list(device.service(PrivateConfig).keys.values()):
        yield from _generated(device, key.made)
        yield f"Key name: {key.name}"
        yield "Key type: RSA KEYS"
        yield " Storage Device: not specified"
        yield " Usage: General Purpose Key"
        yield f" Key is {'' if key.exportable else 'not '}exportable."
        yield from _data(key.der())
