"""`show|clear crypto ikev2 certificate-cache`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.timestamps import local_time
from iosemu.handling.context import Context
from iosemu.subjects.crypto.service.engine import CryptoEngine


def show_cache(context: Context) -> Iterator[str]:
    """`show crypto ikev2 certificate-cache`: the certificates that were fetched and kept, the oldest first."""
    urls = context.device.service(CryptoEngine).ikev2.urls
    yield f"IKEv2 certificate cache: {len(urls.cache)} of {urls.room} entries"
    for digest, each in urls.cache.items():
        yield ""
        yield f"Hash: {digest.hex().upper()}"
        yield f"  URL: {each.url}"
        yield f"  Fetched: {local_time(context.device, each.at):%H:%M:%S %b %d %Y}"
        for certificate in each.certificates:
            yield f"  Subject: {certificate.subject}"
            yield f"  Certificate Serial Number (hex): {certificate.serial_text}"


def clear_cache(context: Context) -> None:
    """`clear crypto ikev2 certificate-cache`."""
    context.device.service(CryptoEngine).ikev2.urls.clear()
