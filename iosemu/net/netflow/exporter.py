"""Who puts flows that are over into datagrams for collectors."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.packets.netflow import (
    V1_MOST,
    V5_MOST,
    V9_MOST,
    ExportClock,
    FlowRecord,
    version_1,
    version_5,
    version_9,
)

MOST = {1: V1_MOST, 5: V5_MOST, 9: V9_MOST}


@dataclass
class Exporter:
    """Collects records, and makes a datagram of those that wait.

    Version 9 tells its template every `refresh` datagrams and every `timeout` seconds.
    """

    version: int = 1
    refresh: int = 20
    timeout: float = 1800.0
    flows: int = 0
    """Exported since the last clear."""
    datagrams: int = 0
    failed: int = 0
    """Flows that were lost because nothing could be sent."""
    _sequence: int = 0
    _since_template: int | None = None
    _template_at: float = 0.0
    _waiting: list[FlowRecord] = field(default_factory=list)

    def add(self, record: FlowRecord) -> bool:
        """Take a record; True: a datagram is full."""
        self._waiting.append(record)
        return len(self._waiting) >= MOST[self.version]

    @property
    def waiting(self) -> int:
        """Records that wait."""
        return len(self._waiting)

    def drop(self) -> None:
        """Nobody can be told."""
        self.failed += len(self._waiting)
        self._waiting.clear()

    def restart(self, version: int) -> None:
        """Another version: templates and numbers begin anew."""
        if version != self.version:
            self.version = version
            self._sequence, self._since_template = 0, None

    def datagram(self, now: float, clock: ExportClock) -> bytes:
        """What waits, at most as much as fits."""
        most = MOST[self.version]
        records, self._waiting = self._waiting[:most], self._waiting[most:]
        self.flows += len(records)
        self.datagrams += 1
        if self.version == 1:
            return version_1(records, clock)
        if self.version == 5:
            made = version_5(records, clock, self._sequence)
            self._sequence += len(records)
            return made
        template = (
            self._since_template is None
            or self._since_template >= self.refresh
            or now - self._template_at >= self.timeout
        )
        if template:
            self._since_template, self._template_at = 0, now
        self._since_template = (self._since_template or 0) + 1
        made = version_9(records, clock, self._sequence, template=template)
        self._sequence += 1
        return made

    def clear(self) -> None:
        """Count from zero."""
        self.flows = self.datagrams = self.failed = 0
