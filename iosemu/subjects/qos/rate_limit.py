"""`rate-limit`: committed access rate, the policer that an interface has without a policy-map."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from iosemu.box.device import Device
from iosemu.net.queueing.meter import AccessRate
from iosemu.subjects.mqc.criteria import AccessGroup
from iosemu.subjects.mqc.sighting import Sighting
from iosemu.subjects.qos.attached import Marks, act
from iosemu.subjects.qos.config import RateLimit

CONTINUE = "-continue"


class Limiter:
    """One line of an interface at work, and what it counted."""

    def __init__(self, device: Device, limit: RateLimit) -> None:
        self.device = device
        self.limit = limit
        self.rate = AccessRate(limit.rate, limit.normal, limit.extended)
        self.last: float | None = None
        """Lab time of the last packet that it was about."""
        self.since = device.now
        """Lab time from which it counts."""
        self.packets = {True: 0, False: 0}
        """By whether they conformed."""
        self.octets = {True: 0, False: 0}

    def clear(self, now: float) -> None:
        """`clear counters`."""
        self.since = now
        self.packets, self.octets = {True: 0, False: 0}, {True: 0, False: 0}

    def fits(self, seen: Sighting) -> bool:
        """Whether a packet is one of those that it is about."""
        limit = self.limit
        if limit.access_list:
            return AccessGroup(limit.access_list).fits(self.device, seen)
        if limit.dscp is not None:
            return seen.dscp == limit.dscp
        return limit.qos_group is None or seen.qos_group == limit.qos_group

    def look(self, seen: Sighting, octets: int, now: float, marks: Marks) -> bool:
        """Measure a packet and do what is to be done with it; whether the next line looks at it, too."""
        conforms = self.rate.conforms(now, octets)
        self.packets[conforms] += 1
        self.octets[conforms] += octets
        self.last = now
        action = self.limit.conform if conforms else self.limit.exceed
        goes_on = action.kind == "continue" or action.kind.endswith(CONTINUE)
        act(replace(action, kind=action.kind.replace(CONTINUE, "-transmit")), seen, marks)
        if marks.dropped:
            marks.dropped = (
                f"{marks.dropped} by rate-limit {self.limit.rate}: it {'conforms' if conforms else 'exceeds'}"
            )
        return goes_on and not marks.dropped


class RateLimits:
    """The rate limits of an interface in one direction: the first one that a packet fits measures it."""

    def __init__(self, device: Device, limits: Iterable[RateLimit]) -> None:
        self.limiters = [Limiter(device, each) for each in limits]

    def look(self, seen: Sighting, octets: int, now: float, marks: Marks) -> None:
        """Measure a packet; `marks` tells what becomes of it."""
        for each in self.limiters:
            if each.fits(seen) and not each.look(seen, octets, now, marks):
                return
            if marks.qos_group is not None:
                seen.qos_group = marks.qos_group

    def take_over(self, before: RateLimits | None) -> None:
        """Go on counting where the lines are the same as before."""
        if before is None:
            return
        kept = {each.limit: each for each in before.limiters}
        self.limiters = [kept.get(each.limit, each) for each in self.limiters]

    def clear(self, now: float) -> None:
        """`clear counters`."""
        for each in self.limiters:
            each.clear(now)
