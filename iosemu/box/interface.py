"""An interface at work: its carrier, line protocol, counters and the messages about them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING

from iosemu.box import interface_tracing as tracing
from iosemu.box.counters import Counters
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.interface_types import Medium, type_of
from iosemu.net.link import Port
from iosemu.net.scheduler import Timer
from iosemu.packets.addresses import MacAddress
from iosemu.packets.ethernet import EtherType

if TYPE_CHECKING:
    from iosemu.box.device import Device

DOT1Q = EtherType.DOT1Q.to_bytes(2, "big")
"""What stands before an 802.1Q tag: four octets more belong to the header of such a frame."""
SERIAL_HEADER = 4
"""Octets of the shortest header on serial lines."""
PROTOCOL_DELAY = 1.0
"""Seconds between the carrier and the line protocol, seen in IOS logs."""
HOLD_IN, HOLD_OUT = 75, 40
"""Packets that wait for the processor, and for a line that is busy."""
SHUTDOWN_DELAY = 2.0
"""Seconds from `shutdown` to its message, seen in IOS logs."""


class Egress(ABC):
    """What takes the frames that an interface is to send, and lets them leave when it is their turn."""

    @abstractmethod
    def send(self, frame: bytes) -> bool:
        """Take a frame; False: it was dropped."""

    @abstractmethod
    def describe(self) -> list[str]:
        """What `show interfaces` says of its queue, line by line."""


class LinkState(Enum):
    """As `%LINK` messages and `show interfaces` say it."""

    UP = "up"
    DOWN = "down"
    ADMIN_DOWN = "administratively down"


_UP = LinkState.UP  # a name of the module is found sooner, and each frame asks for it


class Interface:
    """One interface of a device.

    With a `port` it follows that port's carrier and sends there. Without one it is virtual: up whenever it
    is not shut down, unless its owner sets `has_carrier` (a VLAN interface needs an active port in the VLAN;
    a subinterface follows its parent) and calls `refresh`; frames go to `transmit`, and the owner hands
    frames in by `frame_received`.

    `receiver(frame)` takes the frames that came in; `listeners` are called with the interface whenever
    `protocol_up` changed.
    """

    __slots__ = (
        "_announced_protocol", "_announced_state", "_announcements", "_protocol_timer", "_state",
        "address_method", "also", "burned_in_mac", "by_processor", "changed_at", "cleared",
        "config", "counters", "device", "egress", "err_disabled", "has_carrier", "hold_in",
        "hold_out", "kind", "listeners", "mac", "name", "nonbroadcast", "note", "port",
        "protocol_delay", "protocol_held", "protocol_up", "quiet", "rated_bandwidth", "rated_delay",
        "received_priority", "receiver", "serial", "state_listeners", "transmit", "type",
        "user_priority",
    )  # fmt: skip

    def __init__(
        self,
        device: Device,
        config: InterfaceConfig,
        mac: MacAddress,
        port: Port | None = None,
        *,
        protocol_delay: float = PROTOCOL_DELAY,
        quiet: bool = False,
    ) -> None:
        self.device = device
        self.config = config
        self.name = config.name
        self.type = type_of(config.name)
        self.kind = self.type.name
        self.mac = mac
        self.burned_in_mac = mac
        self.also: set[bytes] = set()
        """Further station addresses that frames may be for (virtual routers)."""
        self.port = port
        self.protocol_delay = protocol_delay
        self.quiet = quiet
        """No system messages (hosts)."""
        self.counters = Counters()
        self.rated_bandwidth = self.type.bandwidth
        """kbit/s, where nothing else is configured."""
        self.rated_delay = self.type.delay
        """Microseconds, likewise."""
        hardware = device.composition.forwards_in_hardware
        self.by_processor = (
            not (hardware or config.name in device.switch_ports)
            if port is not None
            else self.kind == "Vlan" or (hardware and not self.type.switched)
        )
        """Whether each of its frames is work for the processor: those between switch ports are not."""
        self.receiver: Callable[[bytes], None] = lambda _frame: None
        self.listeners: list[Callable[[Interface], None]] = []
        self.transmit: Callable[[bytes], None] = port.send if port is not None else lambda _frame: None
        self.has_carrier: Callable[[], bool] = (lambda: port.carrier) if port is not None else lambda: True
        self.err_disabled = ""
        """Why the interface is err-disabled; empty when it is not."""
        self.serial = self.type.medium is Medium.SERIAL
        """It has no stations: what its frames and its rate are, its owner says."""
        self.state_listeners: tuple[Callable[[], None], ...] = ()
        """Called when the carrier came or went, or the interface was shut down; most have none."""
        self.note = ""
        """What stands behind the line protocol in `show interfaces`, such as `looped`."""
        self.nonbroadcast = False
        """Several stations may be reached, one by one (Frame Relay): none hears what is said to all."""
        self.protocol_held = False
        """Keeps the line protocol down though the carrier is there (a SPAN destination)."""
        self.egress: Egress | None = None
        """What has the frames wait; None: they leave at once."""
        self.hold_in, self.hold_out = HOLD_IN, HOLD_OUT
        """Packets that the queues of its software hold (`hold-queue`), as shows have it."""
        self.cleared: list[Callable[[], None]] = []
        """Who else counts something here: called by `clear_counters`."""
        self.user_priority = 0
        """The priority in the 802.1Q tag of the frame that leaves now, where it gets one."""
        self.received_priority: int | None = None
        """The priority in the tag of the frame that came in last; None: it had no tag."""
        self.address_method = "NVRAM"
        """Where the address came from: `manual` (typed) or `NVRAM` (startup configuration)."""
        self.protocol_up = False
        self.changed_at = device.now
        """Lab time of the last change of the line protocol."""
        self._state = LinkState.ADMIN_DOWN if config.shutdown else LinkState.DOWN
        self._announced_state = self._state
        self._announced_protocol = False
        self._protocol_timer: Timer | None = None
        self._announcements: list[Timer] = []
        if port is not None:
            port.receiver = self.frame_received
            port.out_dropped, port.in_dropped = self._out_dropped, self._in_dropped
            port.carrier_changed = self._carrier_changed

    @property
    def admin_up(self) -> bool:
        """Not shut down."""
        return not self.config.shutdown

    @property
    def line_up(self) -> bool:
        """Carrier is there and the interface is not shut down."""
        return self._state is LinkState.UP

    @property
    def state(self) -> LinkState:
        """The hardware's state, without the line protocol."""
        return self._state

    @property
    def is_physical(self) -> bool:
        """Whether it has a socket."""
        return self.port is not None

    @property
    def bandwidth(self) -> int:
        """kbit/s, configured or that of the hardware."""
        return self.config.bandwidth or self.hardware_bandwidth

    @property
    def hardware_bandwidth(self) -> int:
        """kbit/s of the hardware at the speed in use."""
        if self.config.speed.isdigit():
            return int(self.config.speed) * 1000
        return self.rated_bandwidth

    @property
    def delay(self) -> int:
        """Microseconds, configured or that of the hardware."""
        return self.config.delay * 10 if self.config.delay is not None else self.rated_delay

    def start(self) -> None:
        """Power: drive the port (unless shut down) and take up the state that follows."""
        self.refresh()

    def stop(self) -> None:
        """Power is gone: no carrier, and nothing is announced any more."""
        self.refresh()
        for timer in (*self._announcements, self._protocol_timer):
            if timer is not None:
                timer.cancel()

    def refresh(self) -> None:
        """Take notice of a changed configuration (`shutdown`, `no shutdown`), carrier or hold."""
        self.counters.in_load.interval = self.counters.out_load.interval = float(self.config.load_interval)
        if self.port is not None:
            if not self.serial:
                self.port.rate = self.hardware_bandwidth * 1e3
            self.port.enabled = self.device.powered and self.admin_up and not self.err_disabled
        self._update()

    def err_disable(self, reason: str) -> None:
        """Take the interface out of service until `shutdown` and `no shutdown` (or `recover`)."""
        self.err_disabled = reason
        self.refresh()

    def recover(self) -> None:
        """End the err-disabled state."""
        self.err_disabled = ""
        self.refresh()

    def clear_counters(self) -> None:
        """`clear counters`: all that is counted here begins at zero."""
        self.counters.clear(self.device.now)
        for clear in self.cleared:
            clear()

    def accepts(self, destination: bytes) -> bool:
        """Whether frames to this address are for this interface: its own, or any group."""
        return destination == self.mac or bool(destination[0] & 1) or destination in self.also

    def send(self, frame: bytes) -> bool:
        """Send a frame (Ethernet header to payload, no FCS); False: dropped, the line is not up."""
        if self._state is not _UP:
            self.counters.out_drops += 1
            if self.device.scheduler.context is not None:
                tracing.down(self, self.device.scheduler.context)
            return False
        if self.egress is not None:
            return self.egress.send(frame)
        self.emit(frame)
        return True

    def emit(self, frame: bytes) -> None:
        """Put a frame on the line now, whatever waits."""
        device, counters = self.device, self.counters
        now, processor = device.scheduler.now, device.processor
        counters.count_out(now, frame)
        if processor.passing_on:
            counters.out_switched += 1
            counters.out_switched_octets += len(frame)
        else:
            processor.made(len(frame))
        if self.by_processor:
            processor.frame(now)
        self.transmit(frame)

    def frame_received(self, frame: bytes) -> None:
        """A frame came in; ignored while the line is not up."""
        device = self.device
        if self._state is not _UP or not device.powered:
            if device.scheduler.context is not None:
                tracing.down(self, device.scheduler.context)
            return
        counters, octets = self.counters, len(frame)
        if octets < 18 and self._is_runt(frame):
            counters.in_runts += 1
            counters.in_errors += 1
            return
        now, processor = device.scheduler.now, device.processor
        counters.count_in(now, frame)
        if self.by_processor:
            processor.frame(now)
        if self.port is None:
            self.receiver(frame)
            return
        processor.arrived = (counters, octets)
        self.receiver(frame)
        device.processor.arrived = None

    def _is_runt(self, frame: bytes) -> bool:
        """Whether a frame of less than 18 octets has no whole header."""
        if self.serial:
            return len(frame) < SERIAL_HEADER
        return len(frame) < 14 or frame[12:14] == DOT1Q

    def _out_dropped(self) -> None:
        self.counters.out_drops += 1

    def _in_dropped(self) -> None:
        self.counters.in_drops += 1

    def _carrier_changed(self, _up: bool) -> None:
        self.counters.transitions += 1
        self._update()

    def _update(self) -> None:
        before = self._state
        if not self.admin_up:
            state = LinkState.ADMIN_DOWN
            self.err_disabled = ""
        elif self.device.powered and not self.err_disabled and self.has_carrier():
            state = LinkState.UP
        else:
            state = LinkState.DOWN
        self._state = state
        if state is not before:
            for listener in self.state_listeners:
                listener()
        want = state is LinkState.UP and not self.protocol_held
        if state is before and want == (self.protocol_up or self._protocol_timer is not None):
            return
        if self._protocol_timer is not None:
            self._protocol_timer.cancel()
            self._protocol_timer = None
        if not want:
            self._set_protocol(False)
        elif self.protocol_delay:
            self._protocol_timer = self.device.scheduler.after(self.protocol_delay, self._protocol_comes_up)
        else:
            self._set_protocol(True)
        self._plan_announcements()

    def _protocol_comes_up(self) -> None:
        self._protocol_timer = None
        self._set_protocol(True)

    def _set_protocol(self, up: bool) -> None:
        if up == self.protocol_up:
            return
        self.protocol_up = up
        self.changed_at = self.device.now
        for listener in list(self.listeners):
            listener(self)

    def _plan_announcements(self) -> None:
        if self.quiet:
            return
        for timer in self._announcements:
            timer.cancel()
        after = self.device.scheduler.after
        # a moment for the hardware: the message never precedes the prompt that follows the command
        link = SHUTDOWN_DELAY if self._state is LinkState.ADMIN_DOWN else 0.1
        self._announcements = [
            after(link, self._announce_state),
            after(link + PROTOCOL_DELAY, self._announce_protocol),
        ]

    def _announce_state(self) -> None:
        if not self.device.powered or self._state is self._announced_state:
            return
        was = self._announced_state
        self._announced_state = self._state
        text = f"Interface {self.name}, changed state to {self._state.value}"
        if self._state is LinkState.ADMIN_DOWN:
            self.device.log("LINK", 5, "CHANGED", text)
        elif not (was is LinkState.ADMIN_DOWN and self._state is LinkState.DOWN and not self.is_physical):
            self.device.log("LINK", 3, "UPDOWN", text)

    def _announce_protocol(self) -> None:
        self._announcements.clear()  # they refer to the interface: removed, it should go at once
        if not self.device.powered or self.protocol_up == self._announced_protocol:
            return
        self._announced_protocol = self.protocol_up
        state = "up" if self.protocol_up else "down"
        self.device.log(
            "LINEPROTO", 5, "UPDOWN", f"Line protocol on Interface {self.name}, changed state to {state}"
        )
