"""SPAN in every form: what is copied, what is shown, what is refused."""

from __future__ import annotations

import pytest
from switch_lab import Bench, Wire, configure, pings, reaches, refused, running_config, show

from iosemu.box.device import Device
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.monitor import MonitorConfig
from iosemu.packets.ethernet import tag_of
from iosemu.subjects.pc.service import NetworkCards

PORTFAST = "interface range fa0/1 - 4\n spanning-tree portfast\n"


class Mirrored:
    """A switch with two PCs that talk and a third that watches."""

    def __init__(self, config: str, model: str = "catalyst-2960-24tt") -> None:
        self.bench = Bench()
        self.switch: Device = self.bench.switch("SW", PORTFAST, model_name=model)
        self.a: Device = self.bench.pc("A", "10.0.0.1/24")
        self.b: Device = self.bench.pc("B", "10.0.0.2/24")
        self.watcher: Device = self.bench.pc("W", "10.0.0.3/24")
        self.bench.cable(self.switch, "Fa0/1", self.a)
        self.bench.cable(self.switch, "Fa0/2", self.b)
        self.bench.cable(self.switch, "Fa0/24", self.watcher)
        self.bench.run(3)
        assert reaches(self.bench, self.a, "10.0.0.2")
        configure(self.switch, config)
        self.bench.run(2)
        self.wire = Wire(self.switch, "Fa0/24")

    def echoes(self) -> tuple[int, int]:
        """Requests and replies that the watcher sees of one ping."""
        self.wire.clear()
        assert pings(self.bench, self.a, "10.0.0.2") == [True]
        kinds = [frame[34] for frame in self.wire.outgoing if frame[12:14] == b"\x08\x00" and frame[23] == 1]
        return kinds.count(8), kinds.count(0)


DESTINATION = "monitor session 1 destination interface fa0/24"


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("interface fa0/1", (1, 1)), ("interface fa0/1 both", (1, 1)), ("interface fa0/1 rx", (1, 0)),
        ("interface fa0/1 tx", (0, 1)), ("interface fa0/2 rx", (0, 1)), ("interface fa0/1 - 2 rx", (1, 1)),
        ("interface fa0/1 , fa0/2 tx", (1, 1)), ("vlan 1", (2, 2)), ("vlan 1 rx", (1, 1)),
        ("interface fa0/9", (0, 0)),
    ],
)  # fmt: skip
def test_sources_and_directions(source: str, seen: tuple[int, int]) -> None:
    mirrored = Mirrored(f"monitor session 1 source {source}\n{DESTINATION}")
    assert mirrored.echoes() == seen


def test_half_a_session_copies_nothing() -> None:
    assert Mirrored(DESTINATION).echoes() == (0, 0)


def test_removing() -> None:
    mirrored = Mirrored(f"monitor session 1 source interface fa0/1 - 2\n{DESTINATION}")
    configure(mirrored.switch, "no monitor session 1 source interface fa0/2")
    assert mirrored.echoes() == (1, 1)
    configure(mirrored.switch, "no monitor session 1")
    assert mirrored.echoes() == (0, 0)
    assert not any("monitor" in line for line in running_config(mirrored.switch))
    mirrored.bench.run(35)
    assert reaches(mirrored.bench, mirrored.watcher, "10.0.0.1")


@pytest.mark.parametrize("form", ["all", "local", "1"])
def test_removing_many(form: str) -> None:
    mirrored = Mirrored(f"monitor session 1 source interface fa0/1\n{DESTINATION}")
    configure(mirrored.switch, f"no monitor session {form}")
    assert not mirrored.switch.config.of(MonitorConfig).sessions


def test_removing_remote_keeps_local() -> None:
    mirrored = Mirrored(f"monitor session 1 source interface fa0/1\n{DESTINATION}")
    configure(
        mirrored.switch,
        "vlan 99\n remote-span\nmonitor session 2 source interface fa0/2\n"
        "monitor session 2 destination remote vlan 99\nno monitor session remote",
    )
    assert list(mirrored.switch.config.of(MonitorConfig).sessions) == [1]


def test_the_destination_hears_nobody_and_teaches_nothing() -> None:
    mirrored = Mirrored(f"monitor session 1 source interface fa0/1\n{DESTINATION}")
    assert not reaches(mirrored.bench, mirrored.watcher, "10.0.0.1")
    table = show(mirrored.switch, "show mac address-table")
    assert not any("Fa0/24" in line for line in table)
    status = show(mirrored.switch, "show interfaces fa0/24 status")
    assert any("monitoring" in line for line in status)
    assert not mirrored.switch.interfaces["FastEthernet0/24"].protocol_up
    assert any(
        "FastEthernet0/24 is up, line protocol is down (monitoring)" in line
        for line in show(mirrored.switch, "show interfaces fa0/24")
    )


