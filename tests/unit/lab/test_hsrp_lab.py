"""The lab about HSRP: nothing is done at first, and what the hints say gives all points."""

from examined import score

from iosemu.firsthop.hsrp import State
from iosemu.lab.lab import Lab
from iosemu.shell.loader import load
from iosemu.subjects.hsrp.service import Hsrp

SOLUTION = {
    "R1": (
        "track 1 interface FastEthernet0/1 line-protocol\ninterface FastEthernet0/0\nstandby 1 priority 110\n"
        "standby 1 preempt\nstandby 1 track 1 decrement 20"
    ),
    "R2": "interface FastEthernet0/0\nstandby 1 authentication md5 key-string Gateway-1",
    "PC1": "ipconfig 192.168.1.10 255.255.255.0 192.168.1.254",
}


def test_what_the_hints_say_gives_all_points() -> None:
    lab = Lab.load("hsrp", seed=1)
    lab.boot()
    lab.advance(90)
    groups = [lab[name].service(Hsrp).groups["FastEthernet0/0", 1] for name in ("R1", "R2")]
    assert [each.engine.state for each in groups] == [State.ACTIVE, State.ACTIVE]
    assert score(lab)[0] == 0
    for device, text in SOLUTION.items():
        assert load(lab[device], lab.grammar, text) == []
    lab.advance(60)
    done, report = score(lab)
    assert done == 100, report
