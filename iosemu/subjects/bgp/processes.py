"""The processes of BGP."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.subject import Process
from iosemu.subjects.bgp.service.bgp import Bgp

PATH_BYTES = 200


def process_rows(device: Device) -> Iterator[Process]:
    """A message, a path; and what goes through the table every minute."""
    speakers = [each.speaker for each in device.service(Bgp).instances.values()]
    if not speakers:
        return
    peers = [peer for speaker in speakers for peer in speaker.peers.values()]
    received = sum(peer.messages_in.total() for peer in peers)
    sent = sum(peer.messages_out.total() for peer in peers)
    held = sum(len(entry.paths) for speaker in speakers for entry in speaker.table.values())
    yield Process("BGP Router", received, 60, 32768 + held * PATH_BYTES)
    yield Process("BGP I/O", received + sent, 20, 8192)
    yield Process("BGP Scanner", int(device.now // 60), 100, 8192)
