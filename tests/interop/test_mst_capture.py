"""tshark reads the MST BPDUs of a lab as those of a Catalyst, and the PVST+ that a region's boundary sends."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from iosemu.testing.synchronous import SyncLab

TSHARK = shutil.which("tshark")
pytestmark = pytest.mark.skipif(TSHARK is None, reason="tshark is not installed")
LAB = Path(__file__).parents[1] / "transcripts" / "spanning_tree" / "mst" / "lab.yaml"


def tshark(capture: Path, *options: str) -> list[str]:
    command = [str(TSHARK), "-r", str(capture), *options]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def fields(capture: Path, query: str, *names: str) -> set[str]:
    wanted = [option for name in names for option in ("-e", name)]
    return {line.replace(":", "") for line in tshark(capture, "-Y", query, "-T", "fields", *wanted)}


def test_what_a_region_sends_is_well_formed(tmp_path: Path) -> None:
    with SyncLab(LAB) as lab:
        recorded = lab.capture()
        lab.advance("30s")
        lab["SW4"].configure(["vlan 20", "interface Fa0/1", "switchport mode trunk"])
        lab["SW3"].configure(["interface Fa0/4", "switchport mode trunk"])
        lab.advance("30s")
        capture = tmp_path / "mst.pcapng"
        capture.write_bytes(recorded.pcapng)
    assert tshark(capture, "-Y", "_ws.malformed") == []
    assert fields(
        capture, "stp.version == 3", "mstp.config_name", "mstp.config_revision_level", "mstp.config_digest"
    ) == {"CAMPUS\t3\tc5b37690daecbae8088a4457abc8c3d7"}
    assert fields(capture, "stp.version == 3", "mstp.version_3_length") <= {
        "64",
        "80",
        "96",
    }  # access ports are in fewer
    assert fields(capture, "stp.version == 3", "mstp.msti.msti_id") >= {"1,2"}
    hops = fields(
        capture, "stp.version == 3", "mstp.cist_remaining_hops", "mstp.cist_internal_root_path_cost"
    )
    assert {"20\t0", "19\t200000"} <= hops
    simulated = fields(
        capture, "stp && stp.pvst.origvlan && stp.root.prio == 24576", "stp.pvst.origvlan", "stp.version"
    )
    assert {"1\t2", "10\t2", "20\t2"} <= simulated
