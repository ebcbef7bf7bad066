"""`aggregate-address` (RFC 4271 9.2.2.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from iosemu.routing.bgp.attributes import AsPath, Attributes, Origin, SegmentKind
from iosemu.routing.bgp.config import Aggregation

if TYPE_CHECKING:
    from iosemu.routing.bgp.speaker import Speaker


@dataclass
class Aggregate:
    """One aggregate and the networks of the table that lie in it."""

    network: IPv4Network
    config: Aggregation
    parts: dict[IPv4Network, None] = field(default_factory=dict)


class Aggregates:
    """Makes a path of our own for each aggregate that has a more specific network in the table."""

    def __init__(self, speaker: Speaker) -> None:
        self.speaker = speaker
        self.configured: dict[IPv4Network, Aggregate] = {}

    def configure(self, wanted: dict[IPv4Network, Aggregation], now: float) -> None:
        """Take over which there are; maps may say something else than before."""
        for network in [each for each in self.configured if each not in wanted]:
            gone = self.configured.pop(network)
            self.speaker.originate(network, None, now, "aggregate")
            for part in gone.parts:
                self.speaker.suppress(part, self._suppressed(part), now)
        for network, config in wanted.items():
            made = self.configured.get(network)
            if made is None:
                made = self.configured[network] = Aggregate(network, config)
                for each, entry in list(self.speaker.table.items()):
                    if entry.best is not None and each != network and each.subnet_of(network):
                        made.parts[each] = None
            elif made.config == config and not (config.suppress or config.advertise or config.attributes):
                continue
            made.config = config
            for part in made.parts:
                self.speaker.suppress(part, self._suppressed(part), now)
            self._make(made, now)

    def changed(self, networks: Iterable[IPv4Network], now: float) -> None:
        """The best paths of some networks are others."""
        if not self.configured:
            return
        touched: dict[IPv4Network, Aggregate] = {}
        for network in networks:
            entry = self.speaker.table.get(network)
            for each in self.configured.values():
                if network == each.network or not network.subnet_of(each.network):
                    continue
                if entry is not None and entry.best is not None:
                    each.parts[network] = None
                else:
                    each.parts.pop(network, None)
                touched[each.network] = each
            self.speaker.suppress(network, self._suppressed(network), now)
        for each in touched.values():
            self._make(each, now)

    def _suppressed(self, network: IPv4Network) -> bool:
        return any(
            network in each.parts
            and (each.config.summary_only or self._permits(each.config.suppress, network))
            for each in self.configured.values()
        )

    def _permits(self, name: str | None, network: IPv4Network) -> bool:
        """Whether a map permits the best path to a network; no map permits none."""
        entry = self.speaker.table.get(network)
        if name is None or entry is None or entry.best is None:
            return False
        return self.speaker.environment.mapped(name, network, entry.best.attributes) is not None

    def _make(self, aggregate: Aggregate, now: float) -> None:
        speaker = self.speaker
        entry = speaker.table.get(aggregate.network)
        known = next((each for each in entry.paths if each.kind == "aggregate"), None) if entry else None
        wanted = self._attributes(aggregate)
        if wanted != (known.attributes if known is not None else None):
            speaker.originate(aggregate.network, wanted, now, "aggregate")

    def _attributes(self, aggregate: Aggregate) -> Attributes | None:
        """What it is told with; None: nothing makes it."""
        config, told = self.speaker.config, aggregate.config
        paths = [
            entry.best.attributes
            for part in aggregate.parts
            if (entry := self.speaker.table.get(part)) is not None and entry.best is not None
            if told.advertise is None or self._permits(told.advertise, part)
        ]
        if not paths:
            return None
        path: AsPath = ()
        lost = any(each.as_path for each in paths)
        if told.as_set and lost:
            members, numbers = set[int](), set[int]()
            for kind, segment in (segment for each in paths for segment in each.as_path):
                inside = kind in (SegmentKind.CONFED_SEQUENCE, SegmentKind.CONFED_SET)
                (members if inside else numbers).update(segment)
            sets = ((SegmentKind.CONFED_SET, members), (SegmentKind.SET, numbers))
            path = tuple((kind, tuple(sorted(each))) for kind, each in sets if each)
        made = Attributes(
            Origin.IGP,
            path,
            atomic=lost and not told.as_set,
            aggregator=(config.public_as, config.router_id),
        )
        if told.attributes is None:
            return made
        changed = self.speaker.environment.mapped(told.attributes, aggregate.network, made)
        return made if changed is None else replace(changed, next_hop=made.next_hop)
