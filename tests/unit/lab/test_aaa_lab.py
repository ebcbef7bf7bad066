"""The lab about AAA: nothing is done at first, and what the hints say gives all points, also where AAA forbids."""

from examined import score

from iosemu.lab.lab import Lab
from iosemu.shell.loader import load
from iosemu.shell.session import Session

SOLUTION = """aaa new-model
tacacs server TAC
 address ipv4 192.168.1.100
 key LabTacacs
radius server RAD
 address ipv4 192.168.1.100 auth-port 1812 acct-port 1813
 key LabRadius
aaa authentication login default group tacacs+ local
aaa authentication enable default group tacacs+ enable
aaa authorization exec default group tacacs+ local
aaa authorization commands 15 default group tacacs+ local
aaa accounting exec default start-stop group tacacs+
aaa accounting commands 15 default stop-only group tacacs+
"""


def typed(lab: Lab, session: Session, *lines: str) -> str:
    shown = ""
    for line in lines:
        session.receive(f"{line}\r".encode())
        for _ in range(2):  # what was printed last is read before the end of a far session is seen
            lab.clock.advance_now(5)
            shown += session.output().decode()
    return shown


def test_what_the_hints_say_gives_all_points() -> None:
    lab = Lab.load("aaa", seed=1)
    lab.boot()
    assert score(lab)[0] == 0
    assert load(lab["R1"], lab.grammar, SOLUTION) == []
    sessions = {}
    for name in ("R1", "ADMIN"):
        session = lab.session(name, hidden=True)
        assert session is not None
        lab.clock.watch(session)
        session.start()
        sessions[name] = session
    assert "successfully" in typed(lab, sessions["R1"], "test aaa group radius carol christmas legacy")
    shown = typed(lab, sessions["ADMIN"], "telnet 192.168.1.1", "bob", "builder", "configure terminal")
    assert "Command authorization failed." in shown
    shown = typed(
        lab,
        sessions["ADMIN"],
        "exit",
        "telnet 192.168.1.1",
        "alice",
        "wonder",
        "show running-config | include tacacs server",
    )
    assert "tacacs server TAC" in shown
    done, report = score(lab)
    assert done == 100, report
