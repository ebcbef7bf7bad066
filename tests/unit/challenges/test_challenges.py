"""Challenges: the same seed the same fault, every fault is seen and can be repaired, and a grade that is earned."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from functools import cache
from pathlib import Path

import pytest
from test_wide_area_faults import HERE
from typer.testing import CliRunner

from iosemu.challenges import grade as judge
from iosemu.challenges.catalogue import CATALOGUE, places
from iosemu.challenges.challenge import (
    DEGREES,
    Challenge,
    create,
    healthy_lab,
    image_with,
    load,
    topology_of,
    type_change,
    write,
)
from iosemu.challenges.cli import app
from iosemu.challenges.configuration import blocks
from iosemu.challenges.fault import Change
from iosemu.challenges.probe import Behaviour, observe
from iosemu.lab.errors import LabError
from iosemu.lab.image import LabImage
from iosemu.lab.labfile import Topology
from iosemu.lab.snapshot import Snapshot
from iosemu.testing.bench import LabBench

SMALL, LARGE = "ipsec-vpn", "enterprise"


class Ground:
    """A healthy lab on a bench, with what it does."""

    def __init__(self, lab: str) -> None:
        self.topology: Topology = topology_of(lab)
        self.bench = LabBench(direct=True)
        healthy = asyncio.run(healthy_lab(self.topology, self.bench))
        self.image: LabImage = healthy.image
        self.places = places(healthy)
        self.snapshot: Snapshot = healthy.lab.snapshot()
        self.behaviour: Behaviour = asyncio.run(observe(self.topology, self.image))

    async def spoil_and_repair(self, change: Change) -> tuple[LabImage, LabImage]:
        await self.bench.reset(self.snapshot)
        await type_change(self.bench, change.device, change.spoil)
        spoilt = LabImage.of(self.bench.lab)
        await type_change(self.bench, change.device, change.repair)
        return spoilt, LabImage.of(self.bench.lab)


@cache
def ground(lab: str) -> Ground:
    return Ground(lab)


def same(one: LabImage, other: LabImage) -> bool:
    """The same lines; comments tell who changed something last."""
    return all(
        blocks(one.configurations[name]) == blocks(other.configurations[name]) for name in one.configurations
    )


@pytest.mark.parametrize("name", [name for name in CATALOGUE if name not in HERE])
def test_a_fault_is_seen_and_its_repair_makes_all_well(name: str) -> None:
    """In the smaller of the labs in which it has a place."""
    here = ground(SMALL) if name in ground(SMALL).places and name != "duplex" else ground(LARGE)
    for change in here.places[name]:
        spoilt, repaired = asyncio.run(here.spoil_and_repair(change))
        lacking = asyncio.run(observe(here.topology, spoilt)).lacks(here.behaviour)
        if not lacking:
            continue  # where nobody notices it, no challenge is made of it
        if not same(repaired, here.image):
            assert asyncio.run(observe(here.topology, repaired)).lacks(here.behaviour) == []
        return
    pytest.fail(f"{name} is seen nowhere")


def test_what_a_lab_does_is_the_same_each_time_and_not_nothing() -> None:
    here = ground(SMALL)
    again = asyncio.run(observe(here.topology, here.image))
    assert again == here.behaviour
    assert any(again.reached.values())
    assert again.protected


def test_the_checks_of_the_enterprise_hold() -> None:
    behaviour = ground(LARGE).behaviour
    assert behaviour.checks
    assert all(behaviour.checks.values())
    assert not all(behaviour.reached.values())  # visitors are kept out


# --- seeds ------------------------------------------------------------------------------------------------


@cache
def made(seed: int | str, *only: str, faults: int = 1) -> tuple[Challenge, Topology, LabImage]:
    return asyncio.run(create(SMALL, seed=seed, only=only, faults=faults))


def test_the_same_seed_makes_the_same_challenge_and_others_differ() -> None:
    first, _, image = made(7)
    second, _, again = made("7")
    assert first.spoilt == second.spoilt
    assert first.symptoms == second.symptoms
    assert all(
        blocks(image.configurations[name]) == blocks(again.configurations[name])
        for name in image.configurations
    )
    assert len({made(seed)[0].spoilt[0] for seed in (1,)} | {first.spoilt[0]}) > 1


def test_several_faults_are_in_different_places_and_each_adds_a_symptom() -> None:
    challenge, _, _ = made(3, "isakmp-key", "shutdown-port", faults=2)
    assert {each.fault for each in challenge.spoilt} == {"isakmp-key", "shutdown-port"}
    with pytest.raises(LabError, match="no place for 1 faults of the kinds ospf-area"):
        made(1, "ospf-area")
    with pytest.raises(LabError, match="isakmp-key"):
        made(1, "no-such-fault")


def test_hints_go_from_what_fails_to_what_repairs_it() -> None:
    challenge, _, _ = made(7, "isakmp-key")
    degrees = ["\n".join(challenge.hint(degree)) for degree in range(1, DEGREES + 1)]
    truth = challenge.spoilt[0].change
    assert "cannot reach" in degrees[0]
    assert "VPN" in degrees[1]
    assert truth.device not in degrees[1]
    assert truth.device in degrees[2]
    assert all(line not in degrees[2] for line in truth.repair)
    assert all(line in degrees[3] for line in truth.repair)
    assert "VPN" in challenge.hint(2, "ja")[0]


# --- grading ----------------------------------------------------------------------------------------------


def graded(challenge: Challenge, image: LabImage, *answers: judge.Answer) -> judge.Verdict:
    return asyncio.run(judge.grade(challenge, image, list(answers)))


def test_the_spoilt_lab_fails_the_stated_repair_passes_and_so_does_another_one() -> None:
    challenge, topology, image = made(7, "isakmp-key")
    (spoilt,) = challenge.spoilt
    assert not graded(challenge, image).passed
    assert graded(challenge, image).score == 0
    repair = [(spoilt.change.device, spoilt.change.repair)]
    assert graded(challenge, asyncio.run(image_with(topology, image, repair))).passed
    other = "R-B" if spoilt.change.device == "R-A" else "R-A"  # whose key is made as wrong as the first one
    peer = {"R-A": "10.0.10.20", "R-B": "10.0.10.10"}[other]
    right, wrong = (f"crypto isakmp key {key} address {peer}" for key in ("TEST1", "TEST1X"))
    verdict = graded(challenge, asyncio.run(image_with(topology, image, [(other, [f"no {right}", wrong])])))
    assert (verdict.passed, verdict.score, verdict.broken) == (True, 100, [])


def test_who_lets_it_pass_in_clear_text_or_breaks_something_else_does_not_pass() -> None:
    challenge, topology, image = made(7, "isakmp-key")
    clear = [(name, ["interface FastEthernet0/0", "no crypto map"]) for name in ("R-A", "R-B")]
    verdict = graded(challenge, asyncio.run(image_with(topology, image, clear)))
    assert not verdict.passed
    assert verdict.better
    assert all(each.startswith("not encrypted") for each in verdict.lacking)
    (spoilt,) = challenge.spoilt
    both = [(spoilt.change.device, spoilt.change.repair), ("SW-2", ["interface FastEthernet0/1", "shutdown"])]
    verdict = graded(challenge, asyncio.run(image_with(topology, image, both)))
    assert not verdict.passed
    assert any("SV-B" in each for each in verdict.broken)


def test_an_answer_names_device_and_cause() -> None:
    challenge, _, image = made(7, "isakmp-key")
    device = challenge.spoilt[0].change.device
    right, half, wrong, elsewhere = (
        judge.Answer(device.lower(), "isakmp-key"), judge.Answer("", "isakmp-key"), judge.Answer(device, "vpn-peer"),
        judge.Answer("SW-1", "isakmp-key"),
    )  # fmt: skip
    assert graded(challenge, image, right, half, wrong, elsewhere, judge.Answer()).named == [
        True, True, False, False, False,
    ]  # fmt: skip
    with pytest.raises(LabError, match="no fault 'gremlins'"):
        graded(challenge, image, judge.Answer(device, "gremlins"))


def test_a_cable_that_is_cut_and_a_device_without_power_count() -> None:
    challenge, topology, image = made(7, "isakmp-key")
    (spoilt,) = challenge.spoilt
    repaired = asyncio.run(image_with(topology, image, [(spoilt.change.device, spoilt.change.repair)]))
    repaired.wires[0].plugged = False
    assert not graded(challenge, repaired).passed
    repaired.wires[0].plugged = True
    repaired.off = ["SV-B"]
    assert not graded(challenge, repaired).passed
    repaired.off = []
    again = LabImage.read(json.loads(json.dumps(asdict(repaired))))
    assert graded(challenge, again).passed


# --- files and the command line ---------------------------------------------------------------------------


def test_a_challenge_is_written_read_and_is_a_lab(tmp_path: Path) -> None:
    challenge, topology, image = made(7)
    path = write(tmp_path / "one", challenge, topology, image)
    assert load(tmp_path / "one") == challenge
    again = topology_of(str(path))
    assert again.lab.name == "ipsec-vpn-challenge-7"
    assert {name: again.config_text(name) for name in again.lab.nodes} == image.configurations
    assert challenge.spoilt[0].fault not in (tmp_path / "one" / "challenge.json").read_text()
    with pytest.raises(LabError, match="not empty"):
        write(tmp_path / "one", challenge, topology, image)
    with pytest.raises(LabError, match="no challenge"):
        load(tmp_path)
    for text in ("", "[]", "{}", '{"format": 1}', '{"format": 9}', '{"format": 1, "sealed": "x"}'):
        with pytest.raises(LabError, match="challenge"):
            Challenge.read(text)


def test_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = CliRunner()

    def typed(line: str) -> tuple[int, str]:
        result = run.invoke(app, ["challenge", *line.split()])
        return result.exit_code, result.output + str(result.exception or "")

    assert "isakmp-key" in typed("list")[1]
    assert "事前共有鍵" in typed("list --language ja")[1]
    assert "ospf-area" not in typed("list ipsec-vpn")[1]
    status, text = typed("new ipsec-vpn --seed 7 --fault vpn-peer")
    assert (status, "iosemu up ipsec-vpn-challenge-7/lab.yaml" in text) == (0, True)
    folder = "ipsec-vpn-challenge-7"
    assert "cannot reach" in typed(f"hint {folder}")[1]
    assert "is not running" in typed(f"grade {folder}")[1]
    (spoilt,) = load(tmp_path / folder).spoilt
    (tmp_path / "mine").mkdir()
    good = tmp_path / folder / f"{spoilt.change.device}.cfg"
    mine = tmp_path / "mine" / good.name
    mine.write_text(good.read_text())
    status, text = typed(f"grade {folder} --configs mine")
    assert (status, "Not repaired yet" in text) == (1, True)
    mine.write_text(good.read_text().replace(spoilt.change.spoil[2], spoilt.change.repair[2]))
    status, text = typed(f"grade {folder} --configs mine --device {spoilt.change.device} --cause vpn-peer")
    assert (status, "100 of 100 points" in text, "that is it" in text) == (0, True, True)
    status, text = typed(f"grade {folder} --configs mine --cause isakmp-key --json")
    assert status == 1
    assert json.loads(text[: text.rindex("}") + 1])["passed"]
    for line in ("new ipsec-vpn --seed a/b", "hint nowhere", f"grade {folder} --configs nowhere", "list --language fr",
                 "new no-such-lab --seed 1", f"grade {folder} --configs mine --cause gremlins"):  # fmt: skip
        status, text = typed(line)
        assert status == 1, line
        assert "Traceback" not in text
