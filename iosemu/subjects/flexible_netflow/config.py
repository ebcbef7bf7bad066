"""What is configured of Flexible NetFlow."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.net.netflow.flexible import PREDEFINED, Record

V9, IPFIX = "netflow-v9", "ipfix"


@dataclass
class FlowRecord:
    """`flow record NAME`."""

    name: str
    description: str = ""
    match: dict[str, None] = field(default_factory=dict)
    collect: dict[str, None] = field(default_factory=dict)

    @property
    def record(self) -> Record:
        """What makes a flow."""
        return Record(tuple(self.match), tuple(self.collect))


@dataclass
class FlowExporter:
    """`flow exporter NAME`."""

    name: str
    description: str = ""
    destination: IPv4Address | None = None
    vrf: str = ""
    """The routing instance that the collector is in."""
    source: str = ""
    """The interface whose address exports come from."""
    port: int = 9995
    protocol: str = V9
    ttl: int = 255
    dscp: int = 0
    template_timeout: int = 600
    """Seconds."""


@dataclass
class FlowMonitor:
    """`flow monitor NAME`."""

    name: str
    description: str = ""
    record: str = ""
    """The name of a record, or of one that nobody has to make."""
    exporters: dict[str, None] = field(default_factory=dict)
    entries: int = 4096
    active: int = 1800
    """Seconds."""
    inactive: int = 15


@dataclass
class FlexibleConfig:
    """Records, exporters and monitors by name."""

    records: dict[str, FlowRecord] = field(default_factory=dict)
    exporters: dict[str, FlowExporter] = field(default_factory=dict)
    monitors: dict[str, FlowMonitor] = field(default_factory=dict)

    def record_of(self, monitor: FlowMonitor) -> Record | None:
        """What a monitor's flows are made by; None: nothing that could make any."""
        if monitor.record in PREDEFINED:
            return PREDEFINED[monitor.record]
        made = self.records.get(monitor.record)
        return made.record if made is not None and made.match else None


@dataclass
class FlexiblePort:
    """`ip flow monitor M input|output` of an interface."""

    monitors: dict[tuple[str, str], None] = field(default_factory=dict)
    """Names, each with `input` or `output`."""
