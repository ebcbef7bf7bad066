"""Who starts a lab is told which of its devices nobody can log in to."""

from pathlib import Path

from iosemu.lab.commands.labs import without_users
from iosemu.lab.lab import Lab


def test_devices_without_users_are_named(tmp_path: Path) -> None:
    nodes = [
        "R: {model: c2811}",
        "S: {model: catalyst-2960-24tt, config: S.cfg}",
        "P: {model: pc}",
        "N: {model: sniffer}",
    ]
    (tmp_path / "lab.yaml").write_text("name: bare\nnodes:\n  " + "\n  ".join(nodes) + "\n")
    (tmp_path / "S.cfg").write_text("username admin privilege 15 password admin\n")
    lab = Lab.load(tmp_path, seed=1)
    lab.boot()
    assert without_users(lab) == ["R", "P", "N"]
    finished = Lab.load("ipsec-vpn", seed=1)
    finished.boot()
    assert without_users(finished) == []
