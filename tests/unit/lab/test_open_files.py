"""A lab has a port for each device, and the usual limit of open files is soon reached."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from iosemu.lab.lab import Lab
from iosemu.lab.ssh_service import serve
from iosemu.server.hostkeys import temporary_keys


@pytest.fixture
def few_files() -> Iterator[int]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    few = max(int(each.name) for each in Path("/proc/self/fd").iterdir()) + 4
    resource.setrlimit(resource.RLIMIT_NOFILE, (few, hard))
    yield few
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_a_lab_raises_the_limit_to_what_its_ports_need(few_files: int) -> None:
    lab = Lab.load("ipsec-vpn", seed=1)
    lab.boot(settle=1)
    async with serve(lab, base_port=0, keys=temporary_keys()) as serving:
        assert len(serving.ports) == len(lab.devices) > 4
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > few_files
