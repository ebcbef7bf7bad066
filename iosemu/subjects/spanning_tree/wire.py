"""BPDUs as octets: those to send, and those that came. Most are like the one before, and are not worked out twice."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.packets.addresses import MacAddress
from iosemu.packets.ethernet import EthernetFrame, VlanTag
from iosemu.packets.stp import AnyBpdu, RootLinkQuery, ieee_frame, parse_frame, parse_query, pvst_frame


class BpduFrames:
    """Remembers, for each port, the last BPDU that was sent in each VLAN and the last frame that came."""

    def __init__(self) -> None:
        self._sent: dict[
            tuple[int, str], tuple[AnyBpdu, tuple[MacAddress, int | None], tuple[bytes, ...]]
        ] = {}
        self._heard: dict[str, tuple[bytes, tuple[AnyBpdu, int | None] | RootLinkQuery]] = {}

    def forget(self) -> None:
        """Nothing was sent yet."""
        self._sent = {}

    def made(
        self, port: str, vlan: int, bpdu: AnyBpdu, mac: MacAddress, native: int | None
    ) -> tuple[bytes, ...]:
        """The frames that say a VLAN's BPDU on a port: an access port, or (`native`) a trunk with that native VLAN."""
        form, last = (mac, native), self._sent.get((vlan, port))
        if last is None or (last[0] is not bpdu and last[0] != bpdu) or last[1] != form:
            last = self._sent[vlan, port] = (bpdu, form, tuple(_frames(mac, native, bpdu, vlan)))
        return last[2]

    def said(self, port: str, frame: bytes) -> tuple[AnyBpdu, int | None] | RootLinkQuery:
        """The BPDU in a frame that came, and the VLAN that it names, if it does; or the root link query.

        Raises MalformedPacket.
        """
        last = self._heard.get(port)
        if last is None or last[0] != frame:
            parsed = EthernetFrame.parse(frame)
            last = self._heard[port] = (frame, parse_query(parsed) or parse_frame(parsed))
        return last[1]


def _frames(mac: MacAddress, native: int | None, bpdu: AnyBpdu, vlan: int) -> Iterator[bytes]:
    if native is None or vlan == 1:
        yield ieee_frame(mac, bpdu).to_bytes()
    if native is not None:
        tag = None if vlan == native else VlanTag(vlan, 7)
        yield pvst_frame(mac, bpdu, vlan, tag).to_bytes()
