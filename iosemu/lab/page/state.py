"""What changes in a lab, read from its devices and cables as the page draws it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.ike.sa import State
from iosemu.ip.config import IpSettings
from iosemu.lab.impairments import describe_faults
from iosemu.lab.lab import Lab
from iosemu.net.link import Link, Port
from iosemu.net.stp_types import PortState
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.spanning_tree.service import SpanningTrees

Facts = dict[str, Any]
_WORST = (PortState.BLOCKING, PortState.LISTENING, PortState.LEARNING)
_STATES = {PortState.BLOCKING: "BLK", PortState.LISTENING: "LIS", PortState.LEARNING: "LRN"}
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
        for name, device in self._lab.devices.items():
            for key, facts in self._tunnels(name, device, owners):
                known = now.get(key)
                if known is None or known["state"] != "up":
                    now[key] = facts
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

    def _tunnels(self, name: str, device: Device, owners: dict[str, str]) -> Iterator[tuple[str, Facts]]:
        crypto = device.find(CryptoEngine) if device.powered else None
        if crypto is None:
            return
        for sa in crypto.ike.sas:
            peer = str(sa.peer.address)
            other = owners.get(peer, "")
            if sa.up:
                state = "up" if crypto.sadb.with_peer(sa.peer.address) else "phase1"
            else:
                state = "failed" if sa.deleted or sa.state in _FAILING else "negotiating"
            yield _between(name, other or peer), {
                "a": name, "b": other, "peer": peer, "state": state, "word": sa.state.value,
            }  # fmt: skip


def _between(a: str, b: str) -> str:
    return f"t:{min(a, b)}:{max(a, b)}"


def changes(before: dict[str, Facts], now: dict[str, Facts]) -> dict[str, Facts | None]:
    """What is in `now` and was not, or was otherwise; None for what is gone."""
    found: dict[str, Facts | None] = {key: facts for key, facts in now.items() if before.get(key) != facts}
    found.update((key, None) for key in before if key not in now)
    return found
