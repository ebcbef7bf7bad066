"""The PKI in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.pki.certificate import Certificate
from iosemu.subjects.pki.config import PkiConfig

WORDS = 8
"""Groups of four octets in a line."""


def _blocks(blocks: list[list[str]]) -> list[str]:
    """Blocks with a `!` between them."""
    lines: list[str] = []
    for block in blocks:
        lines += ["!", *block] if lines else block
    return lines


def server_lines(device: Device, render: Render) -> list[str]:
    """All servers; one that is not switched on says so."""
    config = device.config.of(PkiConfig)
    blocks = []
    for each in config.servers.values():
        inner = [f" {line}" for line in render("cs-server", each)]
        if each.shutdown or config.signing(each.name) is None:
            inner.append(" shutdown")
        blocks.append([f"crypto pki server {each.name}", *inner])
    return _blocks(blocks)


def trustpoint_lines(device: Device, render: Render) -> list[str]:
    """All trustpoints."""
    blocks = []
    for each in device.config.of(PkiConfig).trustpoints.values():
        inner = (f" {line}" for line in render("ca-trustpoint", each))
        blocks.append([f"crypto pki trustpoint {each.name}", *inner])
    return _blocks(blocks)


def chain_lines(device: Device, render: Render) -> list[str]:
    """All maps, then all chains with their certificates."""
    config = device.config.of(PkiConfig)
    blocks = []
    for found in sorted(config.maps.values(), key=lambda each: (each.name, each.sequence)):
        inner = (f" {line}" for line in render("ca-certificate-map", found))
        blocks.append([f"crypto pki certificate map {found.name} {found.sequence}", *inner])
    for chain in config.chains.values():
        block = [f"crypto pki certificate chain {chain.name}"]
        for entry in chain.entries:
            kind = f"{entry.kind} " if entry.kind else ""
            block.append(f" certificate {kind}{entry.certificate.serial_text}")
            block += hexadecimal(entry.certificate)
        blocks.append(block)
    return _blocks(blocks)


def hexadecimal(certificate: Certificate) -> Iterator[str]:
    """A certificate as IOS lists it; only the last line has no space at its end."""
    text = certificate.der.hex().upper()
    words = [text[at : at + 8] for at in range(0, len(text), 8)]
    for at in range(0, len(words), WORDS):
        last = at + WORDS >= len(words)
        yield f"  {' '.join(words[at : at + WORDS])}{'' if last else ' '}"
    yield "  \tquit"
