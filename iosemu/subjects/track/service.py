"""Tracked objects at work: their states, delays, and who is told."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_types import short_name
from iosemu.ip.stack import IpStack
from iosemu.net.scheduler import Timer
from iosemu.subjects.ip_sla.service import IpSla
from iosemu.subjects.routing.tracking import ObjectTracker, Told
from iosemu.subjects.track.config import DEBUG, Kind, TrackConfig, TrackedObject
from iosemu.subjects.track.evaluation import is_up, tracked_route

_WORDS = ("Down", "Up")


@dataclass(eq=False)
class State:
    """What is known of one object."""

    same: tuple[object, ...]
    """What the object was when this began."""
    up: bool
    since: float
    changes: int = 1
    pending: Timer | None = None
    """Runs while the object is otherwise than `up` says, and a delay holds that back."""
    first_hop: str | None = None
    """The interface of a tracked route, as long as it is there."""
    last_hop: str | None = None


class Tracker(ObjectTracker):
    """Looks at all objects whenever something that they depend on changed.

    Lists see the states of their members as these are told to others: with their delays.
    """

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.states: dict[int, State] = {}
        self.stubs: dict[int, bool] = {}
        """What applets have set stub objects to."""
        self._following: dict[int, dict[str, Told]] = {}
        self._planned: Timer | None = None
        self._polls: dict[str, Timer] = {}
        """By type of object: the next look, planned as something happened that may concern it."""

    @property
    def _objects(self) -> dict[int, TrackedObject]:
        return self.device.config.of(TrackConfig).objects

    # --- what is told --------------------------------------------------------------------------------

    def start(self) -> None:
        """Look for the first time."""
        self.device.service(IpSla).told.connect(self._look_soon)
        self._look_soon()

    def stop(self) -> None:
        """Power goes."""
        for timer in (self._planned, *self._polls.values(), *(each.pending for each in self.states.values())):
            if timer is not None:
                timer.cancel()

    def changed(self) -> None:
        """An object is configured otherwise."""
        self._look_soon()

    def interface_configured(self, interface: Interface) -> None:
        """An address may be another."""
        self._poll_soon("interface")

    def interface_removed(self, interface: Interface) -> None:
        """An interface is gone."""
        self._poll_soon("interface")

    def protocol_changed(self, interface: Interface) -> None:
        """The line protocol of an interface changed."""
        self._poll_soon("interface")

    def addresses_changed(self, interface: Interface) -> None:
        """The addresses of an interface changed."""
        self._poll_soon("interface")

    def routes_changed(self) -> None:
        """The routing table changed."""
        self._poll_soon("ip route")

    # --- what is asked -------------------------------------------------------------------------------

    def state(self, number: int) -> bool | None:
        """Whether an object is up; None: there is none of that number."""
        found = self.states.get(number)
        return found.up if found is not None and number in self._objects else None

    def set_stub(self, number: int, up: bool) -> bool:
        """Say what the state of a stub object is; False: there is none of that number."""
        each = self._objects.get(number)
        if each is None or each.kind is not Kind.STUB:
            return False
        self.stubs[number] = up
        self._look_soon()
        return True

    def follow(self, number: int, client: str, told: Told) -> None:
        """Be told when an object changes."""
        self._following.setdefault(number, {})[client] = told

    def leave(self, number: int, client: str) -> None:
        """Undo `follow`."""
        found = self._following.get(number)
        if found is not None:
            found.pop(client, None)
            if not found:
                del self._following[number]

    def clients(self, number: int) -> list[str]:
        """Who follows an object, as `show track` lists them."""
        return sorted(self._following.get(number, ()))

    # --- inside --------------------------------------------------------------------------------------

    def due(self, kind: str) -> float | None:
        """When objects of a type are looked at next; None: nothing happened that concerns them."""
        found = self._polls.get(kind)
        return found.when if found is not None else None

    def _poll_soon(self, kind: str) -> None:
        """Look at the objects of a type when their timer runs out: it runs from when the box was started.

        While nothing happens there is nothing to see, so it does not run then.
        """
        device = self.device
        if kind in self._polls or not device.powered:
            return
        if not any(each.kind.type == kind for each in self._objects.values()):
            return
        interval, began = self.device.config.of(TrackConfig).poll(kind), device.booted_at
        when = began + math.ceil((device.now - began) / interval) * interval
        self._polls[kind] = device.scheduler.at(max(when, device.now), lambda: self._poll(kind))

    def _poll(self, kind: str) -> None:
        self._polls.pop(kind, None)
        changed = [self._look_at(each) for each in self._ordered() if each.kind.type == kind]
        if any(changed):
            self._poll_soon("list")  # a list may stand in a list

    def _look_soon(self) -> None:
        if self._planned is None and self.device.powered and (self._objects or self.states):
            self._planned = self.device.scheduler.after(0.0, self._look)

    def _look(self) -> None:
        """Once for all that happened at this moment; lists depend on each other, so until nothing changes."""
        self._planned = None
        for number in [each for each in self.states if each not in self._objects]:
            self._forget(number)
        for _ in range(len(self._objects) + 1):
            if sum(self._look_at(each) for each in self._ordered()) == 0:
                break

    def _ordered(self) -> Iterator[TrackedObject]:
        yield from sorted(self._objects.values(), key=lambda each: (each.kind.of_list, each.number))

    def _forget(self, number: int) -> None:
        gone = self.states.pop(number)
        self.stubs.pop(number, None)
        if gone.pending is not None:
            gone.pending.cancel()
        self._tell(number, False)

    def _look_at(self, each: TrackedObject) -> bool:
        """Look at one object; whether its state is another now."""
        state = self.states.get(each.number)
        if state is not None and state.same != each.same:
            self._forget(each.number)
            state = None
        up = self._is_up(each, state)
        if state is None:
            self.states[each.number] = state = State(each.same, up, self.device.now)
            self._note_hop(each, state)
            self._tell(each.number, up)
            return True
        self._note_hop(each, state)
        if up == state.up:
            if state.pending is not None:
                state.pending.cancel()
                state.pending = None
            return False
        delay = each.delay_up if up else each.delay_down
        if not delay:
            self._change(each, state)
            return True
        if state.pending is None:
            state.pending = self.device.scheduler.after(float(delay), lambda: self._due(each.number))
        return False

    def _is_up(self, each: TrackedObject, state: State | None) -> bool:
        if each.number in self.stubs:
            return self.stubs[each.number]
        return is_up(self.device, each, state.up if state is not None else False, self.state)

    def _note_hop(self, each: TrackedObject, state: State) -> None:
        route = tracked_route(self.device, each)
        hop = route.interface if route is not None else None
        if route is not None and hop is None:
            found = self.device.service(IpStack).routes.hop(route.network.network_address)
            hop = found.interface if found is not None else None
        if hop is None and state.first_hop is not None:
            state.last_hop = state.first_hop
        state.first_hop = hop

    def _due(self, number: int) -> None:
        """A delay is over: what was held back counts."""
        state, each = self.states.get(number), self._objects.get(number)
        if state is None or each is None:
            return
        state.pending = None
        if self._is_up(each, state) != state.up:
            self._change(each, state)
            self._poll_soon("list")

    def _change(self, each: TrackedObject, state: State) -> None:
        if state.pending is not None:
            state.pending.cancel()
            state.pending = None
        before, state.up = state.up, not state.up
        state.since = self.device.now
        state.changes += 1
        words = f"{_WORDS[before]}->{_WORDS[state.up]}"
        self.device.log("TRACKING", 5, "STATE", f"{each.number} {subject_words(each)} {words}")
        if self.device.debugging.wants(DEBUG):
            text = f"Track: {each.number} Change #{state.changes} {subject_words(each, ',')} {words}"
            self.device.log("", 7, "", text)
        self._tell(each.number, state.up)

    def _tell(self, number: int, up: bool) -> None:
        for told in list(self._following.get(number, {}).values()):
            told(number, up)


def subject_words(each: TrackedObject, separator: str = "") -> str:
    """What is tracked, as the messages say it."""
    if each.kind.of_interface:
        return f"interface {short_name(each.interface)}{separator} {each.kind.value}"
    if each.kind.of_sla:
        return f"ip sla {each.operation}{separator} {each.kind.value.split()[-1]}"
    if each.network is not None:
        return f"ip route {each.network}{separator} {each.kind.value}"
    return each.kind.value if each.kind is Kind.STUB else f"list{separator} {each.kind.value}"
