"""Faults of IKE and IPsec."""

from __future__ import annotations

import re
from collections.abc import Iterator

from iosemu.challenges.configuration import Block, interfaces, matching, replaced
from iosemu.challenges.fault import Change, Fault, Healthy

_AREA = ("the VPN: IKE and IPsec", "VPN: IKE と IPsec")


def _key(healthy: Healthy) -> Iterator[Change]:
    for name, text in healthy.texts("router"):
        for _, found in matching(text, r"crypto isakmp key (?:\d )?(\S+) address ([\d.]+)"):
            right, wrong = (
                f"crypto isakmp key {key} address {found[2]}" for key in (found[1], f"{found[1]}X")
            )
            yield Change(
                name,
                (f"no {right}", wrong),
                (f"no {wrong}", right),
                f"crypto isakmp key … address {found[2]}",
            )


def _maps(healthy: Healthy) -> Iterator[tuple[str, Block]]:
    for name, text in healthy.texts("router"):
        for block, _ in matching(text, r"crypto map \S+ \d+ ipsec-isakmp"):
            yield name, block


def _peer(healthy: Healthy) -> Iterator[Change]:
    for name, block in _maps(healthy):
        found = block.first(r"set peer ([\d.]+)\.(\d+)")
        if found:
            wrong = f"set peer {found[1]}.{int(found[2]) + 40}"
            yield Change(
                name, (block.head, f"no {found[0]}", wrong, "exit"), (block.head, f"no {wrong}", found[0], "exit"),
                f"{block.head}: set peer",
            )  # fmt: skip


def _transform(healthy: Healthy) -> Iterator[Change]:
    for name, text in healthy.texts("router"):
        for block, found in matching(text, r"(crypto ipsec transform-set \S+) .*"):
            yield Change(
                name,
                (f"{found[1]} esp-3des esp-md5-hmac", "exit"),
                (block.head, *block.lines, "exit"),
                found[1],
            )


def _policy(healthy: Healthy) -> Iterator[Change]:
    for name, text in healthy.texts("router"):
        for block, _ in matching(text, r"crypto isakmp policy \d+"):
            found = block.first(r"group (\d+)")
            wrong = "group 5" if found is None or found[1] != "5" else "group 2"
            right = found[0] if found else "no group"
            yield Change(
                name, (block.head, wrong, "exit"), (block.head, right, "exit"), f"{block.head}: group"
            )


def _policy_encryption(healthy: Healthy) -> Iterator[Change]:
    for name, text in healthy.texts("router"):
        for block, _ in matching(text, r"crypto isakmp policy \d+"):
            found = block.first(r"encr .*")
            if found:
                yield Change(
                    name,
                    (block.head, "encr 3des", "exit"),
                    (block.head, found[0], "exit"),
                    f"{block.head}: encr",
                )


def _selectors(healthy: Healthy) -> Iterator[tuple[str, Block, str]]:
    """Device, access list and the first line of what is to be encrypted."""
    for name, text in healthy.texts("router"):
        used = {found[1] for _, block in _maps(healthy) if (found := block.first(r"match address (\S+)"))}
        for block, found in matching(text, r"ip access-list extended (\S+)"):
            if found[1] in used and block.lines:
                yield name, block, block.lines[0]
        for _, found in matching(text, r"access-list (\S+) (permit .*)"):
            if found[1] in used:
                yield name, Block(f"ip access-list extended {found[1]}", (found[2],)), found[2]


def _reversed(healthy: Healthy) -> Iterator[Change]:
    for name, block, line in _selectors(healthy):
        found = re.fullmatch(r"(permit +ip) (\S+ \S+) (\S+ \S+)", line)
        if found:
            turned = f"{found[1]} {found[3]} {found[2]}"
            yield Change(name, replaced(block, line, (turned,)), replaced(block, "", ()), block.head)


def _not_applied(healthy: Healthy) -> Iterator[Change]:
    for name, text in healthy.texts("router"):
        for port, block in interfaces(text):
            found = block.first(r"crypto map (\S+)")
            if found:
                head = f"interface {port}"
                yield Change(name, (head, "no crypto map"), (head, found[0]), f"{head}: crypto map")


FAULTS = (
    Fault(
        "isakmp-key",
        (
            "The pre-shared keys differ",
            "事前共有鍵が一致しない",
        ),
        _AREA,
        _key,
    ),
    Fault(
        "vpn-peer",
        (
            "A crypto map has the wrong peer",
            "crypto map のピアが違う",
        ),
        _AREA,
        _peer,
    ),
    Fault(
        "transform",
        (
            "The transform sets differ",
            "トランスフォームセットが一致しない",
        ),
        _AREA,
        _transform,
    ),
    Fault(
        "isakmp-group",
        (
            "The Diffie-Hellman groups differ",
            "Diffie-Hellman グループが一致しない",
        ),
        _AREA,
        _policy,
    ),
    Fault(
        "isakmp-encryption",
        (
            "The ciphers of IKE differ",
            "IKE の暗号方式が一致しない",
        ),
        _AREA,
        _policy_encryption,
    ),
    Fault(
        "crypto-acl",
        (
            "What is to be encrypted is turned round",
            "暗号化対象のアクセスリストが逆向きである",
        ),
        _AREA,
        _reversed,
    ),
    Fault(
        "crypto-map",
        (
            "The crypto map is on no interface",
            "crypto map が適用されていない",
        ),
        _AREA,
        _not_applied,
    ),
)
