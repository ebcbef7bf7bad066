"""tshark reads the EAPOL and RADIUS of a lab, and calls none of it malformed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from iosemu.testing.synchronous import SyncLab

TSHARK = shutil.which("tshark")
pytestmark = pytest.mark.skipif(TSHARK is None, reason="tshark is not installed")
LAB = Path(__file__).parents[1] / "transcripts" / "dot1x" / "lab.yaml"


def tshark(capture: Path, *options: str) -> list[str]:
    command = [str(TSHARK), "-r", str(capture), *options]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def test_a_client_that_proves_itself_is_well_formed(tmp_path: Path) -> None:
    with SyncLab(LAB) as lab:
        lab["SW1"].cli("ping 10.0.0.101")
        lab.advance("60s")
        recorded = lab.capture()
        lab["SW1"].configure(
            ["dot1x system-auth-control", "interface FastEthernet0/1", "dot1x pae authenticator",
             "authentication port-control auto"]
        )  # fmt: skip
        lab.advance("10s")
        lab["PC1"].cli("dot1x logoff")
        lab.advance("1s")
        capture = tmp_path / "dot1x.pcapng"
        capture.write_bytes(recorded.pcapng)
    assert tshark(capture, "-Y", "_ws.malformed && (eapol || radius)") == []
    told = tshark(capture, "-Y", "eap && eapol", "-T", "fields", "-e", "eap.code", "-e", "eap.type")
    heard = {line.replace("\t", " ").strip() for line in told}
    assert {"1 1", "2 1", "1 4", "2 4", "3"} <= heard, heard
    assert set(tshark(capture, "-Y", "eapol", "-T", "fields", "-e", "eth.dst")) == {"01:80:c2:00:00:03"}
    assert tshark(capture, "-Y", "eapol.type == 2"), "a logoff"
    secret = ("-o", "radius.shared_secret:r4dius", "-o", "radius.validate_authenticator:TRUE")
    codes = set(tshark(capture, *secret, "-Y", "radius", "-T", "fields", "-e", "radius.code"))
    assert codes == {"1", "11", "2"}
    assert not [
        line for line in tshark(capture, *secret, "-V", "-Y", "radius") if "incorrect" in line.lower()
    ]
    groups = tshark(capture, "-Y", "radius.code == 2", "-T", "fields", "-e", "radius.Tunnel_Private_Group_Id")
    assert groups == ["20"]
