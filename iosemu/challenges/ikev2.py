"""Faults of IKEv2 and of the tunnels that it protects."""

from __future__ import annotations

import re
from collections.abc import Iterator

from iosemu.challenges.configuration import Block, interfaces, matching
from iosemu.challenges.fault import Change, Fault, Healthy

_AREA = ("the VPN: IKEv2 and IPsec", "VPN: IKEv2 と IPsec")


def _blocks(healthy: Healthy, pattern: str) -> Iterator[tuple[str, Block]]:
    for name, text in healthy.texts("router"):
        for block, _ in matching(text, pattern):
            yield name, block


def _key(healthy: Healthy) -> Iterator[Change]:
    for name, block in _blocks(healthy, r"crypto ikev2 keyring \S+"):
        peer = ""
        for line in block.lines:
            if line.startswith("peer "):
                peer = line
            if found := re.fullmatch(r"pre-shared-key (?:\d )?(\S+)", line):
                right, wrong = (f"pre-shared-key {key}" for key in (found[1], f"{found[1]}X"))
                yield Change(
                    name, (block.head, peer, wrong, "exit", "exit"), (block.head, peer, right, "exit", "exit"),
                    f"{block.head}: {peer}",
                )  # fmt: skip


def _proposal(healthy: Healthy) -> Iterator[Change]:
    for name, block in _blocks(healthy, r"crypto ikev2 proposal \S+"):
        found = block.first(r"group (\d+)")
        if found:
            wrong = "group 5" if found[1] != "5" else "group 2"
            yield Change(
                name, (block.head, wrong, "exit"), (block.head, found[0], "exit"), f"{block.head}: group"
            )


def _cipher(healthy: Healthy) -> Iterator[Change]:
    for name, block in _blocks(healthy, r"crypto ikev2 proposal \S+"):
        found = block.first(r"encryption (.*)")
        if found and "3des" not in found[1]:
            yield Change(
                name, (block.head, "encryption 3des", "exit"), (block.head, found[0], "exit"),
                f"{block.head}: encryption",
            )  # fmt: skip


def _identity(healthy: Healthy) -> Iterator[Change]:
    for name, block in _blocks(healthy, r"crypto ikev2 profile \S+"):
        found = block.first(r"match identity remote address ([\d.]+)\.(\d+) (\S+)")
        if found:
            last = (int(found[2]) + 100) % 256
            wrong = f"match identity remote address {found[1]}.{last} {found[3]}"
            yield Change(
                name, (block.head, wrong, f"no {found[0]}", "exit"), (block.head, found[0], f"no {wrong}", "exit"),
                f"{block.head}: match identity",
            )  # fmt: skip


def _tunnels(healthy: Healthy, pattern: str) -> Iterator[tuple[str, str, re.Match[str]]]:
    for name, text in healthy.texts("router"):
        for port, block in interfaces(text):
            found = block.first(pattern) if port.startswith("Tunnel") else None
            if found:
                yield name, f"interface {port}", found


def _unprotected(healthy: Healthy) -> Iterator[Change]:
    for name, head, found in _tunnels(healthy, r"tunnel protection ipsec profile \S+"):
        yield Change(name, (head, f"no {found[0]}"), (head, found[0]), f"{head}: tunnel protection")


def _destination(healthy: Healthy) -> Iterator[Change]:
    for name, head, found in _tunnels(healthy, r"tunnel destination ([\d.]+)\.(\d+)"):
        wrong = f"tunnel destination {found[1]}.{(int(found[2]) + 40) % 256}"
        yield Change(name, (head, wrong), (head, found[0]), f"{head}: tunnel destination")


FAULTS = (
    Fault(
        "ikev2-key", ("The pre-shared keys of IKEv2 differ", "IKEv2 の事前共有鍵が一致しない"), _AREA, _key
    ),
    Fault(
        "ikev2-group",
        ("The Diffie-Hellman groups of IKEv2 differ", "IKEv2 の Diffie-Hellman グループが一致しない"),
        _AREA,
        _proposal,
    ),
    Fault(
        "ikev2-encryption", ("The ciphers of IKEv2 differ", "IKEv2 の暗号方式が一致しない"), _AREA, _cipher
    ),
    Fault(
        "ikev2-identity",
        ("An IKEv2 profile is for somebody else", "IKEv2 プロファイルの identity が相手と違う"),
        _AREA,
        _identity,
    ),
    Fault(
        "tunnel-protection",
        ("A tunnel is not protected", "トンネルが IPsec で保護されていない"),
        _AREA,
        _unprotected,
    ),
    Fault("tunnel-destination", ("A tunnel leads elsewhere", "トンネルの宛先が違う"), _AREA, _destination),
)