def test_ingress_lets_the_watcher_speak_and_still_teaches_nothing() -> None:
    mirrored = Mirrored(f"monitor session 1 source interface fa0/1\n{DESTINATION} ingress untagged vlan 1")
    wire = Wire(mirrored.switch, "Fa0/1")
    reaches(mirrored.bench, mirrored.watcher, "10.0.0.1")
    assert any(frame[6:12] == mirrored.watcher.service(NetworkCards).card.mac for frame in wire.outgoing)
    assert not any("Fa0/24" in line for line in show(mirrored.switch, "show mac address-table"))


def test_replicate_keeps_bpdus_and_native_does_not() -> None:
    plain = Mirrored(f"monitor session 1 source interface fa0/1\n{DESTINATION}")
    plain.bench.run(10)
    assert not any(frame[:6] == bytes.fromhex("0180c2000000") for frame in plain.wire.outgoing)
    whole = Mirrored(f"monitor session 1 source interface fa0/1\n{DESTINATION} encapsulation replicate")
    whole.bench.run(10)
    assert any(frame[:6] == bytes.fromhex("0180c2000000") for frame in whole.wire.outgoing)


def _trunked(config: str) -> tuple[Bench, Wire, Device]:
    bench = Bench()
    base = "vlan 10,20\ninterface gi0/1\n switchport mode trunk\n switchport nonegotiate\n" + PORTFAST
    ports = "interface fa0/1\n switchport access vlan 10\ninterface fa0/2\n switchport access vlan 20\n"
    left, right = bench.switch("L", base + ports), bench.switch("R", base + ports)
    bench.cable(left, "Gi0/1", right, "Gi0/1")
    a = bench.pc("A", "10.0.0.1/24")
    c = bench.pc("C", "10.0.1.1/24")
    bench.cable(left, "Fa0/1", a)
    bench.cable(right, "Fa0/1", bench.pc("B", "10.0.0.2/24"))
    bench.cable(left, "Fa0/2", c)
    bench.cable(right, "Fa0/2", bench.pc("D", "10.0.1.2/24"))
    bench.cable(left, "Fa0/24", bench.pc("W", "10.0.9.9/24"))
    bench.run(40)
    configure(left, config)
    wire = Wire(left, "Fa0/24")
    assert reaches(bench, a, "10.0.0.2")
    assert reaches(bench, c, "10.0.1.2")
    return bench, wire, a


def _vlans(wire: Wire) -> set[int]:
    return {tag.vlan for frame in wire.outgoing if frame[16:18] == b"\x08\x00" and (tag := tag_of(frame))}


def test_filter_vlan() -> None:
    source = "monitor session 1 source interface gi0/1\n" + DESTINATION + " encapsulation replicate\n"
    assert _vlans(_trunked(source)[1]) == {10, 20}
    assert _vlans(_trunked(source + "monitor session 1 filter vlan 20")[1]) == {20}


def test_dot1q_tags_every_copy() -> None:
    config = "monitor session 1 source interface fa0/1\n" + DESTINATION + " encapsulation dot1q"
    assert _vlans(_trunked(config)[1]) == {10}


def test_rspan_across_two_switches() -> None:
    bench = Bench()
    base = (
        "vlan 99\n remote-span\ninterface gi0/1\n switchport mode trunk\n switchport nonegotiate\n" + PORTFAST
    )
    near = bench.switch(
        "NEAR",
        base + "monitor session 1 source interface fa0/1 rx\nmonitor session 1 destination remote vlan 99",
    )
    far = bench.switch(
        "FAR",
        base + "monitor session 1 source remote vlan 99\nmonitor session 1 destination interface fa0/24",
    )
    bench.cable(near, "Gi0/1", far, "Gi0/1")
    a = bench.pc("A", "10.0.0.1/24")
    bench.cable(near, "Fa0/1", a)
    bench.cable(near, "Fa0/2", bench.pc("B", "10.0.0.2/24"))
    bench.cable(far, "Fa0/24", bench.pc("W", "10.0.0.3/24"))
    bench.run(40)
    wire = Wire(far, "Fa0/24")
    assert reaches(bench, a, "10.0.0.2")
    requests = [frame for frame in wire.outgoing if frame[12:14] == b"\x08\x00" and frame[34] == 8]
    assert requests
    assert all(frame[6:12] == a.service(NetworkCards).card.mac for frame in requests)
    assert not any(entry.vlan == 99 for entry in far.service(Bridge).mac_entries())
    assert "Type                   : Remote Source Session" in show(near, "show monitor session 1")
    assert "Source RSPAN VLAN      : 99" in show(far, "show monitor session remote")


