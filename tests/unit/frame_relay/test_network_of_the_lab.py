"""A node that the lab file makes a Frame Relay network."""

from __future__ import annotations

import pytest

from iosemu import LabPlan, SyncLab
from iosemu.lab.errors import LabError

MODULES = {"0/0": "HWIC-2T"}
LINE = "interface Serial0/0/0\n encapsulation frame-relay\n ip address 10.0.0.{} 255.255.255.0\n no shutdown"


def plan(**network: object) -> LabPlan:
    return (
        LabPlan("network")
        .node("NET", "c2811", modules=MODULES, frame_relay=network)
        .node("R1", "c2811", modules=MODULES, config=LINE.format(1))
        .node("R2", "c2811", modules=MODULES, config=LINE.format(2))
        .link("R1:Se0/0/0", "NET:Se0/0/0")
        .link("R2:Se0/0/0", "NET:Se0/0/1")
    )


def test_it_clocks_its_lines_and_passes_on_its_circuits() -> None:
    with SyncLab(
        plan(circuits=[["Se0/0/0:102", "Se0/0/1:201"]], lmi={"Se0/0/1": "ansi"}, clock=64000)
    ) as lab:
        lab.advance("125s")
        assert "!!!!!" in lab["R1"].cli("ping 10.0.0.2")
        assert "DCE V.35, clock rate 64000" in lab["NET"].cli("show controllers Serial0/0/1")
        assert "LMI TYPE = ANSI" in lab["R2"].cli("show frame-relay lmi")
        lab["R2"].configure(["interface Serial0/0/0", "shutdown"])
        lab.advance("65s")
        assert "PVC STATUS = INACTIVE" in lab["R1"].cli("show frame-relay pvc")


@pytest.mark.parametrize(
    ("network", "fault"),
    [
        ({"circuits": [["Se0/0/0:102", "Se0/0/0"]]}, "is not PORT:DLCI"),
        ({"circuits": [["Se0/0/0:15", "Se0/0/1:201"]]}, "a DLCI from 16 to 1007"),
        ({"circuits": [["Fa0/0:102", "Se0/0/1:201"]]}, "it has no serial port 'Fa0/0'"),
        ({"circuits": [["Se0/0/0:102", "Se0/0/1:201"], ["Se0/0/0:102", "Se0/0/1:202"]]}, "of two circuits"),
        ({"circuits": [["Se0/0/0:102", "Se0/0/1:201"]], "lmi": {"Se9/9": "ansi"}}, "no serial port 'Se9/9'"),
        ({"circuits": []}, "at least 1"),
        ({"circuits": [["Se0/0/0:102", "Se0/0/1:201"]], "lmi": "x25"}, "cisco"),
    ],
)
def test_what_no_network_is_is_refused(network: dict[str, object], fault: str) -> None:
    with pytest.raises(LabError, match=fault):
        plan(**network).topology()


def test_a_switch_passes_on_no_circuits() -> None:
    network = {"circuits": [["Se0/0/0:102", "Se0/0/1:201"]]}
    with pytest.raises(LabError, match="passes on no circuits"):
        LabPlan("none").node("SW", "catalyst-2960-24tt", frame_relay=network).topology()
