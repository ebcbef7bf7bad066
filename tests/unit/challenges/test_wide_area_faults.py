"""The faults that have their place in the lab `wide-area`: each breaks what it is about, and its repair mends it."""

from __future__ import annotations

import asyncio
from functools import cache

import pytest

from iosemu.challenges.catalogue import CATALOGUE, places
from iosemu.challenges.challenge import healthy_lab, topology_of, type_change
from iosemu.challenges.configuration import blocks
from iosemu.challenges.fault import Change
from iosemu.challenges.probe import SEED
from iosemu.lab import assessment
from iosemu.lab.configured import running
from iosemu.lab.image import LabImage
from iosemu.lab.labfile import Topology
from iosemu.lab.snapshot import Snapshot
from iosemu.testing.bench import LabBench

GATEWAY, ADDRESS, EIGRP, BGP, VPN = 1, 2, 3, 4, 5
"""The checks of the lab."""
ROUNDS: dict[tuple[tuple[str, str], ...], set[int]] = {
    (("hsrp-address", "G1"), ("dhcp-relay", "B"), ("eigrp-passive", "G1")): {GATEWAY, ADDRESS, EIGRP},
    (("hsrp-priority", "G1"), ("dhcp-excluded", "C"), ("eigrp-weights", "G2")): {GATEWAY, ADDRESS, EIGRP},
    (("bgp-system", "P"), ("hsrp-key", "G2")): {GATEWAY, ADDRESS, EIGRP, BGP, VPN},
    (("bgp-neighbor", "B"),): {ADDRESS, EIGRP, BGP, VPN},
    (("bgp-network", "C"),): {ADDRESS, EIGRP, BGP, VPN},
    (("ikev2-key", "B"),): {ADDRESS, EIGRP, VPN},
    (("ikev2-group", "C"),): {ADDRESS, EIGRP, VPN},
    (("ikev2-encryption", "B"),): {ADDRESS, EIGRP, VPN},
    (("ikev2-identity", "B"),): {ADDRESS, EIGRP, VPN},
    (("tunnel-protection", "B"),): {ADDRESS, EIGRP, VPN},
    (("tunnel-destination", "C"), ("hsrp-key", "G1")): {GATEWAY, ADDRESS, EIGRP, VPN},
    (("eigrp-network", "C"), ("eigrp-number", "G1")): {EIGRP},
}
"""Faults that are put in together, and the checks that do not hold then."""
HERE = {name for each in ROUNDS for name, _ in each}


class Ground:
    """The lab as its author made it."""

    def __init__(self) -> None:
        self.topology: Topology = topology_of("wide-area")
        self.bench = LabBench(direct=True)
        healthy = asyncio.run(healthy_lab(self.topology, self.bench))
        self.image: LabImage = healthy.image
        self.places = places(healthy)
        self.snapshot: Snapshot = healthy.lab.snapshot()

    def change(self, name: str, device: str) -> Change:
        return next(each for each in self.places[name] if each.device == device)


@cache
def ground() -> Ground:
    return Ground()


async def failing(topology: Topology, image: LabImage) -> set[int]:
    """The checks that do not hold once the lab has come up with these configurations."""
    bench = LabBench(direct=True)
    await bench.put(image.build(topology, seed=SEED))
    try:
        await bench.advance(20)
        return {mark.number for mark in assessment.marks(bench.lab) if not mark.holds}
    finally:
        await bench.close()


async def spoil_and_repair(here: Ground, changes: list[Change]) -> tuple[LabImage, LabImage]:
    await here.bench.reset(here.snapshot)
    for change in changes:
        await type_change(here.bench, change.device, change.spoil)
    spoilt = LabImage.of(here.bench.lab)
    for change in reversed(changes):
        await type_change(here.bench, change.device, change.repair)
    return spoilt, LabImage.of(here.bench.lab)


def test_all_is_well_at_first() -> None:
    here = ground()

    async def marks() -> set[int]:
        await here.bench.reset(here.snapshot)
        await here.bench.advance(20)
        return {mark.number for mark in assessment.marks(here.bench.lab) if not mark.holds}

    assert asyncio.run(marks()) == set()


@pytest.mark.parametrize("faults", ROUNDS, ids=lambda each: "+".join(name for name, _ in each))
def test_faults_break_what_they_are_about_and_their_repair_mends_it(
    faults: tuple[tuple[str, str], ...],
) -> None:
    here = ground()
    spoilt, repaired = asyncio.run(spoil_and_repair(here, [here.change(*each) for each in faults]))
    assert asyncio.run(failing(here.topology, spoilt)) == ROUNDS[faults]
    for name, text in here.image.configurations.items():
        assert blocks(repaired.configurations[name]) == blocks(text)


def test_every_other_place_of_these_faults_takes_its_lines_and_those_that_mend_it() -> None:
    here = ground()
    typed = [
        here.change(*each) for faults in ROUNDS for each in faults
    ]  # in the rounds above, and taken back

    def lines(device: str) -> object:
        return blocks("\n".join(running(here.bench.lab, here.bench.lab[device])))

    async def try_all() -> None:
        await here.bench.reset(here.snapshot)
        for name in sorted(HERE):
            for change in here.places[name]:
                if change in typed:
                    continue
                before = lines(change.device)
                await type_change(here.bench, change.device, change.spoil)
                assert lines(change.device) != before
                await type_change(here.bench, change.device, change.repair)
                assert lines(change.device) == before

    asyncio.run(try_all())
    assert set(CATALOGUE) > HERE
