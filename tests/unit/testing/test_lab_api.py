import asyncio
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path

import pytest

from iosemu import Lab, LabError, LabPlan, SyncLab
from iosemu.packets.pcapng import read_pcapng
from iosemu.testing.errors import ConfigurationRefusedError, NoSuchDeviceError, NotReachedError


def two_routers() -> LabPlan:
    plan = LabPlan("pair")
    for number in (1, 2):
        config = (
            f"hostname R{number}\ninterface GigabitEthernet0/0\n ip address 10.0.0.{number} 255.255.255.0\n"
        )
        plan.node(f"R{number}", "c2911", config=config)
    return plan.link("R1:Gi0/0", "R2:Gi0/0", delay="20ms")


async def test_ikev2_sas_from_python() -> None:
    async with Lab.load("ikev2-site-to-site") as lab:
        repair = ["crypto ikev2 profile SITES", "match identity remote address 10.0.10.10 255.255.255.255"]
        await lab["R-B"].configure(repair)
        await lab.run_until(lambda: any(sa.children for sa in lab["R-B"].state.ikev2_sas))
        await lab.advance("5s")
        (one,), (two,) = lab["R-A"].state.ikev2_sas, lab["R-B"].state.ikev2_sas
        assert (one.status, one.children, one.peer) == ("READY", 1, IPv4Address("10.0.10.20"))
        assert one.initiator is not two.initiator
        assert one.remaining is not None
        assert 86000 < one.remaining < 86400
        assert lab["R-A"].state.isakmp_sas == ()


async def test_the_handout_s_lab_from_python() -> None:
    async with Lab.load("ipsec-vpn") as lab:
        assert "ISAKMP" in await lab["R-A"].cli("show crypto isakmp sa")
        assert lab["R-A"].state.isakmp_sas == ()
        with lab.capture("R-A:Fa0/0") as wan:
            cold = await lab["PC-A"].ping("192.168.2.1")
            warm = await lab["PC-A"].ping(IPv4Address("192.168.2.1"))
        assert (cold.sent, cold.received, cold.loss) == (4, 2, 0.5)
        assert warm
        assert all(0 < rtt < 0.1 for rtt in warm.rtts)
        router = lab["R-A"].state
        (ike,), (esp,) = router.isakmp_sas, router.ipsec_sas
        assert (ike.state, ike.initiator, ike.peer) == ("QM_IDLE", True, IPv4Address("10.0.10.20"))
        assert esp.active
        assert esp.local == IPv4Network("192.168.1.0/24")
        assert (esp.encaps, esp.decaps) == (7, 6)
        assert esp.inbound_spis == lab["R-B"].state.ipsec_sas[0].outbound_spis
        protocols = [packet.protocol for packet in wan.packets]
        assert protocols.count("ISAKMP") == 9
        assert protocols.count("IPSec") == 13
        await lab.advance("2h")
        assert not lab["R-A"].state.ipsec_sas[0].active


