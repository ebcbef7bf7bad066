"""`default X` undoes what `X` configured."""

import pytest

from iosemu.shell.loader import load
from tests.unit.shell.conftest import Terminal, make

BASE = "crypto ipsec transform-set BASE esp-aes\naccess-list 7 permit host 10.9.9.9\ncrypto map BASE 5 ipsec-isakmp\n"
PLACES = {
    "": (
        "username u privilege 5 secret x",
        "enable secret y",
        "ip domain-name x.example",
        "no ip domain-lookup",
        "alias exec s show clock",
        "privilege exec level 3 show",
        "logging buffered 10000",
        "logging host 10.0.0.9",
        "no logging console",
        "service password-encryption",
        "service timestamps log uptime",
        "no service timestamps debug",
        "ip route 10.9.0.0 255.255.0.0 10.0.0.2",
        "ip access-list extended Q",
        "ip ssh time-out 30",
        "crypto isakmp policy 7",
        "crypto isakmp key k address 10.0.0.2",
        "crypto ipsec transform-set T esp-aes 256 esp-sha-hmac",
        "crypto map M 10 ipsec-isakmp",
        "crypto isakmp profile P",
        "crypto keyring K",
        "aaa new-model",
        "hostname X",
    ),
    "interface GigabitEthernet0/0": (
        "ip address 10.0.0.1 255.255.255.0",
        "description x",
        "mtu 1400",
        "ip access-group 7 in",
        "no cdp enable",
        "crypto map BASE",
    ),
    "line vty 0 4": (
        "exec-timeout 1 1",
        "login local",
        "no login",
        "privilege level 7",
        "transport input ssh",
        "access-class 7 in",
        "no exec",
    ),
    "crypto isakmp policy 10": ("encryption aes 256", "hash md5", "group 5", "lifetime 100"),
    "crypto map N 10 ipsec-isakmp": (
        "description x",
        "set peer 10.0.0.2",
        "set transform-set BASE",
        "set pfs group2",
        "match address 7",
        "set security-association lifetime seconds 1000",
        "reverse-route",
    ),
    "ip access-list extended W": ("permit ip any any", "20 deny tcp any any eq 80", "remark hello"),
}


@pytest.mark.parametrize(("place", "line"), [(place, line) for place in PLACES for line in PLACES[place]])
def test_default_undoes(grammar, place, line):
    router = make("c2911")
    terminal = Terminal(router, grammar, rows=0)
    assert not load(router, grammar, BASE + place + "\n")

    def shown() -> list[str]:
        text = terminal.type("show running-config")
        return [row for row in text.split("\n") if not row.startswith(("Current", "! Last"))]

    def enter(text: str) -> None:
        assert not load(router, grammar, f"{place}\n {text}\n" if place else f"{text}\n")

    before = shown()
    enter(line)
    assert shown() != before
    enter(f"default {line.removeprefix('no ')}")
    assert [row.replace("X#", "Router#") for row in shown()] == before
