"""`crypto identity` and its submode, and `set identity`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter
from iosemu.pki.names import Name
from iosemu.subjects.crypto.config.identity import CryptoIdentities, CryptoIdentity
from iosemu.subjects.crypto.config.maps import CryptoMapEntry


def identity(context: Context, name: str) -> list[Enter] | None:
    """`[no] crypto identity NAME`: enters the identity, made when new."""
    known = context.device.config.of(CryptoIdentities).identities
    if context.off:
        known.pop(name, None)
        return None
    return [Enter("crypto-identity", known.setdefault(name, CryptoIdentity(name)))]


def distinguished_name(context: Context, attributes: str) -> None:
    """`[no] dn NAME=VALUE[,NAME=VALUE …]`."""
    target = context.edited(CryptoIdentity)
    text = attributes.strip()
    try:
        if not Name.typed(text).parts:
            raise ValueError("nothing in it")
    except ValueError:
        raise CommandError("% Invalid distinguished name") from None
    target.dns = [each for each in target.dns if each != text] + ([] if context.off else [text])


def host(context: Context, name: str) -> None:
    """`[no] fqdn NAME`."""
    target = context.edited(CryptoIdentity)
    kept = [each for each in target.fqdns if each.lower() != name.lower()]
    target.fqdns = kept + ([] if context.off else [name])


def name_lines(found: CryptoIdentity) -> Iterator[str]:
    """`dn …` and `fqdn …`."""
    yield from (f"dn {each}" for each in found.dns)
    yield from (f"fqdn {each}" for each in found.fqdns)


def set_identity(context: Context, name: str | None = None) -> None:
    """`[no] set identity NAME`; the identity may come later, and until then no peer fits."""
    context.edited(CryptoMapEntry).identity = None if context.off else name


def set_lines(entry: CryptoMapEntry) -> Iterator[str]:
    """`set identity …`."""
    if entry.identity is not None:
        yield f"set identity {entry.identity}"
