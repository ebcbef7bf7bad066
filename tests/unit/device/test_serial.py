"""Serial lines between routers."""

import pytest

from iosemu import LabPlan, SyncLab
from iosemu.lab.errors import LabError

ONE = "interface Serial0/0/0\n ip address 10.0.0.1 255.255.255.252"
TWO = "interface Serial2/0\n ip address 10.0.0.2 255.255.255.252"


def plan(one: str = ONE, two: str = TWO) -> LabPlan:
    return (
        LabPlan("serial")
        .node("R1", "c2811", modules={"0/0": "WIC-2T"}, config=one)
        .node("R2", "c2911", ports=["Ethernet0/0-3", "Serial2/0-3"], config=two)
        .link("R1:Se0/0/0", "R2:Se2/0")
    )


def protocol(lab: SyncLab, name: str, port: str) -> bool:
    return bool(lab.lab.core.devices[name].interfaces[port].protocol_up)


def test_packets_cross_a_serial_line() -> None:
    with SyncLab(plan()) as lab, lab.capture("R1:Se0/0/0") as capture:
        assert "!!!!!" in lab["R1"].cli("ping 10.0.0.2")
        shown = lab["R1"].cli("show interfaces Serial0/0/0")
        assert "Serial0/0/0 is up, line protocol is up" in shown
        assert "Encapsulation HDLC, loopback not set" in shown
        assert "bia" not in shown
        assert "duplex" not in shown
        assert "DCD=up  DSR=up  DTR=up  RTS=up  CTS=up" in shown
        assert any(packet.frame[:4] == b"\x0f\x00\x08\x00" for packet in capture.packets)
        assert lab["R1"].cli("show cdp neighbors").count("Ser") == 2
        assert "duplex" not in lab["R1"].cli("show cdp neighbors detail")


def test_the_line_protocol_goes_down_with_the_keepalives_of_the_other_end() -> None:
    with SyncLab(plan()) as lab:
        lab["R2"].configure(["interface Serial2/0", "no keepalive"])
        lab.advance("60s")
        assert protocol(lab, "R2", "Serial2/0")
        assert not protocol(lab, "R1", "Serial0/0/0")
        assert "Serial0/0/0 is up, line protocol is down" in lab["R1"].cli("show interfaces Serial0/0/0")
        lab["R2"].configure(["interface Serial2/0", "keepalive 10"])
        lab.advance("30s")
        assert protocol(lab, "R1", "Serial0/0/0")


def test_without_carrier_both_ends_are_down_and_come_back() -> None:
    with SyncLab(plan()) as lab:
        lab["R2"].configure(["interface Serial2/0", "shutdown"])
        lab.advance("30s")
        assert not protocol(lab, "R1", "Serial0/0/0")
        lab["R2"].configure(["interface Serial2/0", "no shutdown"])
        lab.advance("15s")
        assert protocol(lab, "R1", "Serial0/0/0")
        assert protocol(lab, "R2", "Serial2/0")
        assert "!!!!!" in lab["R2"].cli("ping 10.0.0.1")


def test_a_serial_port_has_neither_duplex_nor_speed() -> None:
    with SyncLab(plan()) as lab:
        assert " duplex " not in lab["R1"].cli("show running-config interface Serial0/0/0")
        lab["R1"].cli("configure terminal")
        lab["R1"].cli("interface Serial0/0/0")
        assert "Invalid input" in lab["R1"].cli("duplex full")


def test_a_serial_cable_has_two_serial_ends() -> None:
    with pytest.raises(LabError, match="need different cables"):
        plan().link("R1:Se0/0/1", "R2:Et0/0").topology()


def test_the_queue_of_a_line_holds_forty_frames() -> None:
    slow = TWO + "\n clock rate 9600"
    with SyncLab(LabPlan("slow").node("R1", "c2811", modules={"0/0": "WIC-2T"}, config=ONE)
                 .node("R2", "c2911", ports=["Serial2/0-3"], config=slow)
                 .link("R2:Se2/0", "R1:Se0/0/0")) as lab:  # fmt: skip
        lab.advance("5s")
        interface = lab.lab.core.devices["R2"].interfaces["Serial2/0"]
        assert interface.port is not None
        while interface.counters.out_drops == 0 and interface.counters.out_packets < 100:
            interface.send(b"\x0f\x00\x12\x34" + bytes(1000))
        waiting = interface.port.free - lab.lab.core.scheduler.now
        assert waiting == pytest.approx(41 * 1008 * 8 / 9600, rel=0.02)
        assert interface.counters.out_drops == 1


def test_only_a_serial_cable_gives_a_clock() -> None:
    ports = LabPlan("clock").node("R1", "c2811").node("R2", "c2811")
    with pytest.raises(LabError, match="only a serial cable"):
        ports.link("R1:Fa0/0", "R2:Fa0/0", dce="R1:Fa0/0").topology()
    with pytest.raises(LabError, match="none of its endpoints"):
        plan().link("R1:Se0/0/1", "R2:Se2/1", dce="R1:Se0/0/0").topology()
