"""A challenge is graded where it runs: what its console exports is what counts."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from iosemu.challenges.challenge import create, write
from iosemu.challenges.cli import app
from iosemu.lab.lab import Lab
from iosemu.lab.ssh_service import serve
from iosemu.server.hostkeys import temporary_keys
from iosemu.testing.bench import LabBench


async def test_the_running_lab_is_graded_before_and_after_the_repair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IOSEMU_STATE", str(tmp_path / "state"))
    challenge, topology, image = await create("ipsec-vpn", seed=7, only=["isakmp-key"])
    path = write(tmp_path / "one", challenge, topology, image)
    (spoilt,) = challenge.spoilt

    async def grade() -> tuple[int, str]:
        line = ["challenge", "grade", str(path.parent), "--device", spoilt.change.device]
        result = await asyncio.to_thread(CliRunner().invoke, app, line)
        return result.exit_code, result.output

    lab = Lab.load(path, time="fast")
    lab.boot()
    async with serve(lab, base_port=0, keys=temporary_keys(), announce=True):
        status, text = await grade()
        assert (status, "Not repaired yet" in text, "that is it" in text) == (1, True, True)
        bench = LabBench(direct=True)
        bench._lab = lab
        for line in ("configure terminal", *spoilt.change.repair, "end"):
            await bench.run(spoilt.change.device, line)
        status, text = await grade()
        assert (status, "100 of 100 points" in text) == (0, True)
        lab.links[0].plugged = False
        status, text = await grade()
        assert (status, "! was well before" in text) == (1, True)
