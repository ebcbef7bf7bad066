"""What changes in a lab, read from its devices and cables as the page draws it."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address
from typing import Any

from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.ike.sa import State
from iosemu.ikev2.sa import NEGOTIATING
from iosemu.ikev2.sa import State as IkeState
from iosemu.ip.config import IpSettings
from iosemu.lab.impairments import describe_faults
from iosemu.lab.lab import Lab
from iosemu.net.link import Link, Port
from iosemu.net.stp_types import PortState
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.processes.workload import utilization
from iosemu.subjects.spanning_tree.service import SpanningTrees

Facts = dict[str, Any]
_WORST = (PortState.BLOCKING, PortState.LISTENING, PortState.LEARNING)
_STATES = {PortState.BLOCKING: "BLK", PortState.LISTENING: "LIS", PortState.LEARNING: "LRN"}
_ORDER = ("failed", "negotiating", "phase1", "up")
PATIENCE = 5.0
"""Lab seconds after which an SA whose first message has no answer is said to fail."""
_FAILING = (State.MM_NO_STATE, State.AG_NO_STATE)


def end_of(port: Port) -> tuple[str, str]:
    """Device and port of one end of a cable."""
    name, _, socket = port.name.partition(":")
    return name, socket


class StateReader:
    """Tells what is so now; `changes` tells only what was otherwise at the last call."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def read(self) -> dict[str, Facts]:
        """Facts of every device (`d:NAME`), cable (`l:NUMBER`) and tunnel (`t:A:B`), and of the clock."""
        now: dict[str, Facts] = {"clock": self._clock()}
        owners: dict[str, str] = {}
        for name, device in self._lab.devices.items():
            now[f"d:{name}"] = self._device(device, owners)
        for number, link in enumerate(self._lab.links):
            now[f"l:{number}"] = self._link(link)
        now.update(self._tunnels(owners))
        return now

    def _clock(self) -> Facts:
        clock = self._lab.clock
        return {"pace": clock.pace.value, "overloads": clock.overloads, "bound": clock.bound}

    def _device(self, device: Device, owners: dict[str, str]) -> Facts:
        ports = []
        for interface in device.interfaces.values():
            address = interface.config.of(IpSettings).address
            if address is not None:
                owners.setdefault(str(address.ip), device.name)
            if address is not None or (interface.port is not None and interface.port.link is not None):
                ports.append(
                    [short_name(interface.name), str(address or ""),
                     "up" if interface.protocol_up else "down" if interface.admin_up else "shut"]
                )  # fmt: skip
        return {
            "power": device.powered,
            "load": _load(device),
            "hostname": device.hostname,
            "ports": ports,
            "faults": self._lab.faults.of(device.name),
        }

    def _link(self, link: Link) -> Facts:
        return {
            "state": "up" if link.carrier else "down" if link.plugged else "cut",
            "faults": describe_faults(link),
            "ends": [self._end(end) for end in link.ends],
        }

    def _end(self, port: Port) -> Facts:
        name, socket = end_of(port)
        device = self._lab.devices.get(name)
        interface = None if device is None or not device.powered else device.interfaces.get(socket)
        if device is None or interface is None:
            return {"line": "up" if port.carrier else "down", "address": "", "stp": ""}
        if interface.err_disabled:
            line = "err-disabled"
        else:
            line = "up" if interface.protocol_up else "down" if interface.admin_up else "shut"
        address = interface.config.of(IpSettings).address
        return {"line": line, "address": str(address or ""), "stp": self._tree(device, socket)}

    def _tree(self, device: Device, port: str) -> str:
        """`BLK` where spanning tree holds the port back in some VLAN; empty where it forwards in all."""
        trees = device.find(SpanningTrees)
        if trees is None:
            return ""
        found = {
            entry.state for tree in trees.instances.values() if (entry := tree.ports.get(port)) is not None
        }
        return next((_STATES[state] for state in _WORST if state in found), "")

    def _tunnels(self, owners: dict[str, str]) -> dict[str, Facts]:
        """The IPsec tunnels, each as the end that is less far sees it: one end alone makes none."""
        ends: dict[str, dict[str, Facts]] = {}
        for name, device in self._lab.devices.items():
            for facts in self._peers(name, device, owners):
                known = ends.setdefault(_between(name, facts["b"] or facts["peer"]), {})
                if name not in known or _ORDER.index(facts["state"]) > _ORDER.index(known[name]["state"]):
                    known[name] = facts
        found = {}
        for key, sides in ends.items():
            facts = min(sides.values(), key=lambda each: _ORDER.index(each["state"]))
            if len(sides) == 1 and facts["b"] and facts["state"] in ("up", "phase1"):
                facts = {**facts, "state": "failed"}  # the other end has lost it
            found[key] = facts
        return found

    def _peers(self, name: str, device: Device, owners: dict[str, str]) -> Iterator[Facts]:
        """Every ISAKMP SA of a device, and how far it is."""
        crypto = device.find(CryptoEngine) if device.powered else None
        if crypto is None:
            return
        for sa in crypto.ike.sas:
            if sa.up:
                state = "up" if crypto.sadb.with_peer(sa.peer.address) else "phase1"
            elif sa.deleted or (sa.state in _FAILING and device.now - sa.created > PATIENCE):
                state = "failed"
            else:
                state = "negotiating"
            yield self._peer(name, sa.peer.address, owners, state, sa.state.value)
        for one in crypto.ikev2.engine.sas:
            if one.state is IkeState.READY:
                state = "up" if crypto.sadb.with_peer(one.peer.address) else "phase1"
            elif one.state in NEGOTIATING and device.now - one.created <= PATIENCE:
                state = "negotiating"
            else:
                state = "failed"
            yield self._peer(name, one.peer.address, owners, state, f"IKEv2 {one.state.name}")

    @staticmethod
    def _peer(name: str, address: IPv4Address, owners: dict[str, str], state: str, word: str) -> Facts:
        peer = str(address)
        return {"a": name, "b": owners.get(peer, ""), "peer": peer, "state": state, "word": word}


def _between(a: str, b: str) -> str:
    return f"t:{min(a, b)}:{max(a, b)}"


def _load(device: Device) -> int:
    """Per cent of the processor in the last five seconds, in steps of five: what changes is told to all pages."""
    if not device.powered or not device.composition.config_mode:
        return 0
    return 5 * round(utilization(device).five_seconds / 5)


def changes(before: dict[str, Facts], now: dict[str, Facts]) -> dict[str, Facts | None]:
    """What is in `now` and was not, or was otherwise; None for what is gone."""
    found: dict[str, Facts | None] = {key: facts for key, facts in now.items() if before.get(key) != facts}
    found.update((key, None) for key in before if key not in now)
    return found
