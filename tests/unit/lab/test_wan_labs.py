"""The labs about PPP and Frame Relay: little is done at first, and what the hints say gives all points."""

import re

import pytest

from iosemu.lab.lab import Lab
from iosemu.shell.loader import load

SUBINTERFACE = (
    "interface Serial0/0/0.{dlci} point-to-point\nframe-relay interface-dlci {dlci}\n"
    "ip address {address} 255.255.255.252\n"
)
OSPF = "router ospf 1\nnetwork 10.0.0.0 0.255.255.255 area 0\nnetwork 192.168.0.0 0.0.255.255 area 0"
SOLUTIONS = {
    "ppp-chap": {
        "R1": "username R2 password Serial-Key\ninterface Serial0/0/0\nclock rate 128000",
        "R2": (
            "interface Serial0/0/0\nencapsulation ppp\nppp authentication chap\ninterface Serial0/0/1\n"
            "encapsulation ppp\nppp authentication pap\npeer default ip address 10.0.23.2"
        ),
        "R3": (
            "interface Serial0/0/0\nencapsulation ppp\nppp pap sent-username R3 password Branch-3\n"
            "ip address negotiated"
        ),
    },
    "frame-relay": {
        "HUB": SUBINTERFACE.format(dlci=102, address="10.0.12.1")
        + SUBINTERFACE.format(dlci=103, address="10.0.13.1")
        + OSPF,
        "R2": "interface Serial0/0/0\nno frame-relay lmi-type\n"
        + SUBINTERFACE.format(dlci=201, address="10.0.12.2")
        + OSPF,
        "R3": SUBINTERFACE.format(dlci=301, address="10.0.13.2") + OSPF,
    },
}


def score(lab: Lab) -> tuple[int, str]:
    assert lab.examiner is not None
    report = "\n".join(lab.examiner(lab, ""))
    found = re.search(r"(\d+) of 100 points", report)
    assert found is not None, report
    return int(found[1]), report


@pytest.mark.parametrize("name", SOLUTIONS)
def test_what_the_hints_say_gives_all_points(name: str) -> None:
    lab = Lab.load(name, seed=1)
    lab.boot()
    lab.advance(60)
    assert score(lab)[0] == 0
    for device, text in SOLUTIONS[name].items():
        assert load(lab[device], lab.grammar, text) == []
    lab.advance(120)
    done, report = score(lab)
    assert done == 100, report


@pytest.mark.parametrize("name", SOLUTIONS)
def test_every_check_has_a_hint_in_both_languages(name: str) -> None:
    for check in Lab.load(name, seed=1).topology.lab.checks:
        assert check.title.ja
        assert check.hint is not None
        assert check.hint.ja
