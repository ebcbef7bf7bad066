"""SSH between boxes of a lab that is put back, or loses its power, in the middle of it."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from iosemu.lab.lab import Lab
from iosemu.shell.session import Session

ROUTER = """hostname {name}
username admin privilege 15 password admin
interface FastEthernet0/0
 ip address {address} 255.255.255.0
 no shutdown
line vty 0 4
 login local
end
"""


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    for name, address in (("R1", "10.0.0.1"), ("R2", "10.0.0.2")):
        (tmp_path / f"{name}.cfg").write_text(ROUTER.format(name=name, address=address))
    (tmp_path / "lab.yaml").write_text(
        'name: two\nnodes:\n  R1: {model: c2811, image: "15.1", config: R1.cfg}\n'
        '  R2: {model: c2811, image: "15.1", config: R2.cfg}\nlinks: [{endpoints: ["R1:Fa0/0", "R2:Fa0/0"]}]\n'
    )
    made = Lab.load(tmp_path / "lab.yaml", seed=1, time="manual")
    made.boot()
    return made


def typed(lab: Lab, session: Session, *lines: str) -> str:
    shown = ""
    for line in lines:
        session.receive(line.encode() + b"\r")
        lab.advance(5)
        shown += session.output().decode()
        session.tick()
    for _ in range(4):
        lab.advance(1)
        shown += session.output().decode()
    return shown


def begun(lab: Lab) -> Session:
    session = lab.session("R1")
    assert session is not None
    lab.clock.watch(session)
    session.start()
    return session


def test_a_lab_is_put_back_while_somebody_is_there(lab: Lab) -> None:
    before = lab.snapshot()
    for stage in (("ssh -l admin 10.0.0.2",), ("ssh -l admin 10.0.0.2", "admin", "show clock")):
        session = begun(lab)
        shown = typed(lab, session, *stage)
        assert shown.rstrip().endswith("Password:" if len(stage) == 1 else "R2#")
        lab.clock.unwatch(session)
        lab.restore(before)
        gc.collect()
    session = begun(lab)
    assert "R2#" in typed(lab, session, "ssh -l admin 10.0.0.2", "admin")
    assert "closed by foreign host" in typed(lab, session, "exit")
    lab.close()
    gc.collect()


def test_a_box_loses_its_power_while_somebody_is_there(lab: Lab) -> None:
    session = begun(lab)
    assert "R2#" in typed(lab, session, "ssh -l admin 10.0.0.2", "admin")
    lab.stop("R2")
    gc.collect()
    typed(lab, session, "show clock")
    lab.start("R2")
    lab.advance(1800)
    assert "closed by foreign host" in typed(lab, session, "")
    assert "R2#" in typed(lab, session, "ssh -l admin 10.0.0.2", "admin")
    lab.stop("R1")
    lab.stop("R2")
    gc.collect()
