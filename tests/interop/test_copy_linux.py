"""Copies to and from real daemons, and OpenSSH that comes into a router by a cable that leads out of the lab."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from namespace_lab import Namespace, beside, dialogue, lacking, run, until

REASON = lacking("sshd", "ssh-keygen", "ssh", "scp", "useradd", "chpasswd", "ss", "ip")
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)
USER = "iosfiles"
IMAGE = bytes(range(256)) * 300
ROUTER = """username admin privilege 15 secret admin
username guest privilege 1 secret guest
ip scp server enable
line vty 0 4
 login local"""
HTTPD = """
import http.server, pathlib

class Files(http.server.SimpleHTTPRequestHandler):
    def do_PUT(self):
        pathlib.Path(self.translate_path(self.path)).write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(201)
        self.end_headers()

http.server.HTTPServer(("192.168.7.2", 80), Files).serve_forever()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """The home of a user with a password, who is there as long as the test."""
    directory = Path(tempfile.mkdtemp(prefix="iosemu-scp"))
    directory.chmod(0o755)
    assert not run("useradd", "-M", "-d", str(directory), "-s", "/bin/sh", USER).returncode
    try:
        run("sh", "-c", f"echo {USER}:open-sesame | chpasswd")
        shutil.chown(directory, USER)
        yield directory
    finally:
        run("userdel", USER)
        shutil.rmtree(directory)


def sshd(namespace: Namespace, directory: Path) -> None:
    Path("/run/sshd").mkdir(exist_ok=True)
    run("ssh-keygen", "-q", "-t", "rsa", "-N", "", "-f", str(directory / "host"))
    (directory / "sshd_config").write_text(
        f"Port 22\nListenAddress 192.168.7.2\nHostKey {directory}/host\nPasswordAuthentication yes\nUsePAM no\n"
        "KbdInteractiveAuthentication no\nStrictModes no\nPidFile none\n"
    )
    settings = str(directory / "sshd_config")
    namespace.start("/usr/sbin/sshd", "-D", "-e", "-f", settings, log=directory / "sshd.log")


async def test_a_router_copies_by_scp_and_goes_on_to_openssh(tmp_path: Path, home: Path) -> None:
    (home / "image.bin").write_bytes(IMAGE)
    async with beside(tmp_path, "iosc", ROUTER) as (lab, namespace, _serving):
        sshd(namespace, tmp_path)
        await until(lambda: ":22 " in namespace.run("ss", "-ltn").stdout)
        there = f"scp://{USER}:open-sesame@192.168.7.2"
        shown = await dialogue(lab, f"copy {there}/image.bin flash:", "")
        assert f"Sending file modes: C0644 {len(IMAGE)} image.bin" in shown
        assert lab["R1"].flash["image.bin"] == IMAGE
        shown = await dialogue(lab, f"copy flash:image.bin {there}/back.bin")
        assert f"{len(IMAGE)} bytes copied in" in shown
        assert (home / "back.bin").read_bytes() == IMAGE
        shown = await dialogue(lab, f"copy {there}/absent flash:", "")
        assert "(No such file or directory)" in shown
        shown = await dialogue(lab, f"copy scp://{USER}:wrong@192.168.7.2/image.bin flash:x", "")
        assert "(Permission denied)" in shown or "Password:" in shown
        shown = await dialogue(lab, f"ssh -l {USER} 192.168.7.2", "open-sesame", "echo got-$((40+2))", "exit")
        assert "got-42" in shown


async def test_a_router_copies_by_http(tmp_path: Path) -> None:
    served = tmp_path / "served"
    served.mkdir()
    (served / "image.bin").write_bytes(IMAGE)
    async with beside(tmp_path, "iosh", ROUTER) as (lab, namespace, _serving):
        namespace.start("env", "-C", str(served), sys.executable, "-c", HTTPD, log=tmp_path / "httpd.log")
        await until(lambda: ":80 " in namespace.run("ss", "-ltn").stdout)
        shown = await dialogue(lab, "copy http://192.168.7.2/image.bin flash:", "")
        assert f"[OK - {len(IMAGE)}/4096 bytes]" in shown
        assert lab["R1"].flash["image.bin"] == IMAGE
        shown = await dialogue(lab, "copy flash:image.bin http://192.168.7.2/back.bin")
        assert f"{len(IMAGE)} bytes copied in" in shown
        assert (served / "back.bin").read_bytes() == IMAGE
        shown = await dialogue(lab, "copy http://192.168.7.2/absent flash:", "")
        assert "(No such file or directory)" in shown


async def test_openssh_comes_in_by_the_cable(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    asked.write_text("#!/bin/sh\necho admin\n")
    asked.chmod(0o755)
    (tmp_path / "new.cfg").write_text("hostname FROM-FILE\n")
    options = ("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR")
    ask = ("env", f"SSH_ASKPASS={asked}", "SSH_ASKPASS_REQUIRE=force")
    async with beside(tmp_path, "ioso", ROUTER) as (lab, namespace, _serving):
        shown = await namespace.ask(*ask, "ssh", *options, "admin@192.168.7.1", "show users")
        assert "192.168.7.2" in shown
        shown = await namespace.ask(
            *ask, "scp", "-O", *options, str(tmp_path / "new.cfg"), "admin@192.168.7.1:new.cfg"
        )
        assert lab["R1"].flash["new.cfg"] == b"hostname FROM-FILE\n", shown
        shown = await namespace.ask(
            *ask, "ssh", *options, "-o", "NumberOfPasswordPrompts=1", "guest@192.168.7.1", "x"
        )
        assert "Permission denied" in shown
