"""Faults of static routes and OSPF."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.challenges.configuration import Block, interfaces, matching
from iosemu.challenges.fault import Change, Fault, Healthy

_STATIC = ("static routes", "スタティックルート")
_OSPF = ("OSPF", "OSPF")
_ROUTE = r"(ip route [\d.]+ [\d.]+) ([\d.]+)"
_NETWORK = r"(network [\d.]+ [\d.]+ area) (\d+)"


def _missing_route(healthy: Healthy) -> Iterator[Change]:
    for name, text in healthy.texts("router"):
        for block, found in matching(text, _ROUTE):
            yield Change(name, (f"no {block.head}",), (block.head,), found[1])


def _next_hop(healthy: Healthy) -> Iterator[Change]:
    """The route leads to the first address beside the right one that nobody has."""
    taken = {
        found[1]
        for text in healthy.image.configurations.values()
        for _, block in interfaces(text)
        if (found := block.first(r"ip address ([\d.]+) \S+"))
    }
    for name, text in healthy.texts("router"):
        for block, found in matching(text, _ROUTE):
            wrong = next(
                str(IPv4Address(found[2]) + step) for step in range(1, 255)
                if str(IPv4Address(found[2]) + step) not in taken
            )  # fmt: skip
            yield Change(
                name,
                (f"no {block.head}", f"{found[1]} {wrong}"),
                (f"no {found[1]} {wrong}", block.head),
                found[1],
            )


def _processes(healthy: Healthy) -> Iterator[tuple[str, Block]]:
    for name, text in healthy.texts():
        for block, _ in matching(text, r"router ospf \d+"):
            yield name, block


def _area(healthy: Healthy) -> Iterator[Change]:
    for name, block in _processes(healthy):
        for line in block.lines:
            if found := re.fullmatch(_NETWORK, line):
                wrong = f"{found[1]} {int(found[2]) + 1}"
                yield Change(
                    name, (block.head, f"no {line}", wrong, "exit"), (block.head, f"no {wrong}", line, "exit"),
                    f"{block.head}: {found[1]}",
                )  # fmt: skip


def _network(healthy: Healthy) -> Iterator[Change]:
    for name, block in _processes(healthy):
        for line in block.lines:
            if re.fullmatch(_NETWORK, line):
                yield Change(
                    name,
                    (block.head, f"no {line}", "exit"),
                    (block.head, line, "exit"),
                    f"{block.head}: network",
                )


def _passive(healthy: Healthy) -> Iterator[Change]:
    for name, block in _processes(healthy):
        for line in block.lines:
            if found := re.fullmatch(r"no (passive-interface \S+)", line):
                yield Change(
                    name,
                    (block.head, found[1], "exit"),
                    (block.head, line, "exit"),
                    f"{block.head}: passive-interface",
                )


def _originate(healthy: Healthy) -> Iterator[Change]:
    for name, block in _processes(healthy):
        if "default-information originate" in block.lines:
            line = "default-information originate"
            yield Change(
                name, (block.head, f"no {line}", "exit"), (block.head, line, "exit"), f"{block.head}: {line}"
            )


def _speakers(healthy: Healthy) -> Iterator[tuple[str, str, Block]]:
    """Device, interface and block where OSPF has a neighbor."""
    for name, block in _processes(healthy):
        silent = {
            found[1] for line in block.lines if (found := re.fullmatch(r"passive-interface (\S+)", line))
        }
        loud = {
            found[1] for line in block.lines if (found := re.fullmatch(r"no passive-interface (\S+)", line))
        }
        for port, about in interfaces(healthy.image.configurations[name]):
            quiet = port in silent or ("default" in silent and port not in loud)
            if not quiet and port in healthy.cabled(name) and about.first(r"ip address \S+ \S+"):
                yield name, f"interface {port}", about


def _hello(healthy: Healthy) -> Iterator[Change]:
    for name, head, block in _speakers(healthy):
        if not block.first(r"ip ospf hello-interval \d+"):
            line = "ip ospf hello-interval"
            yield Change(name, (head, f"{line} 5"), (head, f"no {line}"), f"{head}: {line}")


def _mtu(healthy: Healthy) -> Iterator[Change]:
    for name, head, block in _speakers(healthy):
        if not block.first(r"ip mtu \d+"):
            yield Change(name, (head, "ip mtu 1400"), (head, "no ip mtu"), f"{head}: ip mtu")


def _key(healthy: Healthy) -> Iterator[Change]:
    for name, head, block in _speakers(healthy):
        found = block.first(r"(ip ospf message-digest-key (\d+) md5) (?:\d )?(\S+)")
        if found:
            line = f"no ip ospf message-digest-key {found[2]}"
            yield Change(
                name,
                (head, line, f"{found[1]} {found[3]}X"),
                (head, line, f"{found[1]} {found[3]}"),
                f"{head}: {found[1]}",
            )


def _authentication(healthy: Healthy) -> Iterator[Change]:
    for name, head, block in _speakers(healthy):
        line = "ip ospf authentication message-digest"
        if line in block.lines:
            yield Change(
                name, (head, "no ip ospf authentication"), (head, line), f"{head}: ip ospf authentication"
            )


FAULTS = (
    Fault(
        "missing-route",
        (
            "A static route is missing",
            "スタティックルートがない",
        ),
        _STATIC,
        _missing_route,
    ),
    Fault(
        "next-hop",
        (
            "A static route has the wrong next hop",
            "スタティックルートのネクストホップが違う",
        ),
        _STATIC,
        _next_hop,
    ),
    Fault(
        "ospf-area",
        (
            "A network is in the wrong OSPF area",
            "OSPF のエリアが違う",
        ),
        _OSPF,
        _area,
    ),
    Fault(
        "ospf-network",
        (
            "OSPF leaves a network out",
            "OSPF に含まれていないネットワークがある",
        ),
        _OSPF,
        _network,
    ),
    Fault(
        "ospf-passive",
        (
            "OSPF is silent where a neighbor is",
            "隣接ルータ側が passive-interface になっている",
        ),
        _OSPF,
        _passive,
    ),
    Fault(
        "ospf-default",
        (
            "OSPF does not spread the default route",
            "OSPF がデフォルトルートを広告していない",
        ),
        _OSPF,
        _originate,
    ),
    Fault(
        "ospf-hello",
        (
            "Hello intervals differ",
            "Hello 間隔が一致しない",
        ),
        _OSPF,
        _hello,
    ),
    Fault(
        "ospf-mtu",
        (
            "MTUs of OSPF neighbors differ",
            "OSPF の隣接間で MTU が違う",
        ),
        _OSPF,
        _mtu,
    ),
    Fault(
        "ospf-key",
        (
            "OSPF keys differ",
            "OSPF の認証キーが違う",
        ),
        _OSPF,
        _key,
    ),
    Fault(
        "ospf-authentication",
        (
            "One OSPF neighbor does not authenticate",
            "片方の OSPF ルータが認証していない",
        ),
        _OSPF,
        _authentication,
    ),
)
