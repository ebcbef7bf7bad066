"""Key chains: keys by number, each with the times when it is sent and when it is believed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from iosemu.box.device import Device
from iosemu.box.passwords import Password, reveal
from iosemu.box.timestamps import local_time


@dataclass(frozen=True, slots=True)
class Lifetime:
    """`accept-lifetime` or `send-lifetime`: from `start`, without end unless `end` or `duration` says so."""

    start: datetime
    end: datetime | None = None
    duration: int | None = None
    """Seconds, where the end was given that way."""

    @property
    def until(self) -> datetime | None:
        """When it is over; None: never."""
        return self.start + timedelta(seconds=self.duration) if self.duration is not None else self.end

    def holds(self, now: datetime) -> bool:
        """Whether it holds at a local time."""
        until = self.until
        return self.start <= now and (until is None or now < until)


@dataclass
class ChainKey:
    """`key N` of a chain; without `key-string` it is not used."""

    number: int
    string: Password | None = None
    accept: Lifetime | None = None
    """None: always."""
    send: Lifetime | None = None

    @property
    def secret(self) -> bytes:
        """What is shared."""
        if self.string is None:
            return b""
        return (
            reveal(self.string.value)
            if self.string.type == 7
            else self.string.value.encode("latin-1", "replace")
        )


@dataclass
class KeyChain:
    """`key chain NAME`."""

    name: str
    keys: dict[int, ChainKey] = field(default_factory=dict)

    def sending(self, now: datetime) -> ChainKey | None:
        """The key that is sent: the first that may be."""
        for number in sorted(self.keys):
            key = self.keys[number]
            if key.string is not None and (key.send is None or key.send.holds(now)):
                return key
        return None

    def accepting(self, now: datetime) -> list[ChainKey]:
        """The keys that are believed."""
        every = [self.keys[number] for number in sorted(self.keys)]
        return [
            key for key in every if key.string is not None and (key.accept is None or key.accept.holds(now))
        ]


@dataclass
class KeyChains:
    """All chains of a box, by name."""

    chains: dict[str, KeyChain] = field(default_factory=dict)


def clock(device: Device) -> datetime:
    """The box's own time, which lifetimes are told in."""
    return local_time(device, device.now).replace(tzinfo=None)


def sending_key(device: Device, chain: str) -> ChainKey | None:
    """The key of a chain that is sent now; None: the chain, or a key that holds, is missing."""
    found = device.config.of(KeyChains).chains.get(chain)
    return found.sending(clock(device)) if found is not None else None


def accepting_keys(device: Device, chain: str) -> list[ChainKey]:
    """The keys of a chain that are believed now."""
    found = device.config.of(KeyChains).chains.get(chain)
    return found.accepting(clock(device)) if found is not None else []
