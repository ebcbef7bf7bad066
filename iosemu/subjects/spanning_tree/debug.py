"""`debug spanning-tree …` in IOS's words (outputs/debug_spanning-tree_events; of rapid spanning tree: Cisco, 24062)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.box.interface_types import short_name
from iosemu.net.mst import CommonTree, InstanceTree
from iosemu.net.rstp import RapidSpanningTree
from iosemu.net.stp_types import Hastened, PortRole, PortState, RootChanged, StateChanged, Step, Stepped
from iosemu.packets.stp import AnyBpdu, Bpdu, BpduType, BridgeId, RootLinkQuery, TopologyChangeNotification
from iosemu.subjects.spanning_tree.config import BACKBONEFAST, BPDU, EVENTS, UPLINKFAST

if TYPE_CHECKING:
    from iosemu.box.debugging import DebugFlag
    from iosemu.box.device import Device
    from iosemu.net.stp_tree import Tree

_STEPS = {
    Step.INITIALIZING: "initializing port {}",
    Step.SUPERIOR: "updt roles, received superior bpdu on {}",
    Step.PROPOSAL: "transmitting a proposal on {}",
    Step.AGREED: "received an agreement on {}",
    Step.SYNCING: "syncing port {}",
    Step.SYNCED: "synced {}",
    Step.AGREEMENT: "transmitting an agreement on {} as a response to a proposal",
    Step.GOING_DOWN: "updt roles, root port {} is going down",
    PortRole.ROOT: "{} is now root port",
    PortRole.DESIGNATED: "{} is now designated",
    PortRole.ALTERNATE: "{} is now alternate",
    PortRole.BACKUP: "{} is now backup",
    PortRole.MASTER: "{} is now master",
}


def say(device: Device, flag: DebugFlag, *lines: str) -> None:
    """Log lines, where they are wanted."""
    if device.debugging.wants(flag):
        for line in lines:
            device.log("", 7, "", line)


def event(device: Device, label: str, number: int, event: object, tree: Tree) -> None:
    """What happened in a tree."""
    if isinstance(event, Hastened) and event.by == "uplink":
        port = tree.ports[event.port]
        text = f"make_forwarding on {label} {event.port} root port id new: {port.priority}.{port.number}"
        say(device, UPLINKFAST, f"STP FAST: UPLINKFAST: {text}")
    elif isinstance(event, Hastened):
        say(
            device,
            BACKBONEFAST,
            f"STP FAST: received_rlq_bpdu on {label} - making {event.port} a designated port",
        )
    if not device.debugging.wants(EVENTS):
        return
    if isinstance(event, StateChanged):
        if _changes(event, tree):
            say(device, EVENTS, f"STP[{number}]: Generating TC trap for port {event.port}")
        if event.new is not PortState.DISABLED:
            say(device, EVENTS, f"STP: {label} {short_name(event.port)} -> {event.new.value}")
    elif isinstance(event, Stepped) and event.step in _STEPS:
        kind = "MST" if isinstance(tree, CommonTree | InstanceTree) else "RSTP"
        say(device, EVENTS, f"{kind}({number}): {_STEPS[event.step].format(short_name(event.port))}")
    elif isinstance(event, RootChanged):
        _root(device, label, event, tree.bridge)


def _changes(event: StateChanged, tree: Tree) -> bool:
    """Whether the topology changes: a port forwards, or (not for rapid spanning tree) does so no more."""
    port = tree.ports.get(event.port)
    if port is not None and port.edge:
        return False
    lost = event.old is PortState.FORWARDING and not isinstance(tree, RapidSpanningTree)
    return event.new is PortState.FORWARDING or lost


def _root(device: Device, label: str, event: RootChanged, own: BridgeId) -> None:
    root = event.root
    if event.port is None:
        if event.was != own:
            say(device, EVENTS, f"STP: {label} we are the spanning tree root")
        return
    port = short_name(event.port)
    if root == event.was:
        say(device, EVENTS, f"STP: {label} new root port {port}, cost {event.cost}")
        return
    if root < event.was:
        say(
            device, EVENTS,
            f"STP: {label} heard root {root.priority:>5}-{root.mac.dotted} on {port}",
            f"    supersedes {event.was.priority:>5}-{event.was.mac.dotted}",
        )  # fmt: skip
    where = f"{root.priority}, {root.mac.dotted} on port {port}, cost {event.cost}"
    say(device, EVENTS, f"STP: {label} new root is {where}")


def query(device: Device, label: str, port: str, told: RootLinkQuery, *, sent: bool) -> None:
    """A root link query or its answer."""
    kind, root = "response" if told.reply else "request", told.bpdu.root
    what = f"{'sending' if sent else 'received'} RLQ {kind} PDU on {label} {port}"
    resp = f" - resp root id {root.priority:04X}-{root.mac.dotted}" if told.reply else ""
    say(device, BACKBONEFAST, f"STP FAST: {what}{resp}")


def received(device: Device, label: str, port: str, frame: bytes, bpdu: AnyBpdu) -> None:
    """A BPDU that came in."""
    short, changed = short_name(port), isinstance(bpdu, TopologyChangeNotification)
    if changed:
        say(device, EVENTS, f"STP: {label} Topology Change rcvd on {short}")
    if not device.debugging.wants(BPDU):
        return
    data = bpdu.to_bytes()
    say(
        device, BPDU,
        f"STP: {label} rx BPDU: {_kind(bpdu)}, packet from {port}  , linktype IEEE_SPANNING , enctype 2, encsize 17 ",
        f"STP: enc {frame[:17].hex(' ').upper()} ",
        f"STP: Data     {data.hex().upper()}",
        f"STP: {label} {short}:{_octets(data)}",
    )  # fmt: skip


def sent(device: Device, label: str, port: str, bpdu: AnyBpdu) -> None:
    """A BPDU that goes out."""
    short = short_name(port)
    if isinstance(bpdu, TopologyChangeNotification):
        say(device, EVENTS, f"STP: {label} sent Topology Change Notice on {short}")
    if device.debugging.wants(BPDU):
        text = f"STP: {label} {short} tx BPDU: {_kind(bpdu)}"
        say(device, BPDU, text, f"    Data : {_octets(bpdu.to_bytes())}")


def _kind(bpdu: AnyBpdu) -> str:
    if not isinstance(bpdu, Bpdu):
        return "tcn protocol=ieee"
    protocol = "mst" if bpdu.region is not None else "rstp" if bpdu.type is BpduType.RST else "ieee"
    return f"config protocol={protocol}"


def _octets(data: bytes) -> str:
    """`0000 00 00 00 8001001906EAB880 00000000 8001001906EAB880 8005 0000 1400 0200 0F00`."""
    widths, at, words = (2, 1, 1, 1, 8, 4, 8, 2, 2, 2, 2, 2), 0, []
    for width in widths:
        if at < len(data):
            words.append(data[at : at + width].hex().upper())
        at += width
    return " ".join(words)