async def test_state_is_typed_and_stays() -> None:
    async with Lab(two_routers(), seed=1) as lab:
        before = lab["R1"].state
        port = before.interfaces["GigabitEthernet0/0"]
        assert port.up
        assert port.address == IPv4Interface("10.0.0.1/24")
        assert [route.code for route in before.routes] == ["C", "L"]
        ping = await lab["R1"].ping("10.0.0.2")
        assert ping.received == 4, "the first one meets an unresolved next hop"
        assert ping.rtts[0] == pytest.approx(0.04, abs=0.001)
        after = lab["R1"].state
        assert after.interfaces["GigabitEthernet0/0"].counters.out_packets >= port.counters.out_packets + 5
        assert {row.address for row in after.arp} == {IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2")}
        with pytest.raises(AttributeError):
            before.powered = False  # type: ignore[misc]
        nobody = await lab["R1"].ping("10.9.9.9", count=2)
        assert nobody.lost == 2


async def test_cut_wait_and_put_back() -> None:
    async with Lab(two_routers()) as lab:
        moment = lab.snapshot()
        link = lab.link("R1:Gi0/0")
        link.down()
        assert not link.up
        await lab.run_until(lambda: not lab["R2"].state.interfaces["GigabitEthernet0/0"].up, "10s")
        assert not await lab["R1"].ping("10.0.0.2")
        link.mend()
        await lab.run_until(lambda: lab["R2"].state.interfaces["GigabitEthernet0/0"].up)
        await lab["R1"].configure(["hostname Other"])
        assert lab["R1"].state.hostname == "Other"
        await lab.restore(moment)
        assert lab["R1"].state.hostname == "R1"
        assert (await lab["R1"].ping("10.0.0.2")).received == 4
        lab["R2"].power_off()
        await lab.run_until(lambda: not lab["R1"].state.interfaces["GigabitEthernet0/0"].up)
        with pytest.raises(
            NotReachedError, match=r"within 3 s of lab time.*R1:GigabitEthernet0/0.*wait longer"
        ):
            await lab.run_until(lambda: lab["R1"].state.interfaces["GigabitEthernet0/0"].up, 3)
        with pytest.raises(ValueError, match="R2 is switched off"):
            await lab["R2"].ping("10.0.0.1")
        lab["R2"].power_on()
        await lab.run_until(lambda: lab["R1"].state.interfaces["GigabitEthernet0/0"].up)


def test_the_synchronous_twin(tmp_path: Path) -> None:
    with SyncLab.load("ipsec-vpn") as lab:
        with lab.capture("all") as capture:
            assert lab["PC-A"].ping("192.168.2.1").received == 2
        assert {"ISAKMP", "IPSec", "ICMP"} <= {packet.protocol for packet in capture}
        assert list(read_pcapng(capture.write(tmp_path / "lab.pcapng").read_bytes()))
        lab["R-A"].configure("interface Loopback0\n ip address 1.1.1.1 255.255.255.255")
        lab.run_until(lambda: lab["R-A"].state.interfaces["Loopback0"].up, "5s")
        lab.run_until(lambda: lab.now > 90 and lab.link("R-A:Fa0/0").up, "1h")
        with pytest.raises(RuntimeError, match="may look at state, now and links, but not type commands"):
            lab.run_until(lambda: "up" in lab["R-A"].cli("show ip interface brief"), "5s")
        lab.restore()
        assert "Loopback0" not in lab["R-A"].state.interfaces
        assert lab["R-A"].state.isakmp_sas == ()
        lab.link("R-A:Fa0/0").down()
        assert not lab.link("R-A:Fa0/0").up
        assert lab.ssh_params("R-A", "scrapli")["port"] == lab.ssh_params("R-A", "asyncssh")["port"]
        with pytest.raises(ValueError, match="netmiko, scrapli or asyncssh"):
            lab.ssh_params("R-A", "telnet")


def test_a_command_after_a_reboot() -> None:
    with SyncLab(two_routers()) as lab:
        assert "R1" in lab["R1"].cli("show running-config | include hostname")
        lab["R1"].power_off()
        lab["R1"].power_on()
        lab.advance("2m")
        assert lab["R1"].cli("show clock")


def test_a_snapshot_while_ssh_is_open() -> None:
    import netmiko

    with SyncLab("ipsec-vpn") as lab:
        for _ in range(2):
            with netmiko.ConnectHandler(**lab.ssh_params("R-A")) as router:
                assert "R-A uptime" in router.send_command("show version")
                router.send_config_set(["hostname Gone"])
                lab.restore()
            assert lab["R-A"].state.hostname == "R-A"


def test_errors_say_what_to_do() -> None:
    with pytest.raises(LabError, match=r"labs that come along: .*ipsec-vpn"):
        SyncLab("nowhere")
    with SyncLab(two_routers()) as lab:
        with pytest.raises(NoSuchDeviceError, match=r"^the lab has no device 'R3'; it has: R1, R2$"):
            lab["R3"]
        with pytest.raises(LabError, match="no port"):
            lab.link("R1:Gi9/9")
        with pytest.raises(ConfigurationRefusedError, match=r"R1 refuses 'hostnme X':(.|\n)*check=False"):
            lab["R1"].configure(["hostnme X"])
        assert "Invalid" in lab["R1"].configure(["hostnme X"], check=False)
        remark = lab["R1"].configure(["crypto map M 10 ipsec-isakmp"])
        assert "% NOTE: This new crypto map will remain disabled" in remark
        with pytest.raises(ValueError, match="no IPv4 address"):
            lab["R1"].ping("R2")
        with pytest.raises(ValueError, match="is no duration"):
            lab.advance("soon")
    with pytest.raises(LabError, match="unknown model 'c9999'"):
        LabPlan().node("R", "c9999").topology()


def test_a_running_loop_does_no_harm() -> None:
    async def main() -> int:
        with SyncLab(two_routers()) as lab:
            return lab["R1"].ping("10.0.0.2").received

    assert asyncio.run(main()) == 4
