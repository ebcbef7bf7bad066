"""Spanning tree against the Linux kernel's bridge, and LLDP and CDP against lldpd, on cables of a Catalyst."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from namespace_lab import Namespace, lacking, run, until

from iosemu.lab.lab import Lab
from iosemu.lab.ssh_service import serve
from iosemu.subjects.spanning_tree.service import SpanningTrees

REASON = lacking("ip")
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)
TIMES = """spanning-tree vlan 1 hello-time 1
spanning-tree vlan 1 forward-time 4
spanning-tree vlan 1 max-age 6
spanning-tree mst hello-time 1
spanning-tree mst forward-time 4
spanning-tree mst max-age 6
"""
SLOW = ("forward_delay", "400", "hello_time", "100", "max_age", "600")
"""The same in hundredths of a second."""


@contextlib.asynccontextmanager
async def cabled(directory: Path, tag: str, config: str) -> AsyncIterator[tuple[Lab, Namespace, list[str]]]:
    """SW1 with Fa0/1 and Fa0/2 on two cables into a namespace."""
    name = f"{tag}{os.getpid()}"
    taps = [f"{name}a", f"{name}b"]
    (directory / "SW1.cfg").write_text(f"hostname SW1\n{config}\nend\n")
    (directory / "lab.yaml").write_text(f"""name: {tag}
nodes:
  SW1: {{model: catalyst-2960-24tt, image: "15.1", config: SW1.cfg}}
links:
  - endpoints: ["SW1:Fa0/1", "tap:{taps[0]}"]
  - endpoints: ["SW1:Fa0/2", "tap:{taps[1]}"]
""")
    lab = Lab.load(directory / "lab.yaml", time="real")
    lab.boot()
    assert not run("ip", "netns", "add", name).returncode
    namespace = Namespace(name, "")
    try:
        async with serve(lab, base_port=0):
            for tap in taps:
                assert not run("ip", "link", "set", tap, "netns", name).returncode
                namespace.run("ip", "link", "set", tap, "up")
            yield lab, namespace, taps
    finally:
        namespace.end()
        run("ip", "netns", "del", name)


def bridged(namespace: Namespace, taps: list[str], priority: int) -> None:
    """A bridge of the kernel with both cables, which speaks 802.1D."""
    values = ("stp_state", "1", "priority", str(priority), *SLOW)
    made = namespace.run("ip", "link", "add", "br0", "type", "bridge", *values)
    if made.returncode:
        pytest.skip(f"the kernel makes no bridge: {made.stderr.strip()}")
    for tap in taps:
        assert not namespace.run("ip", "link", "set", tap, "master", "br0").returncode
    namespace.run("ip", "link", "set", "br0", "up")


def kernel_states(namespace: Namespace) -> list[str]:
    """The states of the bridge's ports, in the order of their names."""
    told = json.loads(namespace.run("ip", "-j", "-d", "link", "show", "master", "br0").stdout or "[]")
    ports = {each["ifname"]: each["linkinfo"]["info_slave_data"]["state"] for each in told}
    return [ports[name] for name in sorted(ports)]


def root_of(namespace: Namespace) -> str:
    """The root that the kernel has heard of; what iproute2 6.1 prints as such is the bridge itself."""
    return namespace.run("cat", "/sys/class/net/br0/bridge/root_id").stdout


def switch_ports(lab: Lab, number: int) -> list[str]:
    row = lab["SW1"].service(SpanningTrees).row(number)
    return [f"{port.role} {port.state} {port.edge}".strip() for port in row.ports] if row is not None else []


@pytest.mark.parametrize(("mode", "number", "peer"), [
    ("pvst", 1, ""), ("rapid-pvst", 1, " Peer(STP)"), ("mst", 0, " Bound(STP)"),
])  # fmt: skip
async def test_the_kernel_blocks_one_of_two_cables_to_a_root(
    tmp_path: Path, mode: str, number: int, peer: str
) -> None:
    root = "spanning-tree vlan 1 priority 4096\nspanning-tree mst 0 priority 4096"
    async with cabled(tmp_path, "iobr", f"spanning-tree mode {mode}\n{TIMES}{root}") as (
        lab,
        namespace,
        taps,
    ):
        bridged(namespace, taps, 32768)
        await until(lambda: root_of(namespace).startswith("1000." if mode == "mst" else "1001."))
        await until(lambda: kernel_states(namespace) == ["forwarding", "blocking"])
        await until(lambda: switch_ports(lab, number) == [f"Desg FWD{peer}", "Desg FWD"] or (
            switch_ports(lab, number) == [f"Desg FWD{peer}", f"Desg FWD{peer}"]
        ))  # fmt: skip


