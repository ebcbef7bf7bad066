"""Moments of a lab: states to which it can be put back, branches that go on from them, and what differs."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from iosemu.box.device import Device
from iosemu.bridging.bridge import Bridge
from iosemu.ip.stack import IpStack
from iosemu.lab.configured import running
from iosemu.lab.errors import LabError
from iosemu.lab.snapshot import Snapshot
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.nat.service import Nat

if TYPE_CHECKING:
    from iosemu.lab.lab import Lab

MOST = 30
"""Moments that are kept; the oldest gives way, but not one that a branch goes on from."""
BRANCHES = 10
MAIN = "main"
"""The branch that every lab begins with."""
_NAME = re.compile(r"(?=.*\D)\S{1,40}")

Tables = dict[str, tuple[str, ...]]
"""What a device knows, a line each, by the name of the table; without ages and counters."""
Facts = dict[str, Tables]
"""By device."""
Reading = Generator[None, None, Facts]
"""Reads the facts, a device each step."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A state of the lab."""

    number: int
    label: str
    when: float
    """Lab seconds."""
    snapshot: Snapshot
    facts: Facts
    branch: str = MAIN


@dataclass(frozen=True, slots=True)
class Difference:
    """What one table of one device has no more, and has since."""

    device: str
    table: str
    gone: tuple[str, ...]
    come: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """For people."""
        yield f"{self.device}: {self.table}"
        yield from (f"  - {line}" for line in self.gone)
        yield from (f"  + {line}" for line in self.come)


