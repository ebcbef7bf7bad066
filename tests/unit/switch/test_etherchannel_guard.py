"""EtherChannel guard: a bundle whose other end is none is taken out of service, one that negotiates is not."""

from __future__ import annotations

import pytest
from switch_lab import Bench, configure, show

from iosemu.box.device import Device

BUNDLE = "interface range fa0/1 - 2\n switchport mode trunk\n channel-group 1 mode {}\n"


def pair(bench: Bench, first: str, second: str) -> tuple[Device, Device]:
    """Two switches and two cables; the second is the root."""
    a = bench.switch("A", first)
    b = bench.switch("B", "spanning-tree vlan 1 priority 4096\n" + second)
    for port in ("Fa0/1", "Fa0/2"):
        bench.cable(a, port, b, port)
    return a, b


def told(switch: Device) -> list[str]:
    """The messages about the bundle."""
    return [each.text for each in switch.syslog.messages if each.mnemonic in ("CHNL_MISCFG", "ERR_DISABLE")]


@pytest.mark.parametrize("mode", ["pvst", "rapid-pvst", "mst"])
def test_ports_that_are_no_bundle_at_the_other_end_are_noticed(mode: str) -> None:
    bench = Bench()
    mode = f"spanning-tree mode {mode}\n"
    trunks = "interface range fa0/1 - 2\n switchport mode trunk"
    a, _b = pair(bench, mode + BUNDLE.format("on"), mode + trunks + "\nspanning-tree mst 0 priority 4096")
    bench.run(15)
    assert told(a) == [
        "Detected loop due to etherchannel misconfiguration of Port-channel1",
        "channel-misconfig (STP) error detected on Po1, putting Fa0/1 in err-disable state",
        "channel-misconfig (STP) error detected on Po1, putting Fa0/2 in err-disable state",
    ]
    assert any("channel-misconfig" in line for line in show(a, "show interfaces status err-disabled"))


@pytest.mark.parametrize(("mine", "theirs"), [
    ("on", "on"), ("active", "passive"), ("active", "active"), ("desirable", "auto"),
])  # fmt: skip
def test_a_bundle_is_left_alone(mine: str, theirs: str) -> None:
    bench = Bench()
    a, b = pair(bench, BUNDLE.format(mine), BUNDLE.format(theirs))
    bench.run(60)
    assert told(a) == told(b) == []
    assert "Po1" in "".join(show(a, "show spanning-tree"))


def test_who_negotiates_with_nobody_is_left_alone() -> None:
    bench = Bench()
    a, b = pair(bench, BUNDLE.format("active"), "interface range fa0/1 - 2\n switchport mode trunk")
    bench.run(60)
    assert told(a) == told(b) == []


def test_it_can_be_turned_off_and_recovered_from() -> None:
    bench = Bench()
    off = "no spanning-tree etherchannel guard misconfig\n"
    a, _b = pair(bench, off + BUNDLE.format("on"), "interface range fa0/1 - 2\n switchport mode trunk")
    bench.run(20)
    assert told(a) == []
    configure(a, "spanning-tree etherchannel guard misconfig\nerrdisable recovery cause channel-misconfig")
    configure(a, "errdisable recovery interval 30")
    bench.run(10)
    assert len(told(a)) == 3
    bench.run(35)
    assert any(each.mnemonic == "ERR_RECOVER" for each in a.syslog.messages)


def test_the_hash_deals_eight_buckets_out() -> None:
    bench = Bench()
    a, _b = pair(bench, BUNDLE.format("on"), BUNDLE.format("on"))
    bench.run(5)
    configure(a, "port-channel load-balance src-dst-ip")
    command = "test etherchannel load-balance interface port-channel 1"
    found = [show(a, f"{command} ip 10.0.0.{n} 10.0.1.1") for n in (1, 2, 3)]
    assert found == [
        ["Would select Fa0/1 of Po1"],
        ["Would select Fa0/2 of Po1"],
        ["Would select Fa0/1 of Po1"],
    ]
    configure(a, "port-channel load-balance dst-mac")
    assert show(a, f"{command} mac 0000.0000.0001 0000.0000.0002") == ["Would select Fa0/1 of Po1"]
