"""PVST+ asks whether both ends of a link are set up alike: the native VLAN of a trunk, and trunk or not.

A PVST+ BPDU names the VLAN that it comes from. One that arrives in another VLAN tells that the native VLANs differ, and
both VLANs are blocked on the port; one that arrives on a port that is no trunk tells that the neighbor is one. The port
works again when the neighbor's BPDUs are right, or have not been wrong for as long as they live (Cisco, "Spanning Tree
PVID- and Type-Inconsistencies").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.packets.stp import AnyBpdu, Bpdu

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from iosemu.box.device import Device
    from iosemu.net.stp_tree import Tree

UNTAGGED = 0


class Consistency:
    """What the neighbors of a switch's ports say of their side."""

    def __init__(self, device: Device, trees: Mapping[int, Tree], after: Callable[[int], None]) -> None:
        self._device = device
        self._trees = trees
        self._after = after
        """Does what a tree wants, when something was done to it."""
        self._mismatches: dict[tuple[str, int], tuple[int, int]] = {}
        """The VLANs here and there, by port and by the tag that the BPDUs had."""

    def clear(self) -> None:
        """Forget everything."""
        self._mismatches.clear()

    def native_vlan(self, name: str, tag: int, local: int, peer: int, bpdu: AnyBpdu) -> bool:
        """A trunk's BPDU of the VLAN `peer` came in `local`; False when it is not to be obeyed."""
        before = self._mismatches.get((name, tag))
        if before is not None and before != (local, peer):
            self._restore(name, tag)
        if local == peer:
            return True
        tree = self._trees.get(local)
        if tree is not None and not tree.admit(name):
            self._after(local)
            return False
        self._mismatches[name, tag] = (local, peer)
        until = self._until(bpdu)
        blocked = [vlan for vlan in (peer, local) if self._block(vlan, name, "pvid", until)]
        if blocked:
            self._log(
                2,
                "RECV_PVID_ERR",
                f"Received BPDU with inconsistent peer vlan id {peer} on {name} VLAN{local}.",
            )
        for vlan in blocked:
            side = "peer" if vlan == peer else "local"
            text = f"Blocking {name} on VLAN{vlan:04}. Inconsistent {side} vlan."
            self._log(2, f"BLOCK_PVID_{side.upper()}", text)
        for vlan in (peer, local):
            self._after(vlan)
        return False

    def port_type(self, name: str, vlan: int, bpdu: AnyBpdu) -> None:
        """A trunk's BPDU came in on an access port of a VLAN."""
        tree = self._trees.get(vlan)
        if tree is not None and tree.admit(name) and self._block(vlan, name, "type", self._until(bpdu)):
            self._log(7, "RECV_1Q_NON_TRUNK", f"Received 802.1Q BPDU on non trunk {name} VLAN{vlan}.")
            self._log(7, "BLOCK_PORT_TYPE", f"Blocking {name} on VLAN{vlan:04}. Inconsistent port type.")
        self._after(vlan)

    def _restore(self, name: str, tag: int) -> None:
        gone = self._mismatches.pop((name, tag))
        still = {vlan for (port, _), pair in self._mismatches.items() if port == name for vlan in pair}
        for vlan in sorted({*gone} - still):
            tree = self._trees.get(vlan)
            if tree is not None:
                tree.agree(name, "pvid", self._device.now)
                self._after(vlan)

    def _block(self, vlan: int, name: str, kind: str, until: float) -> bool:
        tree = self._trees.get(vlan)
        return tree is not None and tree.disagree(name, kind, until, self._device.now)

    def _until(self, bpdu: AnyBpdu) -> float:
        age = bpdu.max_age - bpdu.message_age if isinstance(bpdu, Bpdu) else 20.0
        return self._device.now + age

    def _log(self, severity: int, mnemonic: str, text: str) -> None:
        self._device.log("SPANTREE", severity, mnemonic, text)