class Moments:
    """The moments of one lab, numbered from 1; `around` takes away for a moment what is no part of the lab."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._kept: list[Moment] = []
        self._taken = 0
        self.branch = MAIN
        """The branch that the lab is on."""
        self._begun: dict[str, int] = {MAIN: 0}
        """The moment that each branch began with."""
        self.around: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext

    def __iter__(self) -> Iterator[Moment]:
        return iter(self._kept)

    def take(self, label: str) -> Generator[None, None, Moment]:
        """Keep the lab as it is now; raises LabError while a capture is open."""
        facts = yield from read(self._lab)
        with self.around():
            snapshot = self._lab.snapshot()
        self._taken += 1
        moment = Moment(
            self._taken,
            label or f"moment {self._taken}",
            self._lab.scheduler.now,
            snapshot,
            facts,
            self.branch,
        )
        self._kept.append(moment)
        self._let_go()
        return moment

    def _let_go(self) -> None:
        """Forget the oldest moments that no branch goes on from."""
        needed = {self._head(name) for name in self._begun}
        for each in [each for each in self._kept if each.number not in needed][
            : max(0, len(self._kept) - MOST)
        ]:
            self._kept.remove(each)

    # --- branches ------------------------------------------------------------------------------------

    def _head(self, name: str) -> int:
        """The newest moment of a branch; that which it began with where it has none of its own."""
        own = [each.number for each in self._kept if each.branch == name]
        return max(own, default=self._begun[name])

    def branches(self) -> list[tuple[str, Moment | None]]:
        """Every branch with its newest moment, in the order in which they were begun."""
        kept = {each.number: each for each in self._kept}
        return [(name, kept.get(self._head(name))) for name in self._begun]

    def turn_to(self, name: str) -> Generator[None, None, Moment]:
        """Leave the branch that the lab is on, and go on with another where it was left; a new one begins here.

        What is left is kept as a moment. Raises LabError for a name that is none, and for too many branches.
        """
        known = name in self._begun
        if not known and not _NAME.fullmatch(name):
            raise LabError("a branch has a name of up to 40 characters without spaces that is no number")
        if not known and len(self._begun) >= BRANCHES:
            raise LabError(f"there are {BRANCHES} branches already")
        if name == self.branch:
            raise LabError(f"the lab is on branch {name}")
        left = yield from self.take(f"{self.branch}, left for {name}")
        if known:
            return self.restore(self._head(name))
        self._begun[name] = left.number
        self.branch = name
        return left

    def number_of(self, word: str) -> int | None:
        """The moment that a number or a branch means: its newest, or now (None) for the branch that the lab is on.

        Raises LabError for what is neither.
        """
        if word == self.branch:
            return None
        if word in self._begun:
            return self._head(word)
        if word.isascii() and word.isdigit() and len(word) < 10:
            return self.find(int(word)).number
        raise LabError(f"there is no moment or branch {word!r}")

    def find(self, number: int) -> Moment:
        """The moment of that number; raises LabError when it is not kept."""
        for each in self._kept:
            if each.number == number:
                return each
        raise LabError(f"there is no moment {number}")

    def restore(self, number: int) -> Moment:
        """Put the lab back; raises LabError when the moment is not kept."""
        moment = self.find(number)
        with self.around():
            self._lab.restore(moment.snapshot)
        self.branch = moment.branch
        self._lab.clock.poke()
        return moment

    def compare(self, first: int | None, second: int | None) -> Generator[None, None, list[Difference]]:
        """What differs between two moments, or (None) a moment and now; raises LabError for one that is not kept."""
        for each in (first, second):
            if each is not None:
                self.find(each)
        now = (yield from read(self._lab)) if first is None or second is None else {}
        before = self.find(first).facts if first is not None else now
        after = self.find(second).facts if second is not None else now
        return differences(before, after)


def differences(before: Facts, after: Facts) -> list[Difference]:
    """Device by device and table by table, in their order."""
    found = []
    for device in {**before, **after}:
        old, new = before.get(device, {}), after.get(device, {})
        for table in {**old, **new}:
            here, there = old.get(table, ()), new.get(table, ())
            gone = tuple(line for line in here if line not in set(there))
            come = tuple(line for line in there if line not in set(here))
            if gone or come:
                found.append(Difference(device, table, gone, come))
    return found


def read(lab: Lab) -> Reading:
    """What every device knows now."""
    facts: Facts = {}
    for name, device in lab.devices.items():
        facts[name] = _tables(lab, device)
        yield
    facts["cables"] = {"state": tuple(_cables(lab))}
    return facts


def _cables(lab: Lab) -> Iterator[str]:
    for link in lab.links:
        state = "up" if link.carrier else "down" if link.plugged else "cut"
        yield f"{link.ends[0].name} to {link.ends[1].name}: {state}"


def _tables(lab: Lab, device: Device) -> Tables:
    tables: Tables = {"power": ("on" if device.powered else "off",)}
    if not device.powered:
        return tables
    tables["configuration"] = tuple(flat(running(lab, device)))
    tables["interfaces"] = tuple(
        f"{each.name} is {each.state.value}, line protocol is {'up' if each.protocol_up else 'down'}"
        for each in device.interfaces.values()
    )
    stack, bridge = device.find(IpStack), device.find(Bridge)
    if stack is not None:
        tables["routes"] = tuple(_routes(stack))
        tables["ARP"] = tuple(
            f"{each.address} is {each.mac} on {each.interface}"
            for vrf in stack.vrfs.values()
            for each in vrf.arp.table
        )
    if bridge is not None:
        tables["MAC addresses"] = tuple(
            f"VLAN {each.vlan}: {each.address} on {each.port}" for each in bridge.mac_entries()
        )
        tables["spanning tree"] = tuple(
            f"{port} does not forward in VLAN {vlan}"
            for port in bridge.switch_ports()
            if device.interfaces[port].line_up
            for vlan in sorted(bridge.port_vlans(port))
            if not bridge.is_forwarding(port, vlan)
        )
    crypto, nat = device.find(CryptoEngine), device.find(Nat)
    if crypto is not None:
        tables["IPsec"] = tuple(
            f"{each.selector.local} to {each.selector.remote}, peer {each.peer}, SPI {each.inbound[0].spi:#010x}"
            for each in crypto.sadb
        )
    if nat is not None:
        tables["NAT"] = tuple(f"{_socket(each.local)} is {_socket(each.outer)} outside" for each in nat.table)
    return tables


def _socket(end: tuple[object, int]) -> str:
    return f"{end[0]}:{end[1]}" if end[1] else str(end[0])


def _routes(stack: IpStack) -> Iterator[str]:
    for name, vrf in stack.vrfs.items():
        table = f"VRF {name}: " if name else ""
        for each in vrf.routes:
            source = each.process or each.source.name.lower()
            way = " ".join(str(part) for part in (each.next_hop, each.interface) if part is not None)
            yield f"{table}{each.network} by {source} [{each.distance}/{each.metric}] via {way}"


def flat(lines: list[str]) -> Iterator[str]:
    """Each line of a configuration with what it stands under, so that it means the same anywhere."""
    above: list[str] = []
    for line in lines:
        depth = len(line) - len(line.lstrip(" "))
        text = line.strip()
        if not text or text.startswith("!"):
            continue
        del above[depth:]
        above += [""] * (depth - len(above))
        above.append(text)
        yield " / ".join(each for each in above if each)
