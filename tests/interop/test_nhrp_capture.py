"""tshark reads NHRP of every kind that a lab sends, and calls none of it malformed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from iosemu.testing.synchronous import SyncLab

TSHARK = shutil.which("tshark")
pytestmark = pytest.mark.skipif(TSHARK is None, reason="tshark is not installed")
LAB = Path(__file__).parents[1] / "transcripts" / "nhrp" / "multipoint" / "lab.yaml"
REGISTRATIONS, RESOLUTIONS, PURGES, ERROR, INDICATION = {"3", "4"}, {"1", "2"}, {"5", "6"}, "7", "8"


def tshark(capture: Path, *options: str) -> list[str]:
    command = [str(TSHARK), "-r", str(capture), *options]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def test_what_routers_say_to_each_other_is_well_formed(tmp_path: Path) -> None:
    with SyncLab(LAB) as lab:
        recorded = lab.capture()
        lab.advance("30s")
        lab["HUB"].configure(["interface Tunnel0", "ip next-hop-self eigrp 1", "ip nhrp redirect"])
        for spoke in ("SP1", "SP2"):
            lab[spoke].configure(["interface Tunnel0", "ip nhrp shortcut"])
        lab.advance("30s")
        lab["SP1"].cli("ping 172.16.12.1 source Loopback1")
        lab.advance("2s")
        lab["SP2"].cli("clear ip nhrp")
        lab["SP2"].configure(["interface Tunnel0", "ip nhrp authentication WRONG"])
        lab["SP2"].configure(["interface Tunnel0", "shutdown", "no shutdown"])
        lab.advance("2m")
        capture = tmp_path / "nhrp.pcapng"
        capture.write_bytes(recorded.pcapng)
    assert tshark(capture, "-Y", "_ws.malformed") == []
    told = tshark(capture, "-Y", "nhrp", "-T", "fields", "-e", "nhrp.hdr.op.type")
    kinds = {each.split(",")[0] for each in told}  # an error quotes what it is about
    assert kinds == {*REGISTRATIONS, *RESOLUTIONS, *PURGES, ERROR, INDICATION}
    assert tshark(capture, "-Y", "nhrp && !gre.key") == []
    assert tshark(capture, "-o", "ip.check_checksum:TRUE", "-Y", "ip.checksum.status == 0") == []
    networks = tshark(capture, "-Y", "nhrp.hdr.op.type == 2", "-T", "fields", "-e", "nhrp.prefix")
    assert any(each.split(",")[0] == "24" for each in networks)
