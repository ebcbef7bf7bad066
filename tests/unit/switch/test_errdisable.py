"""Ports that are closed because something comes and goes, or comes back."""

from __future__ import annotations

from switch_lab import Bench, configure, has_block, running_config

from iosemu.box.device import Device
from iosemu.packets.loop import LoopPacket
from iosemu.subjects.errdisable.config import FlapLimit
from iosemu.subjects.errdisable.flaps import FlapCounter


def reason(switch: Device, port: str = "FastEthernet0/1") -> str:
    """Why a port is closed."""
    return switch.interfaces[port].err_disabled


def test_so_many_flaps_in_so_many_seconds() -> None:
    counter, limit = FlapCounter(), FlapLimit(3, 10)
    assert not counter.exceeds("a", "x", limit, 0.0)
    assert not counter.exceeds("a", "x", limit, 5.0)
    assert not counter.exceeds("a", "x", limit, 12.0), "the first is too old"
    assert not counter.exceeds("b", "x", limit, 12.0)
    assert counter.exceeds("a", "x", limit, 13.0)
    assert not counter.exceeds("a", "x", limit, 13.0), "it begins anew"


def test_a_link_that_flaps_closes_its_port() -> None:
    bench = Bench()
    switch = bench.switch("SW")
    link = bench.cable(switch, "Fa0/1", bench.pc("PC", "10.0.0.1/24"))
    bench.run(3)
    for _ in range(5):
        assert reason(switch) == ""
        link.down()
        bench.run(0.5)
        link.up()
        bench.run(0.5)
    assert reason(switch) == "link-flap"


def test_shutdown_is_no_flap() -> None:
    bench = Bench()
    switch = bench.switch("SW", "errdisable flap-setting cause link-flap max-flaps 2 time 100\n")
    bench.cable(switch, "Fa0/1", bench.pc("PC", "10.0.0.1/24"))
    bench.run(3)
    for _ in range(4):
        configure(switch, "interface fa0/1\n shutdown\n")
        bench.run(1)
        configure(switch, "interface fa0/1\n no shutdown\n")
        bench.run(1)
    assert reason(switch) == ""
    assert has_block(running_config(switch), "errdisable flap-setting cause link-flap max-flaps 2 time 100")


def test_a_trunk_that_comes_and_goes() -> None:
    bench = Bench()
    one = bench.switch("SW1", "interface fa0/1\n switchport mode dynamic desirable\n")
    two = bench.switch("SW2", "interface fa0/1\n switchport mode dynamic desirable\n")
    bench.cable(one, "Fa0/1", two, "Fa0/1")
    bench.run(10)
    for _ in range(3):
        assert reason(one) == ""
        configure(two, "interface fa0/1\n switchport mode access\n")
        bench.run(3)
        configure(two, "interface fa0/1\n switchport mode dynamic desirable\n")
        bench.run(3)
    assert reason(one) == "dtp-flap"
    assert reason(two) == "", "what is typed is no flap"


def test_a_bundle_that_a_port_leaves() -> None:
    bench = Bench()
    config = "interface fa0/1\n channel-group 1 mode desirable\n"
    one = bench.switch("SW1", f"errdisable flap-setting cause pagp-flap max-flaps 1 time 30\n{config}")
    two = bench.switch("SW2", config)
    bench.cable(one, "Fa0/1", two, "Fa0/1")
    bench.run(60)
    assert reason(one) == ""
    configure(two, "interface fa0/1\n no channel-group 1 mode desirable\n no channel-group\n")
    bench.run(200)
    assert reason(one) == "pagp-flap"


def test_a_keepalive_that_comes_back() -> None:
    bench = Bench()
    switch = bench.switch(
        "SW", "interface range fa0/1 - 2\n switchport mode access\n spanning-tree portfast\n"
    )
    for number in (1, 2):
        bench.cable(switch, f"Fa0/{number}", bench.pc(f"PC{number}", f"10.0.0.{number}/24"))
    bench.run(3)
    port, other = switch.interfaces["FastEthernet0/1"], switch.interfaces["FastEthernet0/2"]
    port.frame_received(LoopPacket().to_frame(other.mac).to_bytes())
    bench.run(1)
    assert reason(switch) == ""
    port.frame_received(LoopPacket().to_frame(port.mac).to_bytes())
    bench.run(1)
    assert reason(switch) == "loopback"
    assert any(each.mnemonic == "LOOP_BACK_DETECTED" for each in switch.syslog.messages)
