"""Lines that once ended in an internal error: the answer is IOS's, and nothing changes."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from iosemu.box import running_config
from iosemu.lab.lab import Lab
from iosemu.shell.errors import INTERNAL
from iosemu.shell.executor import Executor

INVALID = "% Invalid input detected at '^' marker."


@pytest.fixture(scope="module")
def lab() -> Lab:
    made = Lab.load("ipsec-vpn", seed=5)
    made.boot(settle=0)
    return made


def typed(executor: Executor, line: str) -> list[str]:
    printed: list[str] = []
    steps, answer = executor.steps(line), None
    while True:
        try:
            item: Any = steps.send(answer)
        except StopIteration:
            return printed
        answer = None if isinstance(item, str) else ""
        if isinstance(item, str):
            printed.append(item)


@pytest.mark.parametrize(
    ("name", "before", "line", "answer"),
    [
        ("SW-1", "interface FastEthernet0/5", "no channel-group 1 mode active", ""),
        ("SW-1", "interface FastEthernet0/5", "default channel-group 1 mode active", ""),
        ("SW-1", "interface FastEthernet0/5", "default channel-group", ""),
        ("SW-1", "interface FastEthernet0/5", "channel-group 7 mode active", INVALID),
        ("SW-1", "", "no spanning-tree portfast bpduguard", "% Incomplete command."),
        ("SW-1", "", "default spanning-tree portfast bpdufilter", "% Incomplete command."),
        ("SW-1", "", "no spanning-tree portfast bpduguard default", ""),
        ("SW-1", "", "default interface Port-channel1", INVALID),
        ("SW-1", "", "default interface Vlan7", INVALID),
        ("R-A", "", "default interface Loopback0", INVALID),
        ("R-A", "", "default interface Tunnel3", INVALID),
        ("R-A", "", "crypto isakmp key K address 192.0.2.0 255.0.255.0", INVALID),
        ("R-A", "", "crypto isakmp key K address 192.0.2.0 0.0.0.255", INVALID),
        ("R-A", "", "no crypto isakmp key K address 192.0.2.0 255.0.255.0", INVALID),
        ("R-A", "crypto keyring RING", "pre-shared-key address 192.0.2.0 255.0.255.0 key K", INVALID),
        ("R-A", "crypto keyring RING", "no pre-shared-key address 192.0.2.0 192.0.2.1 key K", INVALID),
        ("R-A", "crypto isakmp profile P", "match identity address 192.0.2.0 255.0.255.0", INVALID),
        ("R-A", "", "do show ip route 192.0.2.0 255.0.255.0", "% Invalid mask"),
        ("R-A", "", "do show ip route 192.0.2.0 0.0.0.255", "% Invalid mask"),
        ("R-A", "", "do clear ip route 192.0.2.0 255.0.255.0", INVALID),
        ("R-A", "", "do show ip rip database 192.0.2.0 255.0.255.0", ""),
        ("R-A", "interface FastEthernet0/0", "ip summary-address rip 10.0.0.0 255.0.255.0", INVALID),
        ("R-A", "interface FastEthernet0/0", "ip summary-address rip 10.0.0.0 0.0.255.255", INVALID),
        ("R-A", "router bgp 65001", "network 10.0.0.0 mask 255.0.255.0", "% Inconsistent address and mask"),
        ("R-A", "router bgp 65001", "aggregate-address 10.0.0.1 198.51.100.0 as-set",
         "% Inconsistent address and mask"),
    ],
)  # fmt: skip
def test_the_answer(
    lab: Lab, name: str, before: str, line: str, answer: str, caplog: pytest.LogCaptureFixture
) -> None:
    executor = Executor(lab[name], lab.grammar, privilege=15)
    for each in ("configure terminal", before):
        typed(executor, each)
    held = running_config.body(lab[name], executor.render)
    with caplog.at_level(logging.ERROR):
        printed = typed(executor, line)
    assert not caplog.records
    assert INTERNAL not in printed
    assert [text for text in printed if text.strip() not in ("", "^")] == ([answer] if answer else [])
    assert running_config.body(lab[name], executor.render) == held


def test_masks_of_peers_are_masks(lab: Lab) -> None:
    executor = Executor(lab["R-A"], lab.grammar, privilege=15)
    for each in (
        "configure terminal",
        "crypto isakmp key A address 192.0.2.9 255.255.255.0",
        "crypto isakmp key B address 0.0.0.0",
        "crypto isakmp key C address 192.0.2.130",
    ):
        assert typed(executor, each) in (
            [],
            ["Enter configuration commands, one per line.  End with CNTL/Z."],
        )
    lines = [each for each in running_config.body(lab["R-A"], executor.render) if "isakmp key" in each]
    assert "crypto isakmp key A address 192.0.2.0 255.255.255.0" in "\n".join(lines)
    assert any(each.startswith("crypto isakmp key B address 0.0.0.0") for each in lines)
    assert any(each.startswith("crypto isakmp key C address 192.0.2.130") for each in lines)


def test_a_gatekeeper_is_shut_down_until_it_is_told_otherwise(lab: Lab) -> None:
    executor = Executor(lab["R-A"], lab.grammar, privilege=15)

    def lines() -> str:
        return "\n".join(running_config.body(lab["R-A"], executor.render)).partition("gatekeeper\n")[2][:13]

    for each in ("configure terminal", "gatekeeper"):
        typed(executor, each)
    assert lines().startswith(" shutdown")
    for _ in range(2):
        typed(executor, "no shutdown")
        assert lines().startswith(" no shutdown")
    typed(executor, "default shutdown")
    assert lines().startswith(" shutdown")
    typed(executor, "exit")
    typed(executor, "no gatekeeper")
