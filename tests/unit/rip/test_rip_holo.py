"""Recorded conformance cases of another implementation, one by one.

The engine is configured as the recorded router and given its inputs. Compared are the routes that it then knows, and
what it tells the neighbours on each interface.
"""

from __future__ import annotations

import json
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path
from typing import Any

import pytest

from iosemu.routing.rip import InterfaceConfig, Origin, ProcessConfig, Rip, Timers
from iosemu.routing.rip.packets import Command, Entry, Message, build, parse

DATA = json.loads((Path(__file__).parents[2] / "data" / "kat" / "holo_ripv2.json").read_text())
CASES: dict[str, Any] = {case["name"]: case for case in DATA["cases"]}

NOT_APPLICABLE = {
    "nb-config-distance1": "the administrative distance is the routing table's business, not the engine's",
    "nb-config-split-horizon3": "IOS has no split horizon with poison reverse of reachable routes",
    "nb-config-iface-cost1": "IOS has offset lists instead of a cost (test_rip_engine)",
    "ibus-addr-del2": "IOS forgets what it learned by an address that is gone",
    "message-response8": "IOS can use a route with a metric of 15, and tells nobody (test_rip_engine)",
    "timeout-neighbor1": "IOS keeps the sources of information until they are cleared",
}
"""Cases that say nothing of an IOS box, and why."""
Row = tuple[str, int]


class Recorded:
    """One router of a recording."""

    def __init__(self, topology: dict[str, Any]) -> None:
        self.now = 0.0
        names = [each["interface"] for each in topology["config"]["interfaces"]["interface"]]
        self.known = {
            name: InterfaceConfig(name, IPv4Interface("0.0.0.0/32"), loopback=name == "lo") for name in names
        }
        self.addresses: dict[str, list[IPv4Interface]] = {name: [] for name in names}
        self.running = set(names)
        self.up: set[str] = set()
        # hold-down is IOS's own; without it a box does as the RFC says
        config = ProcessConfig(
            Timers(holddown=0.0), auto_summary=False, maximum_paths=1, validate_source=True
        )
        self.rip = Rip(config, lambda: 0.5, 0.0)
        self.told: dict[tuple[str, str], set[Row]] = {}

    def apply(self, given: dict[str, Any]) -> None:
        self.told = {}
        for event in given.get("ibus", []):
            self.system(event)
        for event in given.get("protocol", []):
            self.protocol(event)
        if "northbound-config-change" in given:
            self.configure(given["northbound-config-change"])
        if "northbound-rpc" in given:
            self.rip.clear(self.now)
            self.collect()

    def system(self, event: dict[str, Any]) -> None:
        ((kind, facts),) = event.items()
        if "ifname" not in facts or ":" in facts.get("addr", ""):
            return  # router identifiers, routes of the kernel, IPv6
        name = facts["ifname"]
        if kind == "InterfaceUpd":
            (self.up.add if "OPERATIVE" in facts["flags"] else self.up.discard)(name)
        elif kind == "InterfaceAddressAdd":
            self.addresses[name].append(IPv4Interface(facts["addr"]))
        elif kind == "InterfaceAddressDel":
            self.addresses[name].remove(IPv4Interface(facts["addr"]))
        self.settle(name)

    def settle(self, name: str) -> None:
        addresses = self.addresses[name]
        if name in self.up and name in self.running and addresses:
            config = replace(
                self.known[name],
                address=addresses[0],
                secondary=tuple(addresses[1:]),
                send=(2,),
                receive=(2,),
            )
            self.rip.interface_up(config, self.now)
        else:
            self.rip.interface_down(name, self.now)
        self.collect()

    def protocol(self, event: dict[str, Any]) -> None:
        ((kind, facts),) = event.items()
        if kind == "UdpRxPdu":
            source, _, port = facts["src"].partition(":")
            pdu = facts["pdu"].get("Ok")
            address = IPv4Address(source)
            name = next(
                (
                    name
                    for name, own in self.addresses.items()
                    if any(address in each.network for each in own)
                ),
                None,
            )
            if pdu is not None and name is not None:
                self.rip.receive(name, address, int(port), build(message(pdu)), self.now)
        elif kind == "TriggeredUpd":
            self.run(0.0)
        elif kind == "TriggeredUpdTimeout":
            self.run(6.0)
        elif kind in ("UpdateInterval", "InitialUpdate"):
            self.run(self.rip.next_update - self.now)
        elif kind == "RouteTimeout":
            self.age(facts["prefix"], self.rip.config.timers.invalid)
        elif kind == "RouteGcTimeout":
            self.flush(facts["prefix"])
        self.collect()

    def has(self, name: str, neighbour: IPv4Address) -> bool:
        return any(neighbour in each.network for each in self.addresses[name])

    def age(self, prefix: str, seconds: float) -> None:
        """One route was not heard of for so long."""
        known = self.rip.database.known[IPv4Network(prefix)]
        known.updated = self.now - seconds
        for path in known.paths:
            path.updated = self.now - seconds
        self.rip.database._watched.discard(known.network)
        self.rip.database._watch(known)
        self.rip.tick(self.now)
        self.run(6.0)

    def flush(self, prefix: str) -> None:
        """Its time after the time-out is over; one that is well has no such timer."""
        if not self.rip.database.known[IPv4Network(prefix)].reachable:
            self.age(prefix, self.rip.config.timers.flush)

    def configure(self, change: dict[str, Any]) -> None:
        protocols = change["ietf-routing:routing"]["control-plane-protocols"]["control-plane-protocol"]
        for each in protocols[0]["ietf-rip:rip"].get("interfaces", {}).get("interface", []):
            name, operation = each["interface"], each.get("@", {}).get("yang:operation")
            if operation in ("delete", "create"):
                (self.running.discard if operation == "delete" else self.running.add)(name)
            if "split-horizon" in each:
                self.known[name] = replace(
                    self.known[name], split_horizon=each["split-horizon"] != "disabled"
                )
            if "passive" in each:
                self.known[name] = replace(self.known[name], passive=True)
            if "neighbors" in each:
                found = frozenset(IPv4Address(one["address"]) for one in each["neighbors"]["neighbor"])
                self.rip.configure(replace(self.rip.config, neighbors=found), self.now)
            self.settle(name)

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self.rip.next_timer() <= end:
            self.now = max(self.now, self.rip.next_timer())
            self.rip.tick(self.now)
        self.now = end

    def collect(self) -> None:
        for datagram in self.rip.packets():
            sent, _ = parse(datagram.payload)
            if sent.command is Command.RESPONSE:
                rows = self.told.setdefault((datagram.interface, str(datagram.destination)), set())
                rows |= {(str(each.network), each.metric) for each in sent.entries}

    def routes(self) -> set[tuple[str, str | None, int]]:
        return {
            (str(each.network), str(each.paths[0].gateway) if each.paths else None, each.told)
            for each in self.rip.database
            if each.reachable
        }

    def own(self, interface: str) -> set[str]:
        return {str(each.network) for each in self.addresses[interface]}


