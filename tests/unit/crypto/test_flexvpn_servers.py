"""Authorization policies from attribute-value pairs of a server."""

from ipaddress import IPv4Address, IPv4Network

from iosemu.subjects.crypto.config.flexvpn import AuthorizationPolicy
from iosemu.subjects.crypto.service.flexvpn_servers import policy_of


def test_all_pairs_make_a_policy() -> None:
    found = policy_of(
        "SPOKES",
        [
            "priv-lvl=1",
            "ipsec:addr-pool=POOL",
            "ipsec:netmask=255.255.255.0",
            "ipsec:dns-servers=10.0.0.1 10.0.0.2",
            "ipsec:default-domain=example.com",
            "ipsec:route-set=interface",
            "ipsec:route-set=interface Loopback0",
            "ipsec:route-set*prefix 10.0.0.0/8",
            "ipsec:route-set=access-list INSIDE",
            "ipsec:route-accept=any tag:5 distance:7",
        ],
    )
    assert found == AuthorizationPolicy(
        "SPOKES",
        "POOL",
        IPv4Address("255.255.255.0"),
        [IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2")],
        "example.com",
        True,
        ["Loopback0"],
        "INSIDE",
        [("remote", IPv4Network("10.0.0.0/8"))],
        True,
        5,
        7,
    )


def test_what_makes_no_sense_is_passed_over() -> None:
    pairs = [
        "ipsec:netmask=x",
        "ipsec:dns-servers=1 2",
        "ipsec:route-set=prefix 1/99",
        "ipsec:route-set=",
        "ipsec:route-accept=any tag:x",
        "ipsec:route-accept=any distance:900",
        "ipsec",
        "ipsec:",
        "ipsec:odd=1",
    ]
    assert policy_of("P", pairs) == AuthorizationPolicy("P")
    assert not policy_of("P", ["ipsec:route-accept=none"]).accepts
