"""Commands at times, beyond what a transcript shows."""

from __future__ import annotations

from pathlib import Path

from iosemu.lab.lab import Lab

CONFIGURATION = """hostname R1
kron occurrence START in 1 system-startup
 policy-list LOOK
kron occurrence OFTEN in 2 recurring
 policy-list LOOK
kron policy-list LOOK
 cli show clock | append flash:seen
end
"""


def seen(lab: Lab) -> int:
    return len(bytes(lab["R1"].flash.get("seen", b"")).splitlines())


def test_runs_after_each_start_and_again_and_again(tmp_path: Path) -> None:
    (tmp_path / "R1.cfg").write_text(CONFIGURATION)
    (tmp_path / "lab.yaml").write_text(
        'name: kron\nnodes:\n  R1: {model: c2811, image: "15.1", config: R1.cfg}\n'
    )
    lab = Lab.load(tmp_path / "lab.yaml", seed=1, time="manual")
    lab.boot(settle=0.0)
    lab.advance(61)
    assert seen(lab) == 1
    lab.advance(60)
    assert seen(lab) == 2
    lab.advance(240)
    assert seen(lab) == 4
    lab.stop("R1")
    lab.advance(300)
    assert seen(lab) == 4
    lab.start("R1")
    lab.advance(61)
    assert seen(lab) == 5
