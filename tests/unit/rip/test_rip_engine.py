"""What IOS's RIP does beside the RFC: summaries, hold-down, versions, offsets, keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest

from iosemu.routing.rip import (
    AuthenticationMode,
    Given,
    Ignored,
    InterfaceConfig,
    Key,
    NoPolicy,
    ProcessConfig,
    Rip,
    Timers,
)
from iosemu.routing.rip.events import Collected, Stored
from iosemu.routing.rip.packets import Command, Entry, Message, build, parse

NEIGHBOUR = IPv4Address("10.0.12.2")
OTHER = IPv4Address("10.0.12.3")
FAR = IPv4Network("192.168.3.0/24")


def port(name: str = "Fa0/0", address: str = "10.0.12.1/24", **facts: object) -> InterfaceConfig:
    config = InterfaceConfig(name, IPv4Interface(address), send=(2,), receive=(2,))
    return replace(config, **facts)  # type: ignore[arg-type]


class Lab:
    """One engine, its time, and what it told."""

    def __init__(
        self, config: ProcessConfig | None = None, *ports: InterfaceConfig, policy: NoPolicy | None = None
    ):
        self.now = 0.0
        self.rip = Rip(config or ProcessConfig(auto_summary=False), lambda: 0.5, 0.0, policy)
        for each in ports or (port(),):
            self.rip.interface_up(each, 0.0)
        self.run(10.0)

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self.rip.next_timer() <= end:
            self.now = max(self.now, self.rip.next_timer())
            self.rip.tick(self.now)
        self.now = end

    def hear(self, *told: tuple[str, int], source: IPv4Address = NEIGHBOUR, name: str = "Fa0/0", version: int = 2,
             data: bytes | None = None) -> None:  # fmt: skip
        rows = tuple(
            Entry(IPv4Network(each).network_address, IPv4Network(each).netmask, metric=metric)
            for each, metric in told
        )
        payload = data if data is not None else build(Message(Command.RESPONSE, version, rows))
        self.rip.receive(name, source, 520, payload, self.now)

    def told(self, name: str) -> dict[str, int]:
        """What the next regular update says on an interface."""
        self.rip.packets()
        self.run(self.rip.next_update - self.now)
        rows: dict[str, int] = {}
        for each in self.rip.packets():
            if each.interface == name:
                message, _ = parse(each.payload)
                rows |= {str(entry.network or entry.address): entry.metric for entry in message.entries}
        return rows

    def metric(self, network: IPv4Network = FAR) -> int | None:
        known = self.rip.database.known.get(network)
        return known.metric if known is not None and known.reachable else None


def test_a_metric_of_fifteen_is_used_and_passed_on_as_unreachable() -> None:
    lab = Lab(None, port(), port("Fa0/1", "10.0.13.1/24"))
    lab.hear((str(FAR), 15))
    assert lab.metric() == 15
    assert lab.told("Fa0/1")[str(FAR)] == 16


def test_split_horizon_keeps_a_route_from_where_it_came() -> None:
    lab = Lab(None, port(), port("Fa0/1", "10.0.13.1/24"), port("Fa0/2", "10.0.14.1/24", split_horizon=False))
    lab.hear((str(FAR), 1))
    lab.hear(("172.16.0.0/16", 2), name="Fa0/2", source=IPv4Address("10.0.14.2"))
    assert str(FAR) not in lab.told("Fa0/0")
    assert lab.told("Fa0/1") == {"10.0.12.0/24": 1, "10.0.14.0/24": 1, "172.16.0.0/16": 3, str(FAR): 2}
    assert lab.told("Fa0/2")["172.16.0.0/16"] == 3


def test_auto_summary_speaks_for_other_major_networks() -> None:
    lab = Lab(ProcessConfig(), port(), port("Fa0/1", "172.16.1.1/24"), port("Fa0/2", "172.16.2.1/24"))
    assert lab.told("Fa0/0") == {"172.16.0.0/16": 1}
    assert lab.told("Fa0/1") == {"10.0.0.0/8": 1, "172.16.2.0/24": 1}


def test_version_1_sends_only_subnets_with_its_own_mask() -> None:
    lab = Lab(None, port(send=(1,)), port("Fa0/1", "10.0.13.1/24"), port("Fa0/2", "10.0.14.1/30"),
              port("Fa0/3", "172.16.9.1/24"))  # fmt: skip
    assert lab.told("Fa0/0") == {"10.0.13.0": 1, "172.16.0.0": 1}


def test_version_1_masks_are_those_of_the_link() -> None:
    lab = Lab(None, port(receive=(1, 2)))
    lab.hear(("10.0.99.0/24", 1), ("10.5.5.5/32", 1), ("172.16.0.0/16", 1), version=1)
    assert {str(each) for each in lab.rip.database.known} >= {"10.0.99.0/24", "10.5.5.5/32", "172.16.0.0/16"}


def test_a_summary_of_the_interface_stands_for_its_parts() -> None:
    summary = IPv4Network("172.16.0.0/17")
    lab = Lab(
        None, port(summaries=(summary,)), port("Fa0/1", "172.16.1.1/24"), port("Fa0/2", "172.16.200.1/24")
    )
    assert lab.told("Fa0/0") == {"172.16.0.0/17": 1, "172.16.200.0/24": 1}


def test_what_is_lost_is_held_down_and_flushed() -> None:
    lab = Lab(
        ProcessConfig(Timers(10, 60, 60, 90), auto_summary=False), port(), port("Fa0/1", "10.0.13.1/24")
    )
    lab.hear((str(FAR), 2))
    lab.run(61)
    assert lab.metric() is None
    assert FAR in lab.rip.changes()
    assert lab.told("Fa0/0")[str(FAR)] == 16  # poison reverse
    lab.hear((str(FAR), 4), source=OTHER)
    assert lab.metric() is None  # a worse way of another neighbour is not believed
    lab.hear((str(FAR), 1), source=OTHER)
    assert lab.metric() == 1
    lab.run(61)
    lab.run(31)
    assert FAR not in lab.rip.database.known


def test_the_neighbour_itself_ends_the_hold_down() -> None:
    lab = Lab()
    lab.hear((str(FAR), 2))
    lab.hear((str(FAR), 16))
    assert lab.metric() is None
    lab.hear((str(FAR), 5))
    assert lab.metric() == 5


def test_a_cut_link_leaves_room_for_any_other_way() -> None:
    lab = Lab(None, port(), port("Fa0/1", "10.0.13.1/24"))
    lab.hear((str(FAR), 1))
    lab.rip.interface_down("Fa0/0", lab.now)
    assert lab.metric() is None
    lab.hear((str(FAR), 7), name="Fa0/1", source=IPv4Address("10.0.13.3"))
    assert lab.metric() == 7


def test_equal_ways_are_shared_up_to_the_maximum() -> None:
    lab = Lab(ProcessConfig(auto_summary=False, maximum_paths=2))
    for last in (2, 3, 4):
        lab.hear((str(FAR), 3), source=IPv4Address(f"10.0.12.{last}"))
    known = lab.rip.database.known[FAR]
    assert [str(path.gateway) for path in known.paths] == ["10.0.12.2", "10.0.12.3"]
    lab.hear((str(FAR), 9), source=NEIGHBOUR)  # one way became worse
    assert [str(path.gateway) for path in known.paths] == ["10.0.12.3"]


def test_a_triggered_update_carries_what_changed() -> None:
    lab = Lab(None, port(), port("Fa0/1", "10.0.13.1/24"))
    lab.run(60)
    lab.rip.packets()
    lab.hear((str(FAR), 1))
    lab.run(0.0)
    rows = [parse(each.payload)[0].entries for each in lab.rip.packets() if each.interface == "Fa0/1"]
    assert [[str(each.network) for each in row] for row in rows] == [[str(FAR)]]


def test_a_given_route_goes_out_with_its_metric_and_next_hop() -> None:
    lab = Lab(None, port(), port("Fa0/1", "10.0.13.1/24"))
    lab.rip.redistribute((), [Given(FAR, "static", 3, 7, IPv4Address("10.0.12.9"))], lab.now)
    lab.run(0.0)
    told = {
        (each.interface, str(entry.next_hop), entry.metric, entry.tag)
        for each in lab.rip.packets()
        for entry in parse(each.payload)[0].entries
        if entry.network == FAR
    }
    assert told == {("Fa0/0", "10.0.12.9", 3, 7), ("Fa0/1", "0.0.0.0", 3, 7)}
    lab.rip.redistribute([FAR], (), lab.now)
    assert lab.told("Fa0/1")[str(FAR)] == 16


class Offsets(NoPolicy):
    """Two more on the way in, one more on the way out of Fa0/1; nothing of one network."""

    def offset(self, outgoing: bool, interface: str, network: IPv4Network) -> int:
        return 2 if not outgoing else int(interface == "Fa0/1")

    def accepts(self, interface: str, gateway: IPv4Address, network: IPv4Network) -> bool:
        return str(network) != "172.16.0.0/16"

    def advertises(self, interface: str, origin: str, network: IPv4Network) -> bool:
        return origin != "connected"


def test_policies_add_to_metrics_and_filter() -> None:
    lab = Lab(None, port(), port("Fa0/1", "10.0.13.1/24"), policy=Offsets())
    lab.hear((str(FAR), 1), ("172.16.0.0/16", 1))
    assert lab.metric() == 3
    assert lab.told("Fa0/1") == {str(FAR): 5}


class OneKey:
    """A key chain with one key."""

    def __init__(self, secret: bytes) -> None:
        self.key = Key(1, secret)

    def sending(self) -> Key:
        return self.key

    def accepting(self) -> Iterable[Key]:
        return (self.key,)


@pytest.mark.parametrize("mode", list(AuthenticationMode))
def test_only_the_right_key_is_believed(mode: AuthenticationMode) -> None:
    lab = Lab(None, port(authentication=mode, keys=OneKey(b"cisco")))
    message = Message(Command.RESPONSE, 2, (Entry(FAR.network_address, FAR.netmask, metric=1),))
    for data in (build(message), build(message, mode, Key(1, b"other"), 5)):
        lab.hear(data=data)
        assert lab.metric() is None
        assert Ignored("Fa0/0", NEIGHBOUR, 2, "invalid authentication") in lab.rip.events()
    lab.hear(data=build(message, mode, Key(1, b"cisco"), 5))
    assert lab.metric() == 1
    _sent, proof = parse(lab.rip.packets()[-1].payload)
    assert proof is not None
    assert proof.shows(Key(1, b"cisco"))


def test_an_old_digest_is_not_believed_again() -> None:
    lab = Lab(None, port(authentication=AuthenticationMode.MD5, keys=OneKey(b"cisco")))
    key = Key(1, b"cisco")
    for metric, sequence in ((3, 9), (1, 8)):
        row = Entry(FAR.network_address, FAR.netmask, metric=metric)
        lab.hear(data=build(Message(Command.RESPONSE, 2, (row,)), AuthenticationMode.MD5, key, sequence))
    assert lab.metric() == 3


def test_foreign_sources_and_ports_are_ignored() -> None:
    lab = Lab()
    lab.hear((str(FAR), 1), source=IPv4Address("10.9.9.9"))
    data = build(Message(Command.RESPONSE, 2, (Entry(FAR.network_address, FAR.netmask),)))
    lab.rip.receive("Fa0/0", NEIGHBOUR, 40000, data, lab.now)
    lab.hear((str(FAR), 1), version=1)
    assert lab.metric() is None
    reasons = [each.reason for each in lab.rip.events() if isinstance(each, Ignored)]
    assert reasons == ["bad source", "bad source port", "illegal version"]


def test_a_passive_interface_listens_and_tells_only_neighbors() -> None:
    lab = Lab(ProcessConfig(auto_summary=False), port(passive=True), port("Fa0/1", "10.0.13.1/24"))
    lab.hear((str(FAR), 1))
    assert lab.metric() == 1
    assert lab.told("Fa0/0") == {}
    lab.rip.configure(ProcessConfig(auto_summary=False, neighbors=frozenset((NEIGHBOUR,))), lab.now)
    assert lab.told("Fa0/0") == {"10.0.13.0/24": 1}


def test_many_routes_cost_one_timer_each() -> None:
    lab = Lab()
    rows = [(f"172.{second}.{third}.0/24", 1) for second in range(16, 20) for third in range(250)]
    for _ in range(10):
        for at in range(0, len(rows), 25):
            lab.hear(*rows[at : at + 25])
        lab.run(30)
    assert len(lab.rip.database._due) <= len(rows)


def test_a_default_goes_where_it_is_wanted_and_is_taken_back() -> None:
    config = ProcessConfig(
        auto_summary=False, default_originate=True, default_interfaces=frozenset({"Fa0/0"})
    )
    lab = Lab(config, port(), port("Fa0/1", "10.0.13.1/24"))
    assert lab.told("Fa0/0")["0.0.0.0/0"] == 1
    assert "0.0.0.0/0" not in lab.told("Fa0/1")
    lab.rip.configure(replace(config, default_originate=False), lab.now)
    seen = [lab.told("Fa0/0").get("0.0.0.0/0") for _ in range(6)]
    assert seen[0] == 16
    assert seen[-1] is None
    assert "0.0.0.0/0" not in lab.told("Fa0/1")


def test_the_messages_of_an_update_keep_their_distance() -> None:
    lab = Lab(ProcessConfig(auto_summary=False, output_delay=0.05), port(), port("Fa0/1", "10.0.13.1/24"))
    lab.hear(*((f"172.16.{number}.0/24", 1) for number in range(60)))
    lab.run(10.0)  # what is new was told
    lab.rip.packets()
    left: list[tuple[float, str]] = []
    start = lab.rip.next_update
    end = start + 0.5
    while lab.rip.next_timer() <= end:
        lab.now = max(lab.now, lab.rip.next_timer())
        lab.rip.tick(lab.now)
        left += [(round(lab.now - start, 3), each.interface) for each in lab.rip.packets()]
    assert [when for when, name in left if name == "Fa0/1"] == [0.0, 0.05, 0.1]
    assert [when for when, name in left if name == "Fa0/0"] == [0.0]


def test_what_the_next_update_tells_soon_is_not_told_ahead_of_it() -> None:
    lab = Lab(ProcessConfig(auto_summary=False, flash_threshold=12.0), port(), port("Fa0/1", "10.0.13.1/24"))
    lab.run(lab.rip.next_update - lab.now - 10.0)
    lab.rip.packets()
    lab.hear((str(FAR), 1))
    lab.run(9.0)
    assert lab.rip.packets() == []
    assert lab.told("Fa0/1")[str(FAR)] == 2
    lab.run(5.0)
    lab.hear(("192.168.4.0/24", 1))
    lab.run(1.0)
    assert [each.interface for each in lab.rip.packets()] == ["Fa0/1"]


def test_the_database_says_what_it_takes_and_collects() -> None:
    lab = Lab()
    lab.rip.events()
    lab.hear((str(FAR), 2))
    lab.hear((str(FAR), 1), source=OTHER)
    lab.run(500.0)
    noted = [each for each in lab.rip.events() if isinstance(each, Stored | Collected)]
    assert noted == [
        Stored(FAR, 2, NEIGHBOUR, "Fa0/0", True),
        Stored(FAR, 1, OTHER, "Fa0/0", False),
        Collected(FAR),
    ]
