"""Whether messages of a group come from somebody who belongs to it."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.firsthop.authentication import keyed_md5, verified
from iosemu.packets.hsrp import DEFAULT_TEXT, HsrpMessage, Md5
from iosemu.routing.keys import Keys
from iosemu.subjects.hsrp.config import HsrpGroupSettings
from iosemu.subjects.key_chain.keys import ChainKeys


def keys_of(device: Device, group: HsrpGroupSettings) -> Keys | None:
    """The keys of MD5; None where a text is used."""
    key = group.single_key(device.now)
    if key is not None:
        return key
    return ChainKeys(device, group.key_chain) if group.key_chain else None


def text_of(group: HsrpGroupSettings) -> bytes | None:
    """The clear text that messages carry; None where MD5 is used."""
    if group.key is not None or group.key_chain:
        return None
    return group.text.encode("latin-1", "replace")[:8] or DEFAULT_TEXT


def proved(message: HsrpMessage, keys: Keys | None, source: IPv4Address) -> bytes | None:
    """A message as it is sent; None: there is no key to send it with."""
    if keys is None:
        return message.to_bytes()
    key = keys.sending()
    if key is None:
        return None
    bare = replace(message, md5=Md5(source, key.number))
    return replace(message, md5=Md5(source, key.number, keyed_md5(key.secret, bare.to_bytes()))).to_bytes()


def believed(message: HsrpMessage, keys: Keys | None, text: bytes | None) -> bool:
    """Whether a message that came proves itself as it should."""
    if keys is None:
        return message.md5 is None and message.text == text
    if message.md5 is None:
        return False
    bare = replace(message, md5=replace(message.md5, digest=bytes(16)))
    return verified(keys, message.md5.key, bare.to_bytes(), message.md5.digest)
