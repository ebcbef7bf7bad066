"""The lab about Easy VPN: one user is wrong, and what the hints say gives all points."""

import re

from iosemu.lab.lab import Lab
from iosemu.shell.loader import load

REPAIR = "crypto ipsec client ezvpn HQ\nusername branch password Br4nch-2"


def report(lab: Lab) -> str:
    assert lab.examiner is not None
    return "\n".join(lab.examiner(lab, ""))


def say(lab: Lab, device: str, *lines: str) -> None:
    session = lab.session(device)
    assert session is not None
    for line in lines:
        session.run(line)
        lab.run_until(lambda: not session.waiting, 60)


def test_what_the_hints_say_gives_all_points() -> None:
    lab = Lab.load("ezvpn", seed=1)
    lab.boot()
    lab.advance(30)
    before = report(lab)
    assert "0 of 100 points" in before
    assert "BRANCH gets through phase 1 and no further" in before
    say(lab, "HOME", "crypto ipsec client ezvpn connect HQ")
    lab.advance(5)
    session = lab.session("HOME")
    assert session is not None
    session.run("crypto ipsec client ezvpn xauth HQ")
    session.receive(b"alice\r")
    session.receive(b"wonderland\r")
    lab.advance(5)
    assert load(lab["BRANCH"], lab.grammar, REPAIR) == []
    lab.advance(60)
    for _ in range(3):  # the first of each way is lost to ARP
        say(lab, "PC1", "ping 192.168.0.10")
        say(lab, "SV", "ping 192.168.2.10")
        lab.advance(1)
    after = report(lab)
    assert re.search("100 of 100 points", after), after
    assert "Both clients are connected: Easy VPN works" in after
