"""The log buffer of ARP inspection: packets are gathered, and told a few at a time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from iosemu.box.interface_types import short_name
from iosemu.box.timestamps import clock_text_plain, local_time
from iosemu.net.scheduler import Timer
from iosemu.packets.arp import ArpOperation, ArpPacket
from iosemu.subjects.arp_inspection.config import InspectionConfig

if TYPE_CHECKING:
    from iosemu.box.device import Device


class Reason(Enum):
    """Why a packet is logged: severity and mnemonic of the message, and the words of the show."""

    DHCP_DENY = (4, "DHCP_SNOOPING_DENY", "DHCP Deny")
    ACL_DENY = (4, "ACL_DENY", "ACL Deny")
    DHCP_PERMIT = (6, "DHCP_SNOOPING_PERMIT", "DHCP Permit")
    ACL_PERMIT = (6, "ACL_PERMIT", "ACL Permit")
    PROBE_PERMIT = (6, "DHCP_SNOOPING_PERMIT", "Probe Permit")
    SOURCE_MAC = (4, "INVALID_ARP", "Src MAC")
    DESTINATION_MAC = (4, "INVALID_ARP", "Dst MAC")
    IP = (4, "INVALID_ARP", "IP Invalid")

    @property
    def denies(self) -> bool:
        """Whether the packet was dropped."""
        return self.value[0] == 4


@dataclass(frozen=True, slots=True)
class Key:
    """Packets that are told as one."""

    port: str
    vlan: int
    packet: ArpPacket
    reason: Reason


@dataclass(slots=True)
class Logged:
    """How many came, and when the last one did, in lab seconds; without `key` those that found no room."""

    key: Key | None
    when: float
    count: int = 1


class LogBuffer:
    """`ip arp inspection log-buffer …`."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.entries: dict[Key | None, Logged] = {}
        self._timer: Timer | None = None

    def stop(self) -> None:
        """Nothing more is told."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def clear(self) -> None:
        """Forget what has not been told."""
        self.entries.clear()
        self.stop()

    def time(self, when: float) -> str:
        """`16:35:37 UTC Fri Aug 26 2022`."""
        return clock_text_plain(local_time(self.device, when))

    def add(self, key: Key) -> None:
        """Log a packet."""
        config, now = self.device.config.of(InspectionConfig), self.device.now
        if config.logs and not config.log_interval:
            self._tell(Logged(key, now))
            return
        wanted: Key | None = key
        if key not in self.entries and len(self.entries) >= config.entries:
            wanted = None
            self._make_room()
        known = self.entries.setdefault(wanted, Logged(wanted, now, 0))
        known.count, known.when = known.count + 1, now
        self.plan()

    def _make_room(self) -> None:
        """The last entry becomes the one of all that found no room."""
        if None not in self.entries:
            _, last = self.entries.popitem() if self.entries else (None, Logged(None, 0.0, 0))
            self.entries[None] = Logged(None, last.when, last.count)

    def plan(self) -> None:
        """See that what is in the buffer is told, if anything is."""
        config = self.device.config.of(InspectionConfig)
        if self._timer is not None or not self.entries or not config.logs:
            return
        period = max(1.0, config.log_interval / config.logs)
        self._timer = self.device.scheduler.after(period, self._turn)

    def _turn(self) -> None:
        """Each second so many, or one in so many seconds."""
        self._timer = None
        config = self.device.config.of(InspectionConfig)
        for _ in range(max(1, config.logs // max(1, config.log_interval))):
            if self.entries:
                self._tell(self.entries.pop(next(iter(self.entries))))
        self.plan()

    def _tell(self, logged: Logged) -> None:
        log, time = self.device.log, self.time(logged.when)
        if logged.key is None:
            log("SW_DAI", 4, "SPECIAL_LOG_ENTRY", f"{logged.count} Invalid ARP packets [{time}]")
            return
        key, packet = logged.key, logged.key.packet
        severity, mnemonic, _ = key.reason.value
        kind = "Res" if packet.operation == ArpOperation.REPLY else "Req"
        ends = f"{packet.sender_mac}/{packet.sender_ip}/{packet.target_mac}/{packet.target_ip}"
        log(
            "SW_DAI", severity, mnemonic,
            f"{logged.count} {'Invalid ' if key.reason.denies else ''}ARPs ({kind}) on {short_name(key.port)}, "
            f"vlan {key.vlan}.([{ends}/{time}])",
        )  # fmt: skip
