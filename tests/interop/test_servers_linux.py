"""A router of the lab and real servers in a namespace: FreeRADIUS has its users, tftpd-hpa and vsftpd have files."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import asyncssh
import pytest

from iosemu.lab.lab import Lab
from iosemu.lab.ssh_service import serve

NAME = f"ios{os.getpid()}"
"""Of the namespace and of its end of the cable."""
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
PATIENCE = 60
SERVER = "192.168.7.1"

RADIUSD = """prefix = /usr
libdir = /usr/lib/freeradius
logdir = {d}
raddbdir = {d}
run_dir = {d}
pidfile = {d}/pid
correct_escapes = true
max_request_time = 30
cleanup_delay = 5
security {{
  max_attributes = 200
  reject_delay = 0
  status_server = no
}}
thread pool {{
  start_servers = 1
  max_servers = 4
  min_spare_servers = 1
  max_spare_servers = 1
  max_requests_per_server = 0
}}
modules {{
  pap {{
  }}
  files {{
    filename = {d}/users
  }}
  detail {{
    filename = {d}/detail
    permissions = 0644
  }}
}}
client lab {{
  ipaddr = 192.168.7.0/24
  secret = r4dius
}}
server default {{
  listen {{
    type = auth
    ipaddr = 192.168.7.1
    port = 1812
  }}
  listen {{
    type = acct
    ipaddr = 192.168.7.1
    port = 1813
  }}
  authorize {{
    files
    pap
  }}
  authenticate {{
    Auth-Type PAP {{
      pap
    }}
  }}
  accounting {{
    detail
  }}
}}
"""
USERS = """alice Cleartext-Password := "wonder"
  Service-Type = NAS-Prompt-User,
  Cisco-AVPair = "shell:priv-lvl=15"

carol Cleartext-Password := "christmas"
  Service-Type = NAS-Prompt-User

$enab15$ Cleartext-Password := "opensesame"
"""


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "PATH": PATH}
    )


def inside(*command: str) -> subprocess.CompletedProcess[str]:
    return run("ip", "netns", "exec", NAME, *command)


def missing() -> str:
    for program in ("ip", "freeradius", "in.tftpd", "vsftpd"):
        if shutil.which(program, path=PATH) is None:
            return f"{program} is not installed (iproute2, freeradius, tftpd-hpa, vsftpd)"
    tried = run("ip", "netns", "add", f"{NAME}t")
    if not tried.returncode:
        tried = run("ip", "netns", "exec", f"{NAME}t", "ip", "tuntap", "add", "dev", "try0", "mode", "tap")
        run("ip", "netns", "del", f"{NAME}t")
    return f"namespaces or TAP devices are not permitted: {tried.stderr.strip()}" if tried.returncode else ""


REASON = missing()
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)


@contextlib.contextmanager
def daemon(*command: str) -> Iterator[None]:
    """A program in the namespace, until the end."""
    process = subprocess.Popen(
        ["ip", "netns", "exec", NAME, *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PATH": PATH},
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


@contextlib.asynccontextmanager
async def joined(directory: Path, router: str) -> AsyncIterator[tuple[Lab, int]]:
    """R1 on a cable to the namespace, and its SSH port."""
    (directory / "R1.cfg").write_text(
        "hostname R1\nlogging buffered 8192\nusername local privilege 15 secret fallback\n"
        "interface FastEthernet0/0\n ip address 192.168.7.2 255.255.255.0\n no shutdown\n"
        f"{router}\nend\n"
    )
    (directory / "lab.yaml").write_text(f"""name: servers-linux
nodes:
  R1: {{model: c2811, image: "15.1", config: R1.cfg}}
links:
  - endpoints: ["R1:Fa0/0", "tap:{NAME}"]
