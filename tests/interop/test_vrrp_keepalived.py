"""VRRP against keepalived in a namespace: who is master, who takes over, and whose addresses answer."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from namespace_lab import PATH, Namespace, lacking, run, until

from iosemu.firsthop.vrrp import State
from iosemu.lab.lab import Lab
from iosemu.lab.ssh_service import serve
from iosemu.subjects.vrrp.service import Vrrp

NAME = f"iov{os.getpid()}"
"""Of the namespace and of its end of the cable."""
VIRTUAL = "192.168.7.254"
KEEPALIVED = """global_defs {{
  router_id iosemu
  vrrp_garp_master_delay 0
}}
vrrp_instance LAN {{
  state BACKUP
  interface {name}
  virtual_router_id 51
  priority {priority}
  advert_int 1
  authentication {{
    auth_type PASS
    auth_pass secret
  }}
  virtual_ipaddress {{
    {virtual}/24 dev {name}
  }}
}}
"""
ROUTER = f"""hostname R1
interface FastEthernet0/0
 ip address 192.168.7.1 255.255.255.0
 vrrp 51 ip {VIRTUAL}
 vrrp 51 authentication text secret
 no shutdown
end
"""

inside = Namespace(NAME, "").run
REASON = lacking("ip", "ping", "keepalived")
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)


@contextlib.asynccontextmanager
async def joined(directory: Path) -> AsyncIterator[Lab]:
    """R1 on a cable with the namespace."""
    (directory / "R1.cfg").write_text(ROUTER)
    (directory / "lab.yaml").write_text(f"""name: vrrp-keepalived
nodes:
  R1: {{model: c2811, image: "15.1", config: R1.cfg}}
links:
  - endpoints: ["R1:Fa0/0", "tap:{NAME}"]
""")
    lab = Lab.load(directory / "lab.yaml", time="real")
    lab.boot()
    assert not run("ip", "netns", "add", NAME).returncode
    try:
        async with serve(lab, base_port=0):
            assert not run("ip", "link", "set", NAME, "netns", NAME).returncode
            inside("ip", "link", "set", "lo", "up")
            inside("ip", "address", "add", "192.168.7.2/24", "dev", NAME)
            assert not inside("ip", "link", "set", NAME, "up").returncode
            yield lab
    finally:
        run("ip", "netns", "del", NAME)


@contextlib.contextmanager
def keepalived(directory: Path, priority: int) -> Iterator[subprocess.Popen[bytes]]:
    """keepalived in the namespace, with all its files in a folder."""
    file = directory / "keepalived.conf"
    file.write_text(KEEPALIVED.format(name=NAME, priority=priority, virtual=VIRTUAL))
    pids = (f"--pid={directory / 'main.pid'}", f"--vrrp_pid={directory / 'vrrp.pid'}")
    server = subprocess.Popen(
        [
            "ip",
            "netns",
            "exec",
            NAME,
            "keepalived",
            "--dont-fork",
            "--log-console",
            "--vrrp",
            f"--use-file={file}",
            *pids,
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PATH": PATH},
    )
    try:
        yield server
    finally:
        if server.poll() is None:
            server.terminate()
        server.wait(20)


def has_address() -> bool:
    return VIRTUAL in inside("ip", "-4", "address", "show", "dev", NAME).stdout


async def test_keepalived_and_a_router_are_one_gateway(tmp_path: Path) -> None:
    async with joined(tmp_path) as lab:
        group = lab["R1"].service(Vrrp).groups["FastEthernet0/0", 51]
        await until(lambda: group.engine.state is State.MASTER)
        with keepalived(tmp_path, 150) as server:  # the better one preempts
            await until(lambda: group.engine.state is State.BACKUP and has_address())
            assert group.engine.master is not None
            assert (str(group.engine.master.address), group.engine.master.priority) == ("192.168.7.2", 150)
            server.terminate()  # it resigns with priority 0
            await until(lambda: group.engine.state is State.MASTER)
        ping = await asyncio.to_thread(inside, "ping", "-c", "2", "-i", "0.3", "-W", "5", VIRTUAL)
        assert " 0% packet loss" in ping.stdout
        assert "00:00:5e:00:01:33" in inside("ip", "neigh", "show", VIRTUAL).stdout
        with keepalived(tmp_path, 50):  # the worse one hears the router, and waits
            heard = lab["R1"].now
            await until(lambda: lab["R1"].now > heard + 6)
            assert not has_address()
            assert group.engine.state is State.MASTER
            lab["R1"].config.interfaces["FastEthernet0/0"].shutdown = True
            lab["R1"].interfaces["FastEthernet0/0"].refresh()
            await until(has_address)
