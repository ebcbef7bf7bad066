"""NTP against chrony: a router follows it with a key, and it measures the router's clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from namespace_lab import beside, lacking, typed, until

from iosemu.packets.ntp import difference, timestamp
from iosemu.subjects.ntp.service import Ntp

REASON = lacking("chronyd", "ss", "ip")
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)


async def test_a_router_follows_chrony(tmp_path: Path) -> None:
    router = """clock timezone UTC 0
ntp authentication-key 1 md5 secret
ntp authenticate
ntp trusted-key 1
ntp server 192.168.7.2 key 1 iburst"""
    (tmp_path / "keys").write_text("1 MD5 ASCII:secret\n")
    (tmp_path / "keys").chmod(0o600)
    (tmp_path / "chrony.conf").write_text(
        f"local stratum 5\nallow\nport 123\ncmdport 0\nuser root\nkeyfile {tmp_path}/keys\n"
        f"pidfile {tmp_path}/pid\ndriftfile {tmp_path}/drift\nbindcmdaddress /\n"
    )
    async with beside(tmp_path, "ioct", router) as (lab, namespace, _serving):
        box = lab["R1"]
        typed(lab, "clock set 10:00:00 3 may 2020")
        namespace.start("chronyd", "-x", "-d", "-f", str(tmp_path / "chrony.conf"), log=tmp_path / "said")
        await until(lambda: namespace.listens(123))
        typed(lab, "configure terminal", "no ntp server 192.168.7.2", "ntp server 192.168.7.2 key 1 iburst")
        engine = box.service(Ntp).engine
        await until(lambda: engine.system.peer is not None)
        assert engine.system.stratum == 6
        shown = typed(lab, "show ntp associations")
        assert re.search(r"^\*~192\.168\.7\.2 ", shown, re.MULTILINE), shown


async def test_chrony_measures_a_router(tmp_path: Path) -> None:
    async with beside(tmp_path, "iocm", "ntp master 4", settle=100) as (lab, namespace, _serving):
        typed(lab, "clock set 10:00:00 3 may 2020")
        ntp = lab["R1"].service(Ntp)
        assert ntp.engine.system.stratum == 4
        asked = await namespace.ask(
            "chronyd", "-Q", "-t", "30", "-f", "/dev/null", "user root",
            f"pidfile {tmp_path}/pid", "server 192.168.7.1 iburst",
        )  # fmt: skip
        wrong = re.search(r"System clock wrong by (-?[0-9.]+) seconds", asked)
        assert wrong is not None, asked
        here = timestamp(datetime.now(UTC))
        assert abs(float(wrong[1]) - difference(ntp.clock(), here)) < 30, "of years"
        assert float(wrong[1]) < -3600 * 24 * 365


async def test_a_router_hears_broadcasts_of_chrony(tmp_path: Path) -> None:
    router = "interface FastEthernet0/0\n ntp broadcast client"
    (tmp_path / "chrony.conf").write_text(
        f"local stratum 5\nallow\nport 123\ncmdport 0\nuser root\nbroadcast 4 192.168.7.255\n"
        f"pidfile {tmp_path}/pid\ndriftfile {tmp_path}/drift\nbindcmdaddress /\n"
    )
    async with beside(tmp_path, "iocb", router) as (lab, namespace, _serving):
        namespace.run("ip", "address", "replace", "192.168.7.2/24", "brd", "+", "dev", namespace.name)
        namespace.start("chronyd", "-x", "-d", "-f", str(tmp_path / "chrony.conf"), log=tmp_path / "said")
        engine = lab["R1"].service(Ntp).engine
        await until(lambda: engine.system.peer is not None)
        assert engine.system.stratum == 6
        assert "192.168.7.2 dynamic, ipv4, our_master" in typed(lab, "show ntp associations detail")
