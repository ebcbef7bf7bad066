"""`show crypto identity`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.subjects.crypto.config.identity import CryptoIdentities


def show_identities(context: Context) -> Iterator[str]:
    """`show crypto identity`: all, in the order in which they were made."""
    for each in context.device.config.of(CryptoIdentities).identities.values():
        yield f"crypto identity {each.name}:"
        if each.description:
            yield f"    Description: {each.description}"
        yield from (f"    dn {name}" for name in each.dns)
        yield from (f"    fqdn {name}" for name in each.fqdns)
        yield ""
