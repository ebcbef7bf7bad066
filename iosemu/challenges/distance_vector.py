"""Faults of EIGRP and BGP."""

from __future__ import annotations

import re
from collections.abc import Iterator

from iosemu.challenges.configuration import Block, matching
from iosemu.challenges.fault import Change, Fault, Healthy

_EIGRP = ("EIGRP", "EIGRP")
_BGP = ("BGP", "BGP")


def _blocks(healthy: Healthy, pattern: str) -> Iterator[tuple[str, Block]]:
    for name, text in healthy.texts():
        for block, _ in matching(text, pattern):
            yield name, block


def _lines(healthy: Healthy, head: str, pattern: str) -> Iterator[tuple[str, Block, re.Match[str]]]:
    for name, block in _blocks(healthy, head):
        for line in block.lines:
            if found := re.fullmatch(pattern, line):
                yield name, block, found


def _eigrp_network(healthy: Healthy) -> Iterator[Change]:
    for name, block, found in _lines(healthy, r"router eigrp \d+", r"network .*"):
        yield Change(
            name,
            (block.head, f"no {found[0]}", "exit"),
            (block.head, found[0], "exit"),
            f"{block.head}: network",
        )


def _eigrp_number(healthy: Healthy) -> Iterator[Change]:
    """The whole process has another number: neighbors of another autonomous system are none."""
    for name, block in _blocks(healthy, r"router eigrp \d+"):
        number = int(block.head.split()[-1])
        wrong = f"router eigrp {number + 1 if number < 65535 else number - 1}"
        yield Change(
            name,
            (f"no {block.head}", wrong, *block.lines, "exit"),
            (f"no {wrong}", block.head, *block.lines, "exit"),
            "router eigrp",
        )


def _eigrp_passive(healthy: Healthy) -> Iterator[Change]:
    for name, block in _blocks(healthy, r"router eigrp \d+"):
        silent = {line for line in block.lines if line.startswith("passive-interface")}
        for port in sorted(healthy.cabled(name)):
            line = f"passive-interface {port}"
            if line not in silent and "passive-interface default" not in silent:
                yield Change(
                    name, (block.head, line, "exit"), (block.head, f"no {line}", "exit"),
                    f"{block.head}: passive-interface",
                )  # fmt: skip


def _eigrp_metric(healthy: Healthy) -> Iterator[Change]:
    """The K values of neighbors must be the same."""
    for name, block in _blocks(healthy, r"router eigrp \d+"):
        if block.first(r"metric weights .*") is None:
            yield Change(
                name, (block.head, "metric weights 0 1 1 1 0 0", "exit"), (block.head, "no metric weights", "exit"),
                f"{block.head}: metric weights",
            )  # fmt: skip


def _bgp_system(healthy: Healthy) -> Iterator[Change]:
    for name, block, found in _lines(healthy, r"router bgp \d+", r"(neighbor \S+) remote-as (\d+)"):
        wrong = f"{found[1]} remote-as {int(found[2]) + 10}"
        others = [line for line in block.lines if line.startswith(f"{found[1]} ") and line != found[0]]
        yield Change(
            name, (block.head, wrong, *others, "exit"), (block.head, found[0], *others, "exit"),
            f"{block.head}: {found[1]}",
        )  # fmt: skip


def _bgp_neighbor(healthy: Healthy) -> Iterator[Change]:
    for name, block, found in _lines(healthy, r"router bgp \d+", r"(neighbor \S+) remote-as (\d+)"):
        whole = [line for line in block.lines if line.startswith(f"{found[1]} ")]
        yield Change(
            name,
            (block.head, f"no {found[0]}", "exit"),
            (block.head, *whole, "exit"),
            f"{block.head}: neighbor",
        )


def _bgp_network(healthy: Healthy) -> Iterator[Change]:
    """The mask is not that of the route: nothing is told of it."""
    for name, block, found in _lines(healthy, r"router bgp \d+", r"(network \S+)(?: mask (\S+))?"):
        wrong = f"{found[1]} mask {'255.255.255.0' if found[2] != '255.255.255.0' else '255.255.255.128'}"
        yield Change(
            name,
            (block.head, f"no {found[0]}", wrong, "exit"),
            (block.head, f"no {wrong}", found[0], "exit"),
            f"{block.head}: network",
        )


FAULTS = (
    Fault(
        "eigrp-network",
        ("EIGRP leaves a network out", "EIGRP に含まれていないネットワークがある"),
        _EIGRP,
        _eigrp_network,
    ),
    Fault(
        "eigrp-number",
        ("The numbers of the EIGRP processes differ", "EIGRP の AS 番号が一致しない"),
        _EIGRP,
        _eigrp_number,
    ),
    Fault(
        "eigrp-passive",
        ("EIGRP is silent where a neighbor is", "隣接ルータ側の EIGRP が passive-interface になっている"),
        _EIGRP,
        _eigrp_passive,
    ),
    Fault(
        "eigrp-weights",
        ("The K values of EIGRP neighbors differ", "EIGRP の K 値が一致しない"),
        _EIGRP,
        _eigrp_metric,
    ),
    Fault(
        "bgp-system",
        ("A BGP neighbor is said to be of another system", "BGP 隣接ルータの AS 番号が違う"),
        _BGP,
        _bgp_system,
    ),
    Fault("bgp-neighbor", ("A BGP neighbor is missing", "BGP 隣接ルータの設定がない"), _BGP, _bgp_neighbor),
    Fault(
        "bgp-network",
        ("BGP is told of a network that is no route", "BGP の network が経路と一致しない"),
        _BGP,
        _bgp_network,
    ),
)
