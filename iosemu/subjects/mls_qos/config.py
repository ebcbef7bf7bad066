"""`mls qos …`, globally and under an interface."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.box.debugging import DebugFlag
from iosemu.net.marking import Maps, Trust

AUTO_DEBUG = DebugFlag("AutoQoS", "AutoQoS")
MOST = 8
"""DSCPs that one line of `mls qos map` takes."""


@dataclass(frozen=True)
class Limit:
    """What a policer lets pass, and what becomes of the rest."""

    rate: int
    """Bits per second."""
    burst: int
    """Octets."""
    mark_down: bool = False
    """`policed-dscp-transmit`: what exceeds goes on with the DSCP of the policed-DSCP map; else it is dropped."""

    @classmethod
    def from_parts(cls, rate: int, burst: int, action: str = "drop") -> Limit:
        """As the grammar has it."""
        return cls(rate, burst, action == "policed-dscp-transmit")

    def parts(self) -> dict[str, object]:
        """As the grammar has it."""
        action = "policed-dscp-transmit" if self.mark_down else "drop"
        return {"rate": self.rate, "burst": self.burst, "action": action}

    def words(self) -> str:
        """As typed and shown."""
        action = "policed-dscp-transmit" if self.mark_down else "drop"
        return f"{self.rate} {self.burst} exceed-action {action}"


@dataclass(frozen=True)
class QueueSet:
    """What the four output queues of a port may hold."""

    buffers: tuple[int, ...] = (25, 25, 25, 25)
    """Per cent of the port's buffers, by queue."""
    thresholds: tuple[tuple[int, int, int, int], ...] = (
        (100, 100, 50, 400),
        (200, 200, 50, 400),
        (100, 100, 50, 400),
        (100, 100, 50, 400),
    )
    """By queue: the first two thresholds, what is reserved, and the most it may have; per cent of its buffers."""


@dataclass(frozen=True)
class InputQueues:
    """The two input queues. No frame ever waits there: a switch of a lab is as fast as all its ports together."""

    buffers: tuple[int, int] = (90, 10)
    """Per cent."""
    bandwidth: tuple[int, int] = (4, 4)
    priority: tuple[int, int] = (2, 10)
    """The priority queue, and the per cent of the ring that it has."""
    thresholds: tuple[tuple[int, int], ...] = ((100, 100), (100, 100))


Places = tuple[tuple[int, int], ...]
"""Queue (from 1) and threshold (1-3), by CoS or by DSCP."""
INPUT_BY_COS: Places = tuple((2 if cos == 5 else 1, 1) for cos in range(8))
OUTPUT_BY_COS: Places = tuple((queue, 1) for queue in (2, 2, 3, 3, 4, 1, 4, 4))


def by_dscp(places: Places) -> Places:
    """The usual map from DSCPs: each goes where its CoS does."""
    return tuple(places[dscp >> 3] for dscp in range(64))


OUTPUT_BY_DSCP, INPUT_BY_DSCP = by_dscp(OUTPUT_BY_COS), by_dscp(INPUT_BY_COS)


@dataclass
class QosConfig:
    """Globally: without `enabled` a switch leaves all marks as they are."""

    enabled: bool = False
    rewrite: bool = True
    """`mls qos rewrite ip dscp`: packets leave with the DSCP that they were given here."""
    maps: Maps = field(default_factory=Maps)
    mutations: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """`mls qos map dscp-mutation NAME`: what each DSCP (0-63) becomes."""
    aggregates: dict[str, Limit] = field(default_factory=dict)
    """`mls qos aggregate-policer NAME`."""
    queue_sets: tuple[QueueSet, QueueSet] = (QueueSet(), QueueSet())
    """`mls qos queue-set output 1 | 2`."""
    output_by_cos: Places = OUTPUT_BY_COS
    output_by_dscp: Places = OUTPUT_BY_DSCP
    input: InputQueues = InputQueues()
    input_by_cos: Places = INPUT_BY_COS
    input_by_dscp: Places = INPUT_BY_DSCP


SHARE, SHAPE = (25, 25, 25, 25), (25, 0, 0, 0)
"""The weights of a port's output queues where nothing else is configured."""


@dataclass
class PortMarks:
    """Of a port: its marks, and the queues at its output."""

    trust: Trust = Trust.NOTHING
    telephone: bool = False
    """`trust device cisco-phone`: `trust` holds only while CDP hears a telephone."""
    cos: int = 0
    override: bool = False
    mutation: str = ""
    """`mls qos dscp-mutation NAME`."""
    policy: str = ""
    """`service-policy input NAME`, of a port or of a VLAN interface."""
    vlan_based: bool = False
    """`mls qos vlan-based`: in place of the port's own policy those of the VLANs' interfaces count."""
    share: tuple[int, ...] = SHARE
    """`srr-queue bandwidth share`: the parts of the output queues that are not shaped."""
    shape: tuple[int, ...] = SHAPE
    """`srr-queue bandwidth shape`: a queue with N has one Nth of the line and no more; 0: it is not shaped."""
    limit: int | None = None
    """`srr-queue bandwidth limit`: per cent of the line that the port uses; None: all."""
    queue_set: int = 1
    expedite: bool = False
    """`priority-queue out`: the first queue goes before all others."""
    auto: str = ""
    """`auto qos voip`: the word behind it."""

    @property
    def trusted(self) -> Trust:
        """What the port trusts now. No box of a lab is a telephone, so a port that waits for one trusts nothing."""
        return Trust.NOTHING if self.telephone else self.trust
