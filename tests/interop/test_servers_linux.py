"""A router of the lab and real servers in a namespace: FreeRADIUS has its users, tftpd-hpa and vsftpd have files."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import asyncssh
import pytest
from namespace_lab import beside, dialogue, lacking, until
from radius_daemon import prepare

REASON = lacking("ip", "ss", "freeradius", "in.tftpd", "vsftpd")
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)
SERVER = "192.168.7.2"

RADIUSD = """modules {{
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
    ipaddr = 192.168.7.2
    port = 1812
  }}
  listen {{
    type = acct
    ipaddr = 192.168.7.2
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


async def test_freeradius_lets_in_whom_it_knows(tmp_path: Path) -> None:
    directory = tmp_path / "raddb"
    directory.mkdir()
    prepare(directory, USERS, RADIUSD)
    router = (
        f"aaa new-model\nradius-server host {SERVER} auth-port 1812 acct-port 1813 timeout 5 key r4dius\n"
        "aaa authentication login default group radius local\n"
        "aaa authentication enable default group radius enable\n"
        "aaa authorization exec default group radius local\n"
        "aaa accounting exec default start-stop group radius\n"
        "aaa accounting system default start-stop group radius\n"
    )
    async with beside(tmp_path, "iosr", router) as (lab, namespace, serving):
        port = serving.ports["R1"]
        namespace.start("freeradius", "-d", str(directory), "-X", log=tmp_path / "daemon.log")
        await until(lambda: namespace.listens(1812))
        shown = await dialogue(
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
        await dialogue(lab, "configure terminal", "no aaa accounting system default", "end")
        await until(lambda: "Acct-Status-Type = Accounting-Off" in detail.read_text())


async def test_tftpd_has_files_and_takes_them(tmp_path: Path) -> None:
    served = tmp_path / "served"
    served.mkdir(mode=0o777)
    served.chmod(0o777)
    image = bytes(range(256)) * 300
    (served / "image.bin").write_bytes(image)
    (served / "image.bin").chmod(0o644)
    async with beside(tmp_path, "iost", "") as (lab, namespace, _serving):
        options = ("-L", "-s", "-c", "-u", "root", "-a", f"{SERVER}:69")
        namespace.start("in.tftpd", *options, str(served), log=tmp_path / "daemon.log")
        await until(lambda: namespace.listens(69))
        shown = await dialogue(lab, f"copy tftp://{SERVER}/image.bin flash:", "")
        assert f"[OK - {len(image)} bytes]" in shown
        assert lab["R1"].flash["image.bin"] == image
        await dialogue(lab, "configure terminal", "ip tftp blocksize 1024", "end")
        shown = await dialogue(lab, f"copy flash:image.bin tftp://{SERVER}/back.bin")
        assert f"{len(image)} bytes copied in" in shown
        assert (served / "back.bin").read_bytes() == image
        shown = await dialogue(lab, f"copy tftp://{SERVER}/absent flash:", "")
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
    async with beside(tmp_path, "iosv", "") as (lab, namespace, _serving):
        namespace.start("vsftpd", str(settings), log=tmp_path / "daemon.log")
        await until(lambda: f"{SERVER}:21 " in namespace.run("ss", "-ltn").stdout)
        shown = await dialogue(lab, f"copy ftp://{SERVER}/image.bin flash:", "")
        assert f"[OK - {len(image)}/4096 bytes]" in shown
        assert lab["R1"].flash["image.bin"] == image
        shown = await dialogue(lab, f"copy flash:image.bin ftp://{SERVER}/up/back.bin")
        assert f"{len(image)} bytes copied in" in shown
        assert (served / "up" / "back.bin").read_bytes() == image
        shown = await dialogue(lab, f"copy ftp://{SERVER}/absent flash:", "")
        assert f"%Error opening ftp://{SERVER}/absent (No such file or directory)" in shown
        shown = await dialogue(lab, f"copy ftp://nobody:wrong@{SERVER}/image.bin flash:other", "")
        assert "(Incorrect Login/Password)" in shown
