"""Port security: which addresses may use a port, and what happens to the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.switchport import PortSecurity, Violation
from iosemu.net.mac_table import MacKind
from iosemu.packets.addresses import ZERO, MacAddress
from iosemu.subjects.errdisable.service import Errdisable

if TYPE_CHECKING:
    from iosemu.box.device import Device
from iosemu.box.facts import PortViolation

CONFIGURED, STICKY, DYNAMIC = "SecureConfigured", "SecureSticky", "SecureDynamic"
CAUSE = "psecure-violation"


@dataclass(slots=True)
class SecureAddress:
    """One secure address of a port; `since`, from when it ages, in lab seconds."""

    vlan: int
    address: MacAddress
    kind: str
    since: float


def ages(entry: SecureAddress, settings: PortSecurity) -> bool:
    """Whether an address is forgotten after a time: sticky ones never are, configured ones when it is said."""
    return entry.kind == DYNAMIC or (entry.kind == CONFIGURED and settings.aging_static)


@dataclass(slots=True)
class PortRecord:
    """What one port has seen."""

    addresses: dict[tuple[int, MacAddress], SecureAddress] = field(default_factory=dict)
    violations: int = 0
    last_source: MacAddress = ZERO
    last_vlan: int = 0


class PortSecurityGuard(Service):
    """Admits or refuses source addresses on secure ports."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.records: dict[str, PortRecord] = {}

    def start(self) -> None:
        """Judge the source addresses of frames from now on."""
        self.device.service(Bridge).admit.append(self.admit)

    def interface_configured(self, interface: Interface) -> None:
        """A port was configured."""
        if interface.is_physical:
            self.configured(interface.name)

    def protocol_changed(self, interface: Interface) -> None:
        """Learned addresses are forgotten with the link."""
        if interface.is_physical and not interface.protocol_up:
            self.link_down(interface.name)

    def record(self, port: str) -> PortRecord:
        """What is known of a port."""
        return self.records.setdefault(port, PortRecord())

    def addresses(self, port: str) -> list[SecureAddress]:
        """The secure addresses of a port; aged ones are forgotten."""
        record, settings = self.record(port), self.device.service(Bridge).switchport(port).security
        if settings.aging_minutes:
            limit = self.device.now - settings.aging_minutes * 60
            for entry in list(record.addresses.values()):
                if ages(entry, settings) and entry.since <= limit:
                    self._forget(port, entry)
                    settings.addresses.pop(entry.address.dotted, None)
        return list(record.addresses.values())

    def admit(self, port: str, vlan: int, source: MacAddress) -> bool:
        """Whether a frame from `source` may enter; learns it while there is room."""
        settings = self.device.service(Bridge).switchport(port).security
        if not settings.enabled:
            return True
        record = self.record(port)
        record.last_source, record.last_vlan = source, vlan
        known = self.addresses(port)
        entry = record.addresses.get((vlan, source))
        if entry is not None:
            if settings.aging_idle:
                entry.since = self.device.now
            return True
        elsewhere = any(
            (vlan, source) in other.addresses for name, other in self.records.items() if name != port
        )
        if not elsewhere and len(known) < settings.maximum:
            if settings.sticky:
                settings.addresses[source.dotted] = True
            self._learn(port, vlan, source, STICKY if settings.sticky else DYNAMIC)
            return True
        self._violated(port, vlan, source, settings)
        return False

    def configured(self, port: str) -> None:
        """Fit the secure addresses of a port to its configuration."""
        if not self.device.service(Bridge).is_switchport(port):
            return
        layer2, record = self.device.service(Bridge).switchport(port), self.record(port)
        settings, vlan = layer2.security, self.device.service(Bridge).untagged_vlan(port)
        if settings.sticky:
            for entry in record.addresses.values():
                if entry.kind == DYNAMIC:
                    entry.kind = STICKY
                    settings.addresses[entry.address.dotted] = True
        wanted = {MacAddress.from_string(text): sticky for text, sticky in settings.addresses.items()}
        for entry in list(record.addresses.values()):
            gone = entry.address not in wanted if entry.kind != DYNAMIC else False
            if not settings.enabled or gone or entry.vlan != vlan:
                self._forget(port, entry)
        if settings.enabled:
            self.device.service(Bridge).plane.table.flush(port=port)
            for address, sticky in wanted.items():
                self._learn(port, vlan, address, STICKY if sticky else CONFIGURED)

    def link_down(self, port: str) -> None:
        """What was learned without `sticky` is lost with the link."""
        for entry in list(self.record(port).addresses.values()):
            if entry.kind == DYNAMIC:
                self._forget(port, entry)

    def clear(self, port: str | None, kind: str) -> None:
        """Forget addresses of one kind (`dynamic`, `sticky`, `configured` or `all`)."""
        kinds = {"dynamic": (DYNAMIC,), "sticky": (STICKY,), "configured": (CONFIGURED,)}
        chosen = kinds.get(kind, (DYNAMIC, STICKY, CONFIGURED))
        for name, record in self.records.items():
            for entry in list(record.addresses.values()):
                if port in (None, name) and entry.kind in chosen:
                    self._forget(name, entry)
                    self.device.service(Bridge).switchport(name).security.addresses.pop(
                        entry.address.dotted, None
                    )

    def _learn(self, port: str, vlan: int, address: MacAddress, kind: str) -> None:
        table = self.device.service(Bridge).plane.table
        self.record(port).addresses[vlan, address] = SecureAddress(vlan, address, kind, self.device.now)
        table.add(vlan, address, port, self.device.now, MacKind.SECURE)

    def _forget(self, port: str, entry: SecureAddress) -> None:
        del self.record(port).addresses[entry.vlan, entry.address]
        self.device.service(Bridge).plane.table.remove(entry.vlan, entry.address)

    def _violated(self, port: str, vlan: int, source: MacAddress, settings: PortSecurity) -> None:
        if settings.violation is Violation.PROTECT:
            return
        self.record(port).violations += 1
        if settings.violation is Violation.SHUTDOWN:
            self.device.service(Errdisable).disable(port, CAUSE)
        elif settings.violation is Violation.SHUTDOWN_VLAN:
            self.device.service(Errdisable).disable_vlan(port, vlan, CAUSE)
        self.device.log(
            "PORT_SECURITY", 2, "PSECURE_VIOLATION",
            f"Security violation occurred, caused by MAC address {source.dotted} on port {port}.",
            about=PortViolation(port, bytes(source)),
        )  # fmt: skip
