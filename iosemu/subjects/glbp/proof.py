"""Whether messages of a group come from somebody who belongs to it."""

from __future__ import annotations

from dataclasses import replace

from iosemu.box.device import Device
from iosemu.firsthop.authentication import keyed_md5, verified
from iosemu.packets.glbp import KEY_CHAIN, KEY_STRING, TEXT, GlbpMessage, Proof
from iosemu.routing.keys import Keys
from iosemu.subjects.glbp.config import GlbpGroupSettings
from iosemu.subjects.key_chain.keys import ChainKeys

_NOTHING = bytes(16)


def _keys(device: Device, group: GlbpGroupSettings) -> Keys | None:
    key = group.single_key(device.now)
    if key is not None:
        return key
    return ChainKeys(device, group.key_chain) if group.key_chain else None


def proved(device: Device, group: GlbpGroupSettings, message: GlbpMessage) -> GlbpMessage | None:
    """A message as it is sent; None: there is no key to send it with."""
    keys = _keys(device, group)
    if keys is None:
        if not group.text:
            return message
        return replace(message, proof=Proof(TEXT, 0, group.text.encode("latin-1", "replace")))
    key = keys.sending()
    if key is None:
        return None
    kind = KEY_CHAIN if group.key_chain else KEY_STRING
    bare = replace(message, proof=Proof(kind, key.number, _NOTHING))
    return replace(message, proof=Proof(kind, key.number, keyed_md5(key.secret, bare.to_bytes())))


def believed(device: Device, group: GlbpGroupSettings, message: GlbpMessage) -> bool:
    """Whether a message that came proves itself as it should."""
    keys, proof = _keys(device, group), message.proof
    if keys is None:
        if not group.text:
            return proof is None
        wanted = group.text.encode("latin-1", "replace")
        return proof is not None and proof.kind == TEXT and proof.data.rstrip(b"\0") == wanted
    if proof is None or proof.kind not in (KEY_STRING, KEY_CHAIN) or len(proof.data) != len(_NOTHING):
        return False
    bare = replace(message, proof=replace(proof, data=_NOTHING))
    return verified(keys, proof.key, bare.to_bytes(), proof.data)
