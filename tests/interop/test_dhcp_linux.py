"""DHCP against real programs: dnsmasq serves a router and a PC of the lab, the lab serves udhcpc."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
from collections.abc import AsyncIterator
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from namespace_lab import PATH, Namespace, lacking, run, until

from iosemu.ip.config import IpSettings
from iosemu.ip.dhcp import AddressClients
from iosemu.lab.lab import Lab
from iosemu.lab.ssh_service import serve
from iosemu.net.dhcp.client import ClientState
from iosemu.subjects.dhcp.service import DhcpServices

NAME = f"iod{os.getpid()}"
"""Of the namespace and of its end of the cable."""

inside = Namespace(NAME, "").run
REASON = lacking("ip", "dnsmasq", "udhcpc")
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)


@contextlib.asynccontextmanager
async def joined(directory: Path, router: str) -> AsyncIterator[Lab]:
    """R1 and PC1 on a switch with the namespace."""
    (directory / "R1.cfg").write_text(f"hostname R1\nlogging buffered 8192\n{router}\nend\n")
    (directory / "lab.yaml").write_text(f"""name: dhcp-linux
nodes:
  R1: {{model: c2811, image: "15.1", config: R1.cfg}}
  PC1: {{model: pc, startup: "ipconfig dhcp"}}
  SW1: {{model: catalyst-2960-24tt}}
links:
  - endpoints: ["PC1:Fa0", "SW1:Fa0/1"]
  - endpoints: ["R1:Fa0/0", "SW1:Fa0/2"]
  - endpoints: ["SW1:Fa0/3", "tap:{NAME}"]
""")
    lab = Lab.load(directory / "lab.yaml", time="real")
    lab.boot()
    assert not run("ip", "netns", "add", NAME).returncode
    try:
        async with serve(lab, base_port=0):
            assert not run("ip", "link", "set", NAME, "netns", NAME).returncode
            inside("ip", "link", "set", "lo", "up")
            assert not inside("ip", "link", "set", NAME, "up").returncode
            yield lab
    finally:
        run("ip", "netns", "del", NAME)


async def test_dnsmasq_serves_a_router_and_a_pc(tmp_path: Path) -> None:
    router = "interface FastEthernet0/0\n ip address dhcp\n no shutdown"
    async with joined(tmp_path, router) as lab:
        inside("ip", "address", "add", "192.168.7.1/24", "dev", NAME)
        server = subprocess.Popen(
            [
                *(
                    "ip",
                    "netns",
                    "exec",
                    NAME,
                    "dnsmasq",
                    "--keep-in-foreground",
                    "--port=0",
                    "--conf-file=/dev/null",
                ),
                *(
                    "--user=root",
                    "--no-ping",
                    f"--interface={NAME}",
                    "--dhcp-range=192.168.7.50,192.168.7.60,2m",
                ),
                *("--dhcp-option=option:router,192.168.7.1", "--dhcp-option=option:dns-server,192.168.7.1"),
                *(
                    "--domain=example.org",
                    f"--dhcp-leasefile={tmp_path / 'leases'}",
                    f"--pid-file={tmp_path / 'pid'}",
                ),
            ],
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PATH": PATH},
        )
        try:
            clients = {name: lab[name].service(AddressClients) for name in ("R1", "PC1")}
            names = {"R1": "FastEthernet0/0", "PC1": "FastEthernet0"}

            def bound(name: str) -> bool:
                return clients[name].clients[names[name]].lease is not None

            for name in names:  # what they sent before the server was there had no answer
                clients[name].renew(names[name])
            await until(lambda: all(bound(name) for name in names))
            for name, port in names.items():
                lease = clients[name].clients[port].lease
                assert lease is not None
                assert IPv4Address("192.168.7.50") <= lease.address.ip <= IPv4Address("192.168.7.60")
                assert lease.duration == 120.0
                assert lease.domain == "example.org"
                assert str(lease.routers[0]) == "192.168.7.1"
                assert str(lease.address.ip) in (tmp_path / "leases").read_text()
            client = clients["R1"].clients["FastEthernet0/0"]
            before = client.counts["ACK"]
            clients["R1"].renew("FastEthernet0/0")
            await until(lambda: client.counts["ACK"] > before)
            assert client.state is ClientState.BOUND
            assert client.lease is not None
            gone = str(client.lease.address.ip)
            clients["R1"].release("FastEthernet0/0")
            assert lab["R1"].config.interfaces["FastEthernet0/0"].of(IpSettings).address is None
            await until(lambda: gone not in (tmp_path / "leases").read_text())
        finally:
            server.terminate()
            server.wait(10)


async def test_the_lab_serves_udhcpc(tmp_path: Path) -> None:
    router = """ip dhcp excluded-address 192.168.8.1 192.168.8.20
ip dhcp pool LAN
 network 192.168.8.0 255.255.255.0
 default-router 192.168.8.1
 dns-server 192.168.8.1
 domain-name example.org
 option 66 ascii tftp.example.org
interface FastEthernet0/0
 ip address 192.168.8.1 255.255.255.0
 no shutdown"""
    script = tmp_path / "told"
    script.write_text(
        f'#!/bin/sh\nenv > {tmp_path}/$1\n[ "$1" = bound ] && ip address add $ip/$mask dev {NAME}\nexit 0\n'
    )
    script.chmod(0o755)
    async with joined(tmp_path, router) as lab:
        engine = lab["R1"].service(DhcpServices).engine
        client = subprocess.Popen(
            [
                *(
                    "ip",
                    "netns",
                    "exec",
                    NAME,
                    "udhcpc",
                    "-f",
                    "-R",
                    "-i",
                    NAME,
                    "-s",
                    str(script),
                    "-t",
                    "30",
                    "-T",
                    "2",
                ),
                *("-O", "tftp", "-p", str(tmp_path / "pid")),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PATH": PATH},
        )
        try:
            await until(lambda: (tmp_path / "bound").exists() and "mask=" in (tmp_path / "bound").read_text())
            told = (tmp_path / "bound").read_text()
            assert "router=192.168.8.1\n" in told
            assert "dns=192.168.8.1\n" in told
            assert "domain=example.org\n" in told
            assert "tftp=tftp.example.org\n" in told
            assert "lease=86400\n" in told
            address = next(each for each in engine.bindings if f"ip={each}\n" in told)
            said = await asyncio.to_thread(inside, "ping", "-c", "3", "-i", "0.2", "-W", "3", "192.168.8.1")
            assert " 0% packet loss" in said.stdout, said.stdout
        finally:
            client.terminate()  # with -R it gives its address back
            client.wait(10)
        await until(lambda: address not in engine.bindings)
