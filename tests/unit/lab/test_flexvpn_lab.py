"""The lab about FlexVPN: one network is told wrongly, and what the hints say gives all points."""

import re

from iosemu.lab.lab import Lab
from iosemu.shell.loader import load
from iosemu.subjects.crypto.service.engine import CryptoEngine

REPAIR = "ip access-list standard INSIDE\nno permit 192.168.20.0 0.0.0.255\npermit 192.168.2.0 0.0.0.255"


def report(lab: Lab) -> str:
    assert lab.examiner is not None
    return "\n".join(lab.examiner(lab, ""))


def say(lab: Lab, device: str, line: str) -> None:
    session = lab.session(device)
    assert session is not None
    session.run(line)
    lab.run_until(lambda: not session.waiting, 60)


def test_what_the_hints_say_gives_all_points() -> None:
    lab = Lab.load("flexvpn-hub-spoke", seed=1)
    lab.boot()
    lab.advance(30)
    before = report(lab)
    assert "45 of 100 points" in before
    assert "The spokes are connected, but the hub lacks a route" in before
    assert load(lab["SPOKE2"], lab.grammar, REPAIR) == []
    lab["SPOKE2"].service(CryptoEngine).clear_ikev2()
    lab.advance(60)
    say(lab, "PC2", "ping 192.168.0.10")
    say(lab, "PC1", "ping 192.168.2.10")
    after = report(lab)
    assert re.search("100 of 100 points", after), after
    assert "Everything is reached: FlexVPN works" in after
