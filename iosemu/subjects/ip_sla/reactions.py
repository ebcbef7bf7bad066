"""What an operation's results set off: thresholds, messages, and other operations.

`ip sla reaction-configuration` watches one element of the results; Cisco's CISCO-RTTMON-MIB (rttMonReactTable) has
the terms.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from iosemu.subjects.ip_sla.results import NO_CONNECTION, OK, SOCKET_ERROR, TIMEOUT, Jitter, Result


@dataclass(frozen=True, slots=True)
class Element:
    """Something that can be watched; `upper` and `lower` where nothing is typed; it is a value, or only happens."""

    upper: int
    lower: int
    unit: str = ""
    happens: bool = False
    jitter: bool = False
    """Only udp-jitter measures it."""


_MILLISECONDS = " (milliseconds)"
_MEASURED = Element(100, 100, _MILLISECONDS, jitter=True)
_LOST = Element(10000, 10000, jitter=True)
_FURTHEST = Element(10000, 10000, _MILLISECONDS, jitter=True)
ELEMENTS: Mapping[str, Element] = {
    "connectionLoss": Element(5000, 3000, happens=True),
    "jitterAvg": _MEASURED,
    "jitterDSAvg": _MEASURED,
    "jitterSDAvg": _MEASURED,
    "maxOfNegativeDS": _FURTHEST,
    "maxOfNegativeSD": _FURTHEST,
    "maxOfPositiveDS": _FURTHEST,
    "maxOfPositiveSD": _FURTHEST,
    "packetLossDS": _LOST,
    "packetLossSD": _LOST,
    "packetMIA": _LOST,
    "packetOutOfSequence": _LOST,
    "rtt": Element(5000, 3000, _MILLISECONDS),
    "timeout": Element(5000, 3000, happens=True),
}
USUAL_COUNT = 5


@dataclass(frozen=True, slots=True)
class Reaction:
    """`react ELEMENT …`: when it counts as exceeded, and what is done then."""

    element: str
    upper: int
    lower: int
    type: str = "never"
    """`immediate`, `consecutive`, `xOfy`, `average` or `never`."""
    count: int = USUAL_COUNT
    count2: int = USUAL_COUNT
    action: str = "none"
    """`none`, `trapOnly`, `triggerOnly` or `trapAndTrigger`."""

    @property
    def tells(self) -> bool:
        """A message is logged."""
        return self.action in ("trapOnly", "trapAndTrigger")

    @property
    def triggers(self) -> bool:
        """Other operations are started."""
        return self.action in ("triggerOnly", "trapAndTrigger")

    @property
    def text(self) -> str:
        """As the configuration has it, without what it has anyway."""
        usual = ELEMENTS[self.element]
        words = [f"react {self.element}"]
        if (self.upper, self.lower) != (usual.upper, usual.lower):
            words.append(f"threshold-value {self.upper} {self.lower}")
        if self.type != "never":
            words.append(f"threshold-type {self.type}")
            counts = (self.count, self.count2) if self.type == "xOfy" else (self.count,)
            if self.type != "immediate" and any(each != USUAL_COUNT for each in counts):
                words += [str(each) for each in counts]
        if self.action != "none":
            words.append(f"action-type {self.action}")
        return " ".join(words)


def observed(element: str, result: Result) -> int | None:
    """The value of an element in a result, 1 and 0 for what happens or does not; None: it was not measured."""
    match element:
        case "timeout":
            return int(result.code == TIMEOUT)
        case "connectionLoss":
            return int(result.code in (NO_CONNECTION, SOCKET_ERROR))
        case "rtt":
            return result.rtt if result.code == OK else None
    details = result.details
    return _measured(element, details) if isinstance(details, Jitter) else None


def _measured(element: str, found: Jitter) -> int:
    there, back = found.outward, found.homeward
    match element:
        case "jitterSDAvg":
            return _mean(there)
        case "jitterDSAvg":
            return _mean(back)
        case "jitterAvg":
            return _mean([*there, *back])
        case "packetLossSD":
            return found.lost_outward.total
        case "packetLossDS":
            return found.lost_homeward.total
        case "packetMIA":
            return found.tail
        case "packetOutOfSequence":
            return found.out_of_sequence
        case "maxOfPositiveSD":
            return max([0, *there])
        case "maxOfNegativeSD":
            return -min([0, *there])
        case "maxOfPositiveDS":
            return max([0, *back])
    return -min([0, *back])


def _mean(jitters: list[int]) -> int:
    """Of the sizes of differences."""
    return round(sum(abs(each) for each in jitters) / len(jitters)) if jitters else 0


@dataclass
class Watch:
    """One reaction at work."""

    reaction: Reaction
    exceeded: bool = False
    values: deque[int] = field(default_factory=lambda: deque(maxlen=16))
    """What was observed last, the latest at the end."""

    def take(self, value: int) -> bool:
        """One more value; whether `exceeded` is other than before."""
        reaction, usual = self.reaction, ELEMENTS[self.reaction.element]
        self.values.append(value)
        upper, lower = (1, 1) if usual.happens else (reaction.upper, reaction.lower)

        def above(each: int) -> bool:
            return each >= upper if usual.happens else each > upper

        def below(each: int) -> bool:
            return each < lower

        now = self._judged(above) if not self.exceeded else not self._judged(below)
        changed = now != self.exceeded
        self.exceeded = now
        if changed and reaction.type != "immediate":
            self.values.clear()
        return changed

    def _judged(self, beyond: Callable[[int], bool]) -> bool:
        """Whether the last values are beyond a threshold, as the type counts them."""
        values, reaction = list(self.values), self.reaction
        match reaction.type:
            case "immediate":
                return beyond(values[-1])
            case "consecutive":
                return len(values) >= reaction.count and all(map(beyond, values[-reaction.count :]))
            case "xOfy":
                return sum(map(beyond, values[-reaction.count2 :])) >= reaction.count
            case "average":
                last = values[-reaction.count :]
                return len(last) >= reaction.count and beyond(round(sum(last) / len(last)))
        return False

    @property
    def word(self) -> str:
        """What a message calls the change: for a value, and for what happens."""
        happens = ELEMENTS[self.reaction.element].happens
        return ("Occurred" if happens else "exceeded") if self.exceeded else "Cleared" if happens else "below"
