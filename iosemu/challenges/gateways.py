"""Faults of the first router of a host: HSRP, and DHCP that is relayed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface

from iosemu.challenges.configuration import Block, interfaces, matching
from iosemu.challenges.fault import Change, Fault, Healthy

_HSRP = ("HSRP", "HSRP")
_DHCP = ("DHCP", "DHCP")


def _standby(healthy: Healthy, pattern: str) -> Iterator[tuple[str, str, Block, re.Match[str]]]:
    """Device, `interface …`, its block and a line of HSRP in it."""
    for name, text in healthy.texts():
        for port, block in interfaces(text):
            for line in block.lines:
                if found := re.fullmatch(rf"(standby \d+) {pattern}", line):
                    yield name, f"interface {port}", block, found


def _group_address(healthy: Healthy) -> Iterator[Change]:
    """One of the routers has another virtual address than its partner and the hosts."""
    for name, head, block, found in _standby(healthy, r"ip ([\d.]+)"):
        own = block.first(r"ip address ([\d.]+) ([\d.]+)")
        if own is None:
            continue
        network = IPv4Interface(f"{own[1]}/{own[2]}").network
        taken = {IPv4Address(own[1]), IPv4Address(found[2])}
        wrong = next(each for each in reversed(list(network.hosts())) if each not in taken)
        yield Change(name, (head, f"{found[1]} ip {wrong}"), (head, found[0]), f"{head}: {found[1]} ip")


def _group_priority(healthy: Healthy) -> Iterator[Change]:
    for name, head, _, found in _standby(healthy, r"priority (\d+)"):
        yield Change(
            name, (head, f"{found[1]} priority 50"), (head, found[0]), f"{head}: {found[1]} priority"
        )


def _group_key(healthy: Healthy) -> Iterator[Change]:
    for name, head, _, found in _standby(healthy, r"authentication md5 key-string (?:\d )?(\S+)"):
        yield Change(
            name,
            (head, f"{found[1]} authentication md5 key-string {found[2]}X"),
            (head, f"{found[1]} authentication md5 key-string {found[2]}"),
            f"{head}: {found[1]} authentication",
        )


def _helper(healthy: Healthy) -> Iterator[Change]:
    for name, text in healthy.texts():
        for port, block in interfaces(text):
            for line in block.lines:
                if re.fullmatch(r"ip helper-address [\d.]+", line):
                    head = f"interface {port}"
                    yield Change(name, (head, f"no {line}"), (head, line), f"{head}: ip helper-address")


def _excluded(healthy: Healthy) -> Iterator[Change]:
    """What is left of a pool beside the ranges that are excluded already is excluded, too."""
    for name, text in healthy.texts("router"):
        ranges = sorted(
            (IPv4Address(found[1]), IPv4Address(found[2] or found[1]))
            for _, found in matching(text, r"ip dhcp excluded-address ([\d.]+)(?: ([\d.]+))?")
        )
        for block, _ in matching(text, r"ip dhcp pool \S+"):
            found = block.first(r"network ([\d.]+) ([\d.]+)")
            if found is None:
                continue
            network = IPv4Interface(f"{found[1]}/{found[2]}").network
            lines, at = [], network[1]
            for first, last in [each for each in ranges if each[0] in network]:
                if at < first:
                    lines.append(f"ip dhcp excluded-address {at} {first - 1}")
                at = last + 1
            if at <= network[-2]:
                lines.append(f"ip dhcp excluded-address {at} {network[-2]}")
            yield Change(
                name, tuple(lines), tuple(f"no {line}" for line in lines), "ip dhcp excluded-address"
            )


FAULTS = (
    Fault(
        "hsrp-address",
        ("The virtual addresses of HSRP differ", "HSRP の仮想 IP アドレスが一致しない"),
        _HSRP,
        _group_address,
    ),
    Fault(
        "hsrp-priority",
        ("The wrong router is the gateway", "意図しないルータが HSRP のアクティブになっている"),
        _HSRP,
        _group_priority,
    ),
    Fault("hsrp-key", ("The keys of HSRP differ", "HSRP の認証キーが一致しない"), _HSRP, _group_key),
    Fault(
        "dhcp-relay",
        ("Requests for addresses are not relayed", "DHCP 要求が中継されていない"),
        _DHCP,
        _helper,
    ),
    Fault(
        "dhcp-excluded",
        ("No address of a DHCP pool may be given", "DHCP プールの全アドレスが除外されている"),
        _DHCP,
        _excluded,
    ),
)