def test_refusals() -> None:
    switch = Bench().switch("SW", f"monitor session 1 source interface fa0/1\n{DESTINATION}")
    assert "already configured as monitor sources" in refused(
        switch, "monitor session 2 destination interface fa0/1"
    )
    assert "already configured as monitor destinations" in refused(
        switch, "monitor session 2 source interface fa0/24"
    )
    assert "already configured as monitor destinations" in refused(
        switch, "monitor session 2 destination interface fa0/24"
    )
    assert "Cannot mix" in refused(switch, "monitor session 1 source vlan 1")
    assert "not a remote SPAN VLAN" in refused(switch, "monitor session 2 source remote vlan 10")
    configure(switch, "monitor session 2 source interface fa0/2")
    assert "maximum of 2 source sessions" in refused(switch, "monitor session 3 source interface fa0/3")
    assert "Invalid input" in refused(switch, "monitor session 67 source interface fa0/3")
    assert "Invalid input" in refused(switch, "monitor session 2 source interface vlan 1")


def test_limits_of_the_2950() -> None:
    switch = Bench().switch("SW", model_name="catalyst-2950-24")
    assert "Invalid input" in refused(switch, "monitor session 3 source interface fa0/3")
    assert "Only one destination port" in refused(
        switch, "monitor session 1 destination interface fa0/23 - 24"
    )
    configure(switch, "monitor session 1 source interface fa0/1")
    assert "maximum of 1 source sessions" in refused(switch, "monitor session 2 source interface fa0/3")
    configure(
        switch,
        "no monitor session 1\nvlan 99\n remote-span\nmonitor session 1 source interface fa0/1\n"
        "monitor session 1 destination remote vlan 99 reflector-port fa0/20",
    )
    assert "monitor session 1 destination remote vlan 99 reflector-port Fa0/20" in running_config(switch)


FORMS = [
    "monitor session 1 source interface Fa0/1",
    "monitor session 1 source interface Fa0/1 - 3 , Fa0/7 rx",
    "monitor session 1 source interface Gi0/1 tx",
    "monitor session 1 source vlan 1,3-5 rx",
    "monitor session 1 filter vlan 2,4",
    "monitor session 1 destination interface Fa0/24",
    "monitor session 1 destination interface Fa0/23 - 24 encapsulation replicate",
    "monitor session 1 destination interface Fa0/24 encapsulation dot1q",
    "monitor session 1 destination interface Fa0/24 ingress vlan 5",
    "monitor session 1 destination interface Fa0/24 encapsulation replicate ingress dot1q vlan 5",
    "monitor session 1 destination interface Fa0/24 ingress untagged vlan 5",
]


@pytest.mark.parametrize("line", FORMS)
def test_lines_come_back_as_typed(line: str) -> None:
    switch = Bench().switch("SW", line)
    assert [each for each in running_config(switch) if each.startswith("monitor")] == [line]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("source vlan 1 - 3 , 7 rx", "source vlan 1-3,7 rx"),
        ("source vlan 9, 2 -4", "source vlan 2-4,9"),
        ("filter vlan 2 - 3,5 , 7", "filter vlan 2,3,5,7"),
        ("source interface fa0/1-3,fa0/7 tx", "source interface Fa0/1 - 3 , Fa0/7 tx"),
        ("source interface fastethernet 0/1 - 2 , f 0/4", "source interface Fa0/1 - 2 , Fa0/4"),
    ],
)
def test_lists_are_read_as_people_type_them(typed: str, kept: str) -> None:
    switch = Bench().switch("SW", f"monitor session 1 {typed}")
    assert f"monitor session 1 {kept}" in running_config(switch)


@pytest.mark.parametrize(
    "line",
    [
        "source vlan 1",
        "filter vlan 2",
        "destination interface fa0/24 encapsulation replicate",
        "destination interface fa0/24 ingress untagged vlan 1",
    ],
)
def test_what_the_2950_lacks(line: str) -> None:
    switch = Bench().switch("SW", model_name="catalyst-2950-24")
    assert "Invalid input" in refused(switch, f"monitor session 1 {line}")


def test_only_the_2950_has_and_needs_a_reflector_port() -> None:
    remote = "vlan 99\n remote-span\nmonitor session 1 source interface fa0/1"
    old = Bench().switch("SW", remote, model_name="catalyst-2950-24")
    assert "Incomplete command" in refused(old, "monitor session 1 destination remote vlan 99")
    new = Bench().switch("SW", remote)
    assert "Invalid input" in refused(
        new, "monitor session 1 destination remote vlan 99 reflector-port fa0/2"
    )