""")
    lab = Lab.load(directory / "lab.yaml", time="real")
    lab.boot()
    assert not run("ip", "netns", "add", NAME).returncode
    try:
        async with serve(lab, base_port=0) as serving:
            assert not run("ip", "link", "set", NAME, "netns", NAME).returncode
            inside("ip", "link", "set", "lo", "up")
            inside("ip", "address", "add", f"{SERVER}/24", "dev", NAME)
            assert not inside("ip", "link", "set", NAME, "up").returncode
            yield lab, serving.ports["R1"]
    finally:
        run("ip", "netns", "del", NAME)


async def until(reached: Callable[[], bool]) -> None:
    """Wait for what comes from outside, of which no event tells."""
    async with asyncio.timeout(PATIENCE):
        while not reached():
            await asyncio.to_thread(inside, "sleep", "0.1")


async def typed(lab: Lab, *lines: str) -> str:
    """What R1 prints when these lines are typed at privilege 15."""
    session = lab.session("R1", hidden=True, pty=False)
    assert session is not None
    lab.clock.watch(session)
    try:
        session.start()
        for line in lines:
            session.receive(line.encode() + b"\r")
            await until(lambda: not session.waiting and not session.busy)
        return session.output().decode()
    finally:
        lab.clock.unwatch(session)
        session.disconnect()


async def test_freeradius_lets_in_whom_it_knows(tmp_path: Path) -> None:
    directory = tmp_path / "raddb"
    directory.mkdir()
    (directory / "radiusd.conf").write_text(RADIUSD.format(d=directory))
    (directory / "users").write_text(USERS)
    (directory / "dictionary").write_text("$INCLUDE /usr/share/freeradius/dictionary\n")
    router = (
        f"aaa new-model\nradius-server host {SERVER} auth-port 1812 acct-port 1813 timeout 5 key r4dius\n"
        "aaa authentication login default group radius local\n"
        "aaa authentication enable default group radius enable\n"
        "aaa authorization exec default group radius local\n"
        "aaa accounting exec default start-stop group radius\n"
    )
    async with joined(tmp_path, router) as (lab, port):
        with daemon("freeradius", "-d", str(directory), "-f", "-l", str(directory / "log")):
            await until(lambda: ":1812" in inside("ss", "-lun").stdout)
            shown = await typed(
                lab, "test aaa group radius alice wonder legacy", "test aaa group radius alice wrong legacy"
            )
            assert "User was successfully authenticated." in shown
            assert "User authentication request was rejected by server." in shown
            options = {"known_hosts": None, "client_keys": None, "config": None}
            async with asyncssh.connect(
                "127.0.0.1", port, username="alice", password="wonder", **options
            ) as connection:
                told = await connection.run("show privilege")
                assert "Current privilege level is 15" in str(told.stdout)
            async with asyncssh.connect(
                "127.0.0.1", port, username="carol", password="christmas", **options
            ) as connection:
                told = await connection.run("show privilege")
                assert "Current privilege level is 1\n" in str(told.stdout).replace("\r", "")
            with pytest.raises(asyncssh.PermissionDenied):
                await asyncssh.connect("127.0.0.1", port, username="local", password="fallback", **options)
            detail = directory / "detail"
            await until(lambda: detail.exists() and detail.read_text().count("Acct-Status-Type = Stop") >= 2)
            assert 'User-Name = "alice"' in detail.read_text()


async def test_tftpd_has_files_and_takes_them(tmp_path: Path) -> None:
    served = tmp_path / "served"
    served.mkdir(mode=0o777)
    served.chmod(0o777)
    image = bytes(range(256)) * 300
    (served / "image.bin").write_bytes(image)
    (served / "image.bin").chmod(0o644)
    async with joined(tmp_path, "") as (lab, _port):
        with daemon("in.tftpd", "-L", "-s", "-c", "-u", "root", "-a", f"{SERVER}:69", str(served)):
            await until(lambda: ":69 " in inside("ss", "-lun").stdout)
            shown = await typed(lab, f"copy tftp://{SERVER}/image.bin flash:", "")
            assert f"[OK - {len(image)} bytes]" in shown
            assert lab["R1"].flash["image.bin"] == image
            await typed(lab, "configure terminal", "ip tftp blocksize 1024", "end")
            shown = await typed(lab, f"copy flash:image.bin tftp://{SERVER}/back.bin")
            assert f"{len(image)} bytes copied in" in shown
            assert (served / "back.bin").read_bytes() == image
            shown = await typed(lab, f"copy tftp://{SERVER}/absent flash:", "")
            assert f"%Error opening tftp://{SERVER}/absent (No such file or directory)" in shown


async def test_vsftpd_has_files_and_takes_them(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    root = Path(tempfile.mkdtemp(prefix="iosemu-ftp"))  # where others than this user may look
    root.chmod(0o755)
    request.addfinalizer(lambda: shutil.rmtree(root))
    served, empty = root / "served", root / "empty"
    for directory in (served, empty):
        directory.mkdir(mode=0o755)
    (served / "up").mkdir()
    (served / "up").chmod(0o777)
    image = bytes(range(256)) * 300
    (served / "image.bin").write_bytes(image)
    (served / "image.bin").chmod(0o644)
    settings = tmp_path / "vsftpd.conf"
    settings.write_text(
        "listen=YES\nlisten_ipv6=NO\nbackground=NO\nanonymous_enable=YES\nlocal_enable=NO\nwrite_enable=YES\n"
        f"anon_upload_enable=YES\nanon_umask=022\nanon_root={served}\nsecure_chroot_dir={empty}\n"
        f"listen_address={SERVER}\nseccomp_sandbox=NO\nisolate_network=NO\nxferlog_enable=NO\n"
    )
    async with joined(tmp_path, "") as (lab, _port):
        with daemon("vsftpd", str(settings)):
            await until(lambda: f"{SERVER}:21 " in inside("ss", "-ltn").stdout)
            shown = await typed(lab, f"copy ftp://{SERVER}/image.bin flash:", "")
            assert f"[OK - {len(image)}/4096 bytes]" in shown
            assert lab["R1"].flash["image.bin"] == image
            shown = await typed(lab, f"copy flash:image.bin ftp://{SERVER}/up/back.bin")
            assert f"{len(image)} bytes copied in" in shown
            assert (served / "up" / "back.bin").read_bytes() == image
            shown = await typed(lab, f"copy ftp://{SERVER}/absent flash:", "")
            assert f"%Error opening ftp://{SERVER}/absent (No such file or directory)" in shown
            shown = await typed(lab, f"copy ftp://nobody:wrong@{SERVER}/image.bin flash:other", "")
            assert "(Incorrect Login/Password)" in shown
