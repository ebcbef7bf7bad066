"""Faults of addresses, access lists, NAT and DHCP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface

from iosemu.challenges.configuration import interfaces, matching, replaced
from iosemu.challenges.fault import Change, Fault, Healthy

_ADDRESSES = ("addresses, masks and gateways", "アドレス、マスク、ゲートウェイ")
_LISTS = ("access lists", "アクセスリスト")
_NAT = ("NAT", "NAT")
_DHCP = ("DHCP", "DHCP")
_PAIR = r"([\d.]+) ([\d.]+)"


def _wrong_mask(healthy: Healthy) -> Iterator[Change]:
    for name, text in healthy.texts():
        for port, block in interfaces(text):
            found = block.first(rf"ip address {_PAIR}")
            if found is None:
                continue
            own = IPv4Interface(f"{found[1]}/{found[2]}")
            if own.network.prefixlen >= 30:
                continue  # nothing narrower would be taken
            head = f"interface {port}"
            mask = IPv4Interface(f"{own.ip}/30").netmask
            yield Change(name, (head, f"ip address {own.ip} {mask}"), (head, found[0]), f"{head}: ip address")


def _wrong_gateway(healthy: Healthy) -> Iterator[Change]:
    for name, text in healthy.texts("pc"):
        for _, found in matching(text, rf"ipconfig {_PAIR} ([\d.]+)"):
            network = IPv4Interface(f"{found[1]}/{found[2]}").network
            wrong = _other(IPv4Address(found[3]), network.broadcast_address - 1)
            yield Change(name, (f"ipconfig {found[1]} {found[2]} {wrong}",), (found[0],), "ipconfig")


def _other(address: IPv4Address, other: IPv4Address) -> IPv4Address:
    return other if other != address else other - 1


def _list_uses(text: str) -> Iterator[tuple[str, str, str]]:
    """Interface, list and direction of each `ip access-group`."""
    for port, block in interfaces(text):
        for line in block.lines:
            if found := re.fullmatch(r"ip access-group (\S+) (in|out)", line):
                yield port, found[1], found[2]


def _list_direction(healthy: Healthy) -> Iterator[Change]:
    for name, text in healthy.texts():
        for port, number, side in _list_uses(text):
            head, line = f"interface {port}", f"ip access-group {number}"
            other = "out" if side == "in" else "in"
            yield Change(
                name, (head, f"no {line} {side}", f"{line} {other}"), (head, f"no {line} {other}", f"{line} {side}"),
                f"{head}: ip access-group",
            )  # fmt: skip


def _list_missing(healthy: Healthy) -> Iterator[Change]:
    for name, text in healthy.texts():
        for port, number, side in _list_uses(text):
            head, line = f"interface {port}", f"ip access-group {number} {side}"
            yield Change(name, (head, f"no {line}"), (head, line), f"{head}: ip access-group")


def _list_entry(healthy: Healthy) -> Iterator[Change]:
    """The last `permit` of a list is gone: what it let pass falls under the rule that stands nowhere."""
    for name, text in healthy.texts():
        used = {number for _, number, _ in _list_uses(text)}
        for block, found in matching(text, r"ip access-list \S+ (\S+)"):
            if found[1] in used and len(block.lines) > 1 and block.lines[-1].startswith("permit"):
                yield Change(
                    name, replaced(block, block.lines[-1], ()), replaced(block, "", ()), block.head
                )  # fmt: skip


def _nat_lists(text: str) -> set[str]:
    return {found[1] for _, found in matching(text, r"ip nat inside source list (\S+) .*")}


def _nat_order(healthy: Healthy) -> Iterator[Change]:
    """What is not to be translated is: NAT comes before encryption, and the exemption stands too low."""
    for name, text in healthy.texts("router"):
        for block, found in matching(text, r"ip access-list extended (\S+)"):
            if found[1] in _nat_lists(text) and block.lines[0].startswith("deny") and len(block.lines) > 1:
                first, *rest = block.lines
                spoilt = (f"no {block.head}", block.head, *rest, first, "exit")
                yield Change(name, spoilt, replaced(block, "", ()), block.head)


def _nat_list(healthy: Healthy) -> Iterator[Change]:
    for name, text in healthy.texts("router"):
        for block, found in matching(text, r"ip access-list extended (\S+)"):
            if found[1] not in _nat_lists(text):
                continue
            for line in block.lines:
                if line.startswith("permit"):
                    yield Change(name, replaced(block, line, ()), replaced(block, "", ()), block.head)


def _nat_side(healthy: Healthy) -> Iterator[Change]:
    for name, text in healthy.texts("router"):
        for port, block in interfaces(text):
            for side in ("inside", "outside"):
                if f"ip nat {side}" in block.lines:
                    head, line = f"interface {port}", f"ip nat {side}"
                    yield Change(name, (head, f"no {line}"), (head, line), f"{head}: ip nat")


def _overload(healthy: Healthy) -> Iterator[Change]:
    for name, text in healthy.texts("router"):
        for block, found in matching(text, r"(ip nat inside source list \S+) interface \S+ overload"):
            yield Change(name, (f"no {block.head}",), (block.head,), found[1])


def _pools(healthy: Healthy) -> Iterator[tuple[str, str, IPv4Interface]]:
    for name, text in healthy.texts("router"):
        for block, _ in matching(text, r"ip dhcp pool \S+"):
            network = block.first(rf"network {_PAIR}")
            if network:
                yield name, block.head, IPv4Interface(f"{network[1]}/{network[2]}")


def _dhcp_gateway(healthy: Healthy) -> Iterator[Change]:
    for name, head, network in _pools(healthy):
        text = healthy.image.configurations[name]
        block = next(each for each, _ in matching(text, re.escape(head)))
        found = block.first(r"default-router ([\d.]+)")
        if found:
            wrong = _other(IPv4Address(found[1]), network.network.broadcast_address - 1)
            yield Change(
                name,
                (head, f"default-router {wrong}", "exit"),
                (head, found[0], "exit"),
                f"{head}: default-router",
            )


def _dhcp_network(healthy: Healthy) -> Iterator[Change]:
    for name, head, network in _pools(healthy):
        net, mask = network.network, network.netmask
        wrong = IPv4Address(int(net.network_address) ^ (1 << (32 - net.prefixlen)))
        yield Change(
            name, (head, f"network {wrong} {mask}", "exit"), (head, f"network {net.network_address} {mask}", "exit"),
            f"{head}: network",
        )  # fmt: skip


FAULTS = (
    Fault(
        "wrong-mask",
        (
            "An interface has the wrong mask",
            "インタフェースのマスクが違う",
        ),
        _ADDRESSES,
        _wrong_mask,
    ),
    Fault(
        "wrong-gateway",
        (
            "A PC has the wrong gateway",
            "PC のデフォルトゲートウェイが違う",
        ),
        _ADDRESSES,
        _wrong_gateway,
    ),
    Fault(
        "acl-direction",
        (
            "An access list looks the wrong way",
            "アクセスリストの適用方向が逆である",
        ),
        _LISTS,
        _list_direction,
    ),
    Fault(
        "acl-missing",
        (
            "An access list is not applied",
            "アクセスリストが適用されていない",
        ),
        _LISTS,
        _list_missing,
    ),
    Fault(
        "acl-entry",
        (
            "An access list lacks a permit",
            "アクセスリストに permit が足りない",
        ),
        _LISTS,
        _list_entry,
    ),
    Fault(
        "nat-order",
        (
            "What is to be encrypted is translated first",
            "暗号化すべき通信が先に NAT される",
        ),
        _NAT,
        _nat_order,
    ),
    Fault(
        "nat-list",
        (
            "NAT leaves a network out",
            "NAT の対象にネットワークが足りない",
        ),
        _NAT,
        _nat_list,
    ),
    Fault(
        "nat-side",
        (
            "An interface has no side of NAT",
            "インタフェースに NAT の内外の指定がない",
        ),
        _NAT,
        _nat_side,
    ),
    Fault(
        "nat-rule",
        (
            "The NAT rule is missing",
            "NAT のルールがない",
        ),
        _NAT,
        _overload,
    ),
    Fault(
        "dhcp-gateway",
        (
            "DHCP gives the wrong gateway",
            "DHCP が誤ったゲートウェイを配る",
        ),
        _DHCP,
        _dhcp_gateway,
    ),
    Fault(
        "dhcp-network",
        (
            "A DHCP pool is of another network",
            "DHCP プールのネットワークが違う",
        ),
        _DHCP,
        _dhcp_network,
    ),
)
