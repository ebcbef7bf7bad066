"""The content of the image, made by the image's own step, is run by another user who can write nothing of it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(
        os.geteuid() != 0, reason="mounts a tree read-only and becomes another user: needs root"
    ),
    pytest.mark.skipif(not shutil.which("setpriv") or not shutil.which("unshare"), reason="needs util-linux"),
]
USER = 10001


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that everybody can reach, unlike pytest's own."""
    path = Path("/tmp") / f"iosemu-image-{os.getpid()}"
    path.mkdir(mode=0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def prefix(place: Path) -> Path:
    """As the first stage of the Dockerfile makes it: from the files that are in its context, by `deploy/install`."""
    source = place / "src"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, source)
    for name in ("iosemu", "grammar", "devices"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "deploy", source / "deploy")
    subprocess.run([source / "deploy" / "install", place / "opt", source], check=True, capture_output=True)
    shutil.copy(ROOT / "deploy" / "class.yaml", place)
    return place / "opt"


INSIDE = f"""
set -e
tree=$1 state=$2 base=$3
shift 3
mount --bind "$base" "$tree/base"
case $base in
  /root/*) mount -t tmpfs -o mode=755 tmpfs /root; mkdir -p "$base"; mount --bind "$tree/base" "$base" ;;
esac
mount --rbind "$tree" "$tree"
mount -o remount,ro,bind "$tree"
mount -t tmpfs tmpfs "$state"
chown {USER}:{USER} "$state"
cd "$state"
exec setpriv --reuid {USER} --regid {USER} --clear-groups --inh-caps=-all --no-new-privs env -i \\
  PATH="$tree/opt/bin:/usr/bin:/bin" HOME="$state" IOSEMU_STATE="$state" PYTHONUNBUFFERED=1 "$@"
"""


def confined(place: Path, *words: str) -> list[str]:
    """A command as the container runs it: everything read-only but the state, another user, no capabilities.

    The Python that made the tree is where that user can reach it, too, as in an image.
    """
    return [
        "unshare",
        "--mount",
        "sh",
        "-c",
        INSIDE,
        "sh",
        str(place),
        str(place / "state"),
        sys.base_prefix,
        *words,
    ]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_a_class_runs_read_only_as_another_user(place: Path, prefix: Path) -> None:
    for name in ("state", "base"):
        (place / name).mkdir()
    ssh, metrics = free_port(), free_port()
    text = (place / "class.yaml").read_text().replace("count: 20", "count: 2").replace("0.0.0.0", "127.0.0.1")
    text = text.replace("ssh: 2200, web: 2280, metrics: 9100", f"ssh: {ssh}, metrics: {metrics}")
    (place / "own.yaml").write_text(text)
    tried = subprocess.run(
        confined(place, "sh", "-c", f"id -u; touch {place}/opt/lib/x; iosemu --version"),
        capture_output=True,
        text=True,
    )
    assert tried.stdout.startswith(f"{USER}\n")
    assert "Read-only file system" in tried.stderr
    assert "iosemu " in tried.stdout
    with (place / "log").open("w+") as log:
        running = subprocess.Popen(
            confined(place, "iosemu", "farm", "up", str(place / "own.yaml")), stdout=log, stderr=log
        )
        try:
            deadline = time.monotonic() + 240
            while True:
                assert running.poll() is None, (place / "log").read_text()
                assert time.monotonic() < deadline, (place / "log").read_text()
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{metrics}/readyz", timeout=5) as answer:
                        assert answer.status == 200
                        break
                except OSError:
                    time.sleep(0.5)
            with socket.create_connection(("127.0.0.1", ssh), timeout=10) as connection:
                assert connection.recv(8).startswith(b"SSH-2.0-")
        finally:
            running.send_signal(signal.SIGTERM)
            assert running.wait(60) == 0
