"""What a dissection consists of."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol


class Decryptor(Protocol):
    """Knows keys. It is shown every message in the order of the wire, since IKE's cipher blocks are chained."""

    def esp(self, source: str, destination: str, packet: bytes) -> tuple[bytes, int] | None:
        """Payload and next header of an ESP packet; None where the key is not known."""
        ...

    def isakmp(self, message: bytes) -> bytes | None:
        """The payloads of an encrypted ISAKMP message, or None; a clear one is only taken notice of."""
        ...

    def ikev2(self, message: bytes) -> tuple[int, bytes] | None:
        """Type of the first payload and the payloads of an encrypted IKEv2 message, whole; None if not known."""
        ...


@dataclass(frozen=True, slots=True)
class DissectionField:
    """A field as its standard names it, its value as text, and the octets of the frame it covers."""

    name: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Layer:
    """A protocol's part of a frame."""

    name: str
    fields: tuple[DissectionField, ...]
    start: int
    end: int
    decrypted: bool = False
    """It was encrypted on the wire: its octets are those of `Dissection.decrypted`."""


@dataclass(frozen=True, slots=True)
class Summary:
    """One line: addresses of the innermost layer that has some, protocol, what it says."""

    source: str
    destination: str
    protocol: str
    info: str


@dataclass(frozen=True, slots=True)
class Dissection:
    """A frame taken apart; `malformed` says why reading stopped, if it did."""

    layers: tuple[Layer, ...]
    summary: Summary
    malformed: str | None = None
    decrypted: bytes = b""
    """What was inside, where a key opened it."""


@dataclass(slots=True)
class DissectionBuilder:
    """Collects layers while the parts of a frame are read; offsets are from its first octet."""

    frame: bytes
    source: str = ""
    destination: str = ""
    protocol: str = "Ethernet"
    info: str = ""
    decryptor: Decryptor | None = None
    decrypted: bytes = b""
    _layers: list[tuple[str, list[DissectionField], int, int]] = field(default_factory=list)
    _inner: tuple[Layer, ...] = ()

    @property
    def depth(self) -> int:
        """How many layers there are so far."""
        return len(self._layers)

    def layer(self, name: str, start: int, end: int) -> None:
        """Begin a layer; fields go into it from now on."""
        self._layers.append((name, [], start, end))

    def field(self, name: str, value: object, start: int, length: int) -> None:
        """Add a field of `length` octets at `start`."""
        self._layers[-1][1].append(DissectionField(name, str(value), start, start + length))

    def number(self, name: str, start: int, length: int, names: dict[int, str] | None = None) -> int:
        """Add a big-endian number, with its name if it has one; returns it."""
        value = int.from_bytes(self.frame[start : start + length], "big")
        known = names.get(value) if names else None
        self.field(name, value if known is None else f"{known} ({value})", start, length)
        return value

    def hexadecimal(self, name: str, start: int, length: int) -> None:
        """Add octets, shown in hexadecimal."""
        self.field(name, "0x" + self.frame[start : start + length].hex(), start, length)

    def say(self, protocol: str, info: str) -> None:
        """Set what the summary says; the innermost layer has the last word."""
        self.protocol, self.info = protocol, info

    def embed(self, inner: DissectionBuilder) -> None:
        """Take over what was read of decrypted octets."""
        found = inner.finish(None)
        self.decrypted = inner.frame
        self._inner = tuple(replace(layer, decrypted=True) for layer in found.layers)
        addresses = f"{inner.source} → {inner.destination} " if inner.source != self.source else ""
        self.info += f" ▸ {addresses}{inner.protocol} {inner.info}".rstrip()

    def finish(self, malformed: str | None) -> Dissection:
        """The dissection."""
        layers = tuple(Layer(name, tuple(fields), start, end) for name, fields, start, end in self._layers)
        layers += self._inner
        info = self.info if malformed is None else f"[Malformed: {malformed}]"
        summary = Summary(self.source, self.destination, self.protocol, info)
        return Dissection(layers, summary, malformed, self.decrypted)
