"""Syslog to rsyslogd: by UDP and by TCP, and again after it was away."""

from __future__ import annotations

from pathlib import Path

import pytest
from namespace_lab import beside, lacking, typed, until

from iosemu.subjects.logging.forwarding import SyslogClient

REASON = lacking("rsyslogd", "ss", "ip")
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)


async def test_rsyslogd(tmp_path: Path) -> None:
    (tmp_path / "rsyslog.conf").write_text(f"""module(load="imudp")
module(load="imtcp")
input(type="imudp" address="192.168.7.2" port="514" ruleset="udp")
input(type="imtcp" address="192.168.7.2" port="1601" ruleset="tcp")
template(name="plain" type="string" string="%pri%|%rawmsg%\\n")
ruleset(name="udp") {{ action(type="omfile" file="{tmp_path}/udp" template="plain") }}
ruleset(name="tcp") {{ action(type="omfile" file="{tmp_path}/tcp" template="plain") }}
""")
    async with beside(tmp_path, "iosy", "") as (lab, namespace, _serving):
        namespace.start(
            "rsyslogd",
            "-n",
            "-f",
            str(tmp_path / "rsyslog.conf"),
            "-i",
            str(tmp_path / "pid"),
            log=tmp_path / "said",
        )
        await until(lambda: namespace.listens(514))
        typed(lab, "configure terminal", "logging host 192.168.7.2 transport tcp port 1601", "end")

        def told(name: str, text: str) -> bool:
            path = tmp_path / name
            return path.exists() and text in path.read_text()

        box = lab["R1"]
        box.log("TEST", 4, "FIRST", "of all")
        await until(lambda: told("tcp", "%TEST-4-FIRST: of all"))
        assert "188|<188>" in (tmp_path / "tcp").read_text()
        for number in range(50):
            box.log("TEST", 5, "MANY", f"number {number}")
        await until(lambda: told("tcp", "number 49"))
        numbers = [line.split()[-1] for line in (tmp_path / "tcp").read_text().splitlines() if "MANY" in line]
        assert numbers == [str(number) for number in range(50)], "all, and in their order"
        shown = typed(lab, "show logging")
        assert "Logging to 192.168.7.2  (tcp port 1601, audit disabled," in shown
        assert "link up)" in shown
        typed(lab, "configure terminal", "logging host 192.168.7.2", "end")
        box.log("TEST", 3, "SECOND", "second")
        await until(lambda: told("udp", "second"))
        assert not box.service(SyslogClient).streams
