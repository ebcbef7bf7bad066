"""What HSRP, VRRP and GLBP share: groups of routers that are one gateway, under interfaces (SERVICES.md 2)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import ClassVar, Generic, Protocol, TypeVar

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.passwords import Password, reveal
from iosemu.box.service import Service
from iosemu.box.system import SystemConfig
from iosemu.firsthop.authentication import SingleKey
from iosemu.ip.stack import IpStack
from iosemu.net.scheduler import Timer

NETWORK_CONTROL = 0xC0
"""The type of service of all messages."""
COMPLAIN = 30.0
"""Seconds between two messages about the same thing."""

Told = Callable[[int, bool], None]
"""Called with the number of a tracked object and whether it is up."""


@dataclass(frozen=True, slots=True)
class Timers:
    """`timers [msec] HELLO [msec] HOLD`, in milliseconds."""

    hello: int
    hold: int
    hello_msec: bool = False
    hold_msec: bool = False

    @property
    def words(self) -> str:
        """As they are configured."""
        hello = f"msec {self.hello}" if self.hello_msec else f"{self.hello // 1000}"
        return hello + (f" msec {self.hold}" if self.hold_msec else f" {self.hold // 1000}")


@dataclass
class GroupSettings:
    """What is configured of a group of any protocol: its number, and how messages prove themselves."""

    number: int
    text: str = ""
    """`authentication text WORD`."""
    key: Password | None = None
    """`authentication md5 key-string`."""
    key_chain: str = ""
    key_timeout: int = 0
    """Seconds that the key before `key` is believed, too (`timeout`)."""
    key_before: Password | None = field(default=None, compare=False)
    before_until: float = field(default=0.0, compare=False)
    """Lab time at which `key_before` is over."""

    def single_key(self, now: float) -> SingleKey | None:
        """What is shared by `key-string`, which may be hidden."""
        if self.key is None:
            return None
        before = self.key_before if now < self.before_until else None
        return SingleKey(_plain(self.key), _plain(before) if before is not None else None)


def _plain(key: Password) -> bytes:
    return reveal(key.value) if key.type == 7 else key.value.encode("latin-1", "replace")


class Engine(Protocol):
    """A state machine of a group."""

    def next_timer(self) -> float | None:
        """Lab time at which `tick` is due."""
        ...

    def tick(self, now: float) -> None:
        """Time has come."""
        ...


class Followed(Protocol):
    """The tracked objects that a group follows."""

    def set(self, numbers: Iterable[int]) -> None:
        """Follow these, and no others any more."""
        ...


SettingsT = TypeVar("SettingsT", bound=GroupSettings)
EngineT = TypeVar("EngineT", bound=Engine)


@dataclass(eq=False)
class RunningGroup(Generic[SettingsT, EngineT]):
    """One group of an interface at work."""

    interface: Interface
    settings: SettingsT
    engine: EngineT
    followed: Followed
    timer: Timer | None = field(default=None, kw_only=True)
    complained: dict[str, float] = field(default_factory=dict, kw_only=True)
    """When something was last complained of, by its mnemonic."""


RunningT = TypeVar("RunningT", bound=RunningGroup)  # type: ignore[type-arg]


class FirstHop(Service, ABC, Generic[SettingsT, RunningT]):
    """Runs the groups that are configured: makes and ends them, and gives them lab time."""

    facility: ClassVar[str]
    """Of its messages in the log."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.groups: dict[tuple[str, int], RunningT] = {}
        """By interface and number."""
        self._joined: dict[str, IPv4Address] = {}
        """The multicast group that is listened to, by interface."""

    # --- what a protocol says -------------------------------------------------------------------------

    @abstractmethod
    def _configured(self, interface: Interface) -> Mapping[int, SettingsT]:
        """The groups that an interface should have."""

    @abstractmethod
    def _group_address(self, interface: Interface) -> IPv4Address:
        """The multicast group that its messages go to."""

    @abstractmethod
    def _listen(self, on: bool) -> None:
        """Have its packets, or have them no more."""

    @abstractmethod
    def _made(self, interface: Interface, settings: SettingsT, told: Told) -> RunningT:
        """A new group, with whom to tell of tracked objects."""

    @abstractmethod
    def _disable(self, running: RunningT) -> None:
        """The group is not configured any more."""

    @abstractmethod
    def _refresh(self, running: RunningT) -> None:
        """Take over what was typed and what became of interfaces and objects."""

    @abstractmethod
    def _settle(self, running: RunningT) -> None:
        """Carry out what an engine left, and `_arm`."""

    # --- what is told ----------------------------------------------------------------------------------

    def stop(self) -> None:
        """Power goes."""
        for running in self.groups.values():
            if running.timer is not None:
                running.timer.cancel()

    def changed(self) -> None:
        """Keys were typed, or passwords are hidden from now on."""
        if not self.device.config.of(SystemConfig).password_encryption:
            return
        for running in self.groups.values():
            if running.settings.key is not None:
                running.settings.key = running.settings.key.masked(self.device.rng)

    def interface_configured(self, interface: Interface) -> None:
        """A line of the protocol was typed under an interface."""
        self._look(interface)
        self.changed()

    def interface_removed(self, interface: Interface) -> None:
        """An interface is gone, and its groups with it."""
        for running in self.of(interface.name):
            self._end(running)
        self._join(interface, False)

    def protocol_changed(self, interface: Interface) -> None:
        """The line protocol of an interface came up or went down."""
        self._look(interface)

    def addresses_changed(self, interface: Interface) -> None:
        """The addresses of an interface are others than before."""
        self._look(interface)

    # --- groups ----------------------------------------------------------------------------------------

    def of(self, interface: str) -> list[RunningT]:
        """The groups at work on an interface."""
        return [each for (name, _number), each in self.groups.items() if name == interface]

    def _look(self, interface: Interface) -> None:
        """Compare the groups that an interface should have with those that it has."""
        wanted = self._configured(interface)
        for running in self.of(interface.name):
            if wanted.get(running.settings.number) is not running.settings:
                self._end(running)
        self._join(interface, bool(wanted))
        for number, settings in wanted.items():
            if (interface.name, number) not in self.groups:
                self._begin(interface, settings)
        for running in self.of(interface.name):
            self._refresh(running)

    def _join(self, interface: Interface, wanted: bool) -> None:
        name, stack = interface.name, self.device.service(IpStack)
        before, group = self._joined.get(name), self._group_address(interface) if wanted else None
        if group == before:
            return
        if before is None:
            stack.virtual.add_group(name)
        else:
            stack.leave(before, name)
        if group is None:
            del self._joined[name]
            stack.virtual.remove_group(name)
        else:
            self._joined[name] = group
            stack.join(group, name)
        self._listen(bool(self._joined))

    def _begin(self, interface: Interface, settings: SettingsT) -> None:
        def told(_number: int, _up: bool) -> None:
            self._refresh(running)

        running = self._made(interface, settings, told)
        self.groups[interface.name, settings.number] = running

    def _end(self, running: RunningT) -> None:
        self._disable(running)
        self._settle(running)
        running.followed.set(())
        del self.groups[running.interface.name, running.settings.number]

    def _complain(self, running: RunningT, mnemonic: str, text: str) -> None:
        last = running.complained.get(mnemonic)
        if last is None or self.device.now - last >= COMPLAIN:
            running.complained[mnemonic] = self.device.now
            self.device.log(self.facility, 4, mnemonic, text)

    # --- time ------------------------------------------------------------------------------------------

    def _arm(self, running: RunningT) -> None:
        """Be there when the engine is due."""
        due = running.engine.next_timer()
        if running.timer is not None:
            if due is not None and running.timer.when == due and not running.timer.cancelled:
                return
            running.timer.cancel()
            running.timer = None
        if due is not None:
            running.timer = self.device.scheduler.at(max(due, self.device.now), lambda: self._tick(running))

    def _tick(self, running: RunningT) -> None:
        running.timer = None
        if self.device.powered:
            running.engine.tick(self.device.now)
            self._settle(running)
