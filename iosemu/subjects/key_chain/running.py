"""Key chains in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.key_chain.config import KeyChains, Lifetime


def chain_lines(device: Device, _render: Render) -> Iterator[str]:
    """`key chain …`, in the order in which they were typed."""
    for chain in device.config.of(KeyChains).chains.values():
        yield f"key chain {chain.name}"
        for number in sorted(chain.keys):
            key = chain.keys[number]
            yield f" key {number}"
            if key.string is not None:
                hidden = f"{key.string.type} " if key.string.type else ""
                yield f"  key-string {hidden}{key.string.value}"
            for word, lifetime in (("accept", key.accept), ("send", key.send)):
                if lifetime is not None:
                    yield f"  {word}-lifetime {_words(lifetime)}"


def _words(lifetime: Lifetime) -> str:
    if lifetime.duration is not None:
        until = f"duration {lifetime.duration}"
    else:
        until = "infinite" if lifetime.end is None else moment(lifetime.end)
    return f"{moment(lifetime.start)} {until}"


def moment(when: datetime) -> str:
    """`11:11:11 Mar 1 2001`."""
    return f"{when:%H:%M:%S %b} {when.day} {when.year}"