def message(pdu: dict[str, Any]) -> Message:
    command = Command.REQUEST if pdu["command"] == "Request" else Command.RESPONSE
    if any("Zero" in each for each in pdu["rtes"]):
        return Message(command, pdu["version"], (), True)
    rows = []
    for each in pdu["rtes"]:
        told = each["Ipv4"]
        network = IPv4Network(told["prefix"])
        next_hop = IPv4Address(told["nexthop"] or 0)
        rows.append(Entry(network.network_address, network.netmask, next_hop, told["metric"], told["tag"]))
    return Message(command, pdu["version"], tuple(rows))


def wanted_routes(rows: list[list[Any]]) -> set[tuple[str, str | None, int]]:
    return {(prefix, hop, metric) for prefix, hop, metric, _, deleted in rows if not deleted and metric < 16}


def recorded(name: str) -> Recorded:
    topology = DATA["topologies"][name]
    router = Recorded(topology)
    for event in topology["events"]:
        ((kind, inner),) = event.items()
        router.apply({"ibus": [inner]} if kind == "Ibus" else {"protocol": [inner]})
    return router


@pytest.mark.parametrize("name", sorted(DATA["topologies"]))
def test_a_recording_ends_with_its_routes(name: str) -> None:
    assert recorded(name).routes() == wanted_routes(DATA["topologies"][name]["routes"])


@pytest.mark.parametrize("name", sorted(set(CASES) - set(NOT_APPLICABLE)))
def test_case(name: str) -> None:
    case = CASES[name]
    router = recorded(case["topology"])
    router.run(6.0)
    for step in case["steps"]:
        before = router.routes()
        router.apply(step["input"])
        if not any("TriggeredUpd" in event for event in step["input"].get("protocol", [])):
            router.run(6.0)
        router.collect()
        output = step["output"]
        if "routes" in output:
            assert router.routes() == wanted_routes(output["routes"])
        elif set(step["input"]) == {"protocol"}:
            assert router.routes() == before
        assert_told(router, output.get("protocol", []))


def assert_told(router: Recorded, output: list[dict[str, Any]]) -> None:
    """Each interface told what it should have.

    IOS leaves out the network of the interface itself, and does not send reachable routes back as unreachable.
    """
    for event in output:
        sent = event["UdpTxPdu"]
        if sent["pdu"]["command"] == "Request" or sent["ifname"] == "lo":
            continue
        key = (sent["ifname"], sent["dst"].partition(":")[0])
        learned = {
            str(each.network)
            for each in router.rip.database
            if each.reachable and each.origin is Origin.LEARNED and sent["ifname"] in each.interfaces()
        }
        wanted = {
            (each["Ipv4"]["prefix"], each["Ipv4"]["metric"])
            for each in sent["pdu"]["rtes"]
            if not (each["Ipv4"]["metric"] >= 16 and each["Ipv4"]["prefix"] in learned)
            and each["Ipv4"]["prefix"] not in router.own(sent["ifname"])
        }
        told = {row for row in router.told.get(key, set()) if row[0] not in router.own(sent["ifname"])}
        assert wanted <= told, key
