"""Linux on both sides of a router with zones: TCP with loss, and curl and vsftpd, whose data goes where they say."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from namespace_lab import Namespace, lacking, run, until

from iosemu.lab.lab import Lab
from iosemu.lab.ssh_service import serve
from iosemu.subjects.firewall.service.zones import ZoneFirewall

REASON = lacking("ip", "ss", "curl", "vsftpd")
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)
SIZE = 1_500_000
ROUTER = """hostname R1
class-map type inspect match-any OUT
 match protocol {protocol}
policy-map type inspect OUT
 class type inspect OUT
  inspect
zone security inside
zone security outside
zone-pair security OUT source inside destination outside
 service-policy type inspect OUT
interface FastEthernet0/0
 ip address 192.168.7.1 255.255.255.0
 zone-member security inside
 no shutdown
interface FastEthernet0/1
 ip address 192.168.8.1 255.255.255.0
 zone-member security outside
 no shutdown
end
"""
_SERVE = """
import socket, sys
l = socket.create_server(("192.168.8.2", 7000))
print("ready", flush=True)
s, _ = l.accept()
got = bytearray()
while data := s.recv(65536):
    got += data
s.sendall(got[::-1])
s.close()
"""
_ASK = """
import socket, sys
s = socket.create_connection(("192.168.8.2", 7000), timeout=120)
s.sendall(sys.stdin.buffer.read())
s.shutdown(socket.SHUT_WR)
while data := s.recv(65536):
    sys.stdout.buffer.write(data)
"""
_KNOCK = """
import socket
try:
    socket.create_connection(("192.168.7.2", 22), timeout=3)
except TimeoutError:
    print("no answer")
"""


@contextlib.asynccontextmanager
async def between(directory: Path, protocol: str) -> AsyncIterator[tuple[Lab, Namespace, Namespace]]:
    """R1 with a namespace in the zone `inside` and one in the zone `outside`."""
    names = [f"iof{os.getpid()}{side}" for side in "io"]
    (directory / "R1.cfg").write_text(ROUTER.format(protocol=protocol))
    (directory / "lab.yaml").write_text(f"""name: zones
nodes:
  R1: {{model: c2811, image: "15.1", config: R1.cfg}}
links:
  - endpoints: ["R1:Fa0/0", "tap:{names[0]}"]
  - endpoints: ["R1:Fa0/1", "tap:{names[1]}"]
""")
    lab = Lab.load(directory / "lab.yaml", time="real")
    lab.boot()
    spaces = [Namespace(name, f"192.168.{net}.2") for name, net in zip(names, (7, 8), strict=True)]
    try:
        async with serve(lab, base_port=0):
            for space in spaces:
                assert not run("ip", "netns", "add", space.name).returncode
                assert not run("ip", "link", "set", space.name, "netns", space.name).returncode
                space.run("ip", "link", "set", "lo", "up")
                space.run("ip", "address", "add", f"{space.address}/24", "dev", space.name)
                space.run("ip", "link", "set", space.name, "up")
                gateway = space.address[:-1] + "1"
                assert not space.run("ip", "route", "add", "default", "via", gateway).returncode
            yield lab, spaces[0], spaces[1]
    finally:
        for space in spaces:
            space.end()
            run("ip", "netns", "del", space.name)


async def test_tcp_of_linux_passes_with_loss_and_windows_that_are_scaled(tmp_path: Path) -> None:
    async with between(tmp_path, "tcp") as (lab, inside, outside):
        lab.links[0].impair(loss=0.01, reorder=0.01, delay=0.001)
        log = tmp_path / "server.log"
        outside.start(sys.executable, "-c", _SERVE, log=log)
        await until(lambda: "ready" in log.read_text())
        data = random.Random(1).randbytes(SIZE)
        process = await asyncio.create_subprocess_exec(
            *("ip", "netns", "exec", inside.name, sys.executable, "-c", _ASK),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        answer, _ = await asyncio.wait_for(process.communicate(data), 300)
        assert answer == data[::-1]
        states = [
            state
            for state in lab["R1"].service(ZoneFirewall).classes.values()
            if state.group.statistics.created
        ]
        (state,) = states
        assert state.group.statistics.out_of_order > 0
        assert state.group.statistics.dropped == 0
        assert await outside.ask(sys.executable, "-c", _KNOCK) == "no answer\n"


async def test_curl_and_vsftpd_open_their_data_connections(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    root = Path(tempfile.mkdtemp(prefix="iosemu-ftp"))  # where others than this user may look
    root.chmod(0o755)
    request.addfinalizer(lambda: shutil.rmtree(root))
    served, empty = root / "served", root / "empty"
    for directory in (served, empty):
        directory.mkdir(mode=0o755)
    (served / "page.txt").write_text("what is served\n" * 1000)
    settings = root / "vsftpd.conf"
    settings.write_text(
        "listen=YES\nbackground=NO\nanonymous_enable=YES\nlocal_enable=NO\nseccomp_sandbox=NO\n"
        f"anon_root={served}\nsecure_chroot_dir={empty}\nlisten_address=192.168.8.2\nconnect_from_port_20=YES\n"
    )
    async with between(tmp_path, "ftp") as (lab, inside, outside):
        outside.start("vsftpd", str(settings), log=tmp_path / "vsftpd.log")
        await until(lambda: ":21 " in outside.run("ss", "-ltn").stdout)
        for way in (("--ftp-port", "-"), ("--disable-epsv",), ("--disable-eprt", "--ftp-port", "-"), ()):
            command = ("curl", "-sS", "--max-time", "30", *way, "ftp://192.168.8.2/page.txt")
            assert await inside.ask(*command) == "what is served\n" * 1000, way
        inspected = [
            state.group.statistics.packets for state in lab["R1"].service(ZoneFirewall).classes.values()
        ]
        assert {"ftp", "ftp-data"} == set().union(*inspected)
