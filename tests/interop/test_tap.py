"""A TAP device of this machine, in a network namespace of its own, is a host of the lab."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from iosemu.lab.lab import Lab
from iosemu.lab.ssh_service import serve


def ip(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)


def missing() -> str:
    if shutil.which("ip") is None or shutil.which("ping") is None:
        return "ip or ping is not installed (iproute2, iputils-ping)"
    name = f"iosemu-tap-{os.getpid()}"
    tried = ip("netns", "add", name)
    if not tried.returncode:
        tried = ip("netns", "exec", name, "ip", "tuntap", "add", "dev", "try0", "mode", "tap")
        ip("netns", "del", name)
    return f"namespaces or TAP devices are not permitted: {tried.stderr.strip()}" if tried.returncode else ""


REASON = missing()


@pytest.mark.skipif(bool(REASON), reason=REASON)
async def test_the_machine_pings_into_the_lab_through_a_switch(tmp_path: Path) -> None:
    tap = name = f"iot{os.getpid()}"
    (tmp_path / "PC-A.cfg").write_text("ipconfig 192.168.1.1 255.255.255.0\n")
    (tmp_path / "lab.yaml").write_text(f"""name: tap
nodes:
  PC-A: {{model: pc, config: PC-A.cfg}}
  SW-1: {{model: catalyst-2960-24tt}}
links:
  - endpoints: ["PC-A:Fa0", "SW-1:Fa0/1"]
  - endpoints: ["SW-1:Fa0/2", "tap:{tap}"]
""")
    lab = Lab.load(tmp_path / "lab.yaml", time="real")
    lab.boot()
    assert not ip("netns", "add", name).returncode
    try:
        async with serve(lab, base_port=0):
            for command in (
                ("link", "set", tap, "netns", name),
                ("-n", name, "address", "add", "192.168.1.9/24", "dev", tap),
                ("-n", name, "link", "set", tap, "up"),
            ):
                assert ip(*command).stderr == ""
            ping = ("netns", "exec", name, "ping", "-c", "3", "-i", "0.2", "-W", "3", "192.168.1.1")
            said = (await asyncio.to_thread(ip, *ping)).stdout
        assert " 0% packet loss" in said
        assert lab.outsides[0].received > 3
    finally:
        ip("netns", "del", name)
