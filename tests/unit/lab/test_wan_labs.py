"""The labs about PPP and Frame Relay: little is done at first, and what the hints say gives all points."""

import pytest
from examined import score

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