@pytest.mark.parametrize(("mode", "number", "peer"), [
    ("pvst", 1, ""), ("rapid-pvst", 1, " Peer(STP)"), ("mst", 0, " Bound(STP)"),
])  # fmt: skip
async def test_a_switch_blocks_one_of_two_cables_to_the_kernel(
    tmp_path: Path, mode: str, number: int, peer: str
) -> None:
    async with cabled(tmp_path, "iobs", f"spanning-tree mode {mode}\n{TIMES}") as (lab, namespace, taps):
        bridged(namespace, taps, 0)
        await until(lambda: switch_ports(lab, number) == [f"Root FWD{peer}", f"Altn BLK{peer}"])
        await until(lambda: kernel_states(namespace) == ["forwarding", "forwarding"])
        row = lab["SW1"].service(SpanningTrees).row(number)
        assert row is not None
        assert (row.root.priority, row.root_hello, row.root_forward) == (0, 1, 4)
        namespace.run("ip", "link", "set", taps[0], "down")
        await until(lambda: switch_ports(lab, number)[-1] == f"Root FWD{peer}")


LLDPD = lacking("lldpd", "lldpcli", namespaces=False)


@pytest.mark.skipif(bool(LLDPD), reason=LLDPD)
async def test_lldpd_and_a_switch_know_each_other(tmp_path: Path) -> None:
    async with cabled(tmp_path, "iold", "lldp run\nlldp timer 5") as (lab, namespace, taps):
        socket = f"/run/lldpd-{namespace.name}.socket"
        namespace.start("lldpd", "-d", "-cc", "-u", socket, "-S", "A Linux box", log=tmp_path / "said")
        try:
            await until(
                lambda: taps[0] in namespace.run("lldpcli", "-u", socket, "show", "interfaces").stdout
            )
            namespace.run("lldpcli", "-u", socket, "configure", "lldp", "tx-interval", "2")

            def heard() -> dict[str, object]:
                told = namespace.run(
                    "lldpcli", "-u", socket, "-f", "json0", "show", "neighbors", "details"
                ).stdout
                return json.loads(told or "{}")

            await until(lambda: "SW1" in json.dumps(heard()))
            told = json.dumps(heard())
            assert "Cisco IOS Software" in told
            assert "Fa0/1" in told
            assert "FastEthernet0/1" in told

            def shown(command: str) -> str:
                session = lab.session("SW1", privilege=15)
                assert session is not None
                session.run(command)
                return session.output().decode()

            await until(lambda: "A Linux box" in shown("show lldp neighbors detail"))
            assert "Total entries displayed: 2" in shown("show lldp neighbors")
            await until(lambda: "Fas 0/1" in shown("show cdp neighbors"))
        finally:
            Path(socket).unlink(missing_ok=True)


@pytest.mark.skipif(bool(LLDPD), reason=LLDPD)
async def test_lldpd_as_a_telephone_is_told_the_voice_vlan(tmp_path: Path) -> None:
    voice = "lldp run\nlldp timer 5\nvlan 110\ninterface range fa0/1 - 2\nswitchport voice vlan 110"
    async with cabled(tmp_path, "iolm", voice) as (lab, namespace, taps):
        socket = f"/run/lldpd-{namespace.name}.socket"
        namespace.start("lldpd", "-d", "-M", "3", "-u", socket, "-S", "A telephone", log=tmp_path / "said")
        try:
            await until(
                lambda: taps[0] in namespace.run("lldpcli", "-u", socket, "show", "interfaces").stdout
            )
            namespace.run("lldpcli", "-u", socket, "configure", "lldp", "tx-interval", "2")

            def heard() -> str:
                return namespace.run("lldpcli", "-u", socket, "show", "neighbors", "details").stdout

            await until(lambda: "Network Policy" in heard())
            told = heard()
            words = " ".join(told.split())
            assert "Device Type: Network Connectivity Device" in words
            assert "MAU oper type: 100BaseTXFD" in words
            assert (
                "Network Policy for: Voice, Defined: yes VLAN: 110 Priority: Voice PCP: 5 DSCP Value: 46"
                in words
            )

            def shown() -> str:
                session = lab.session("SW1", privilege=15)
                assert session is not None
                session.run("show lldp neighbors detail")
                return session.output().decode()

            await until(lambda: "Device type: Endpoint Class III" in shown())
        finally:
            Path(socket).unlink(missing_ok=True)
