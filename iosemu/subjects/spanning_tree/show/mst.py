"""`show spanning-tree mst …`."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.switchport import ALL_VLANS
from iosemu.bridging.vlans import format_ranges
from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument
from iosemu.net.mst_region import CIST, Region
from iosemu.packets.stp import BridgeId
from iosemu.subjects.spanning_tree.config import MstConfig, RegionEditor, SpanningTreeConfig
from iosemu.subjects.spanning_tree.rows import PortRow, TreeRow
from iosemu.subjects.spanning_tree.service import SpanningTrees
from iosemu.subjects.spanning_tree.show.spanning_tree import state_words, status

_LIST_WIDTH = 69
_MAPPED_WIDTH = 50
_RULE = "-" * 79


def _mst(device: Device) -> MstConfig:
    return device.config.of(SpanningTreeConfig).mst


def _vlans(region: Region, number: int) -> frozenset[int]:
    if number != CIST:
        return region.instances.get(number, frozenset())
    return ALL_VLANS - frozenset[int]().union(*region.instances.values())


def _folded(vlans: frozenset[int], width: int) -> list[str]:
    """A list of VLANs in lines of a width: a line ends in a comma where the list goes on."""
    words = format_ranges(sorted(vlans)).replace(",", ", ")
    return [line.replace(", ", ",") for line in wrap(words, width, break_long_words=False)] or ["none"]


# --- the configuration -------------------------------------------------------------------------------


def region_lines(region: Region, *, digest: bool = False) -> Iterator[str]:
    """A region's name, revision and instances; or its digest in place of these."""
    yield f"Name      [{region.name}]"
    yield f"Revision  {region.revision:<5} Instances configured {len(region.instances) + 1}"
    if digest:
        yield f"Digest          0x{region.digest.hex().upper()}"
        return
    yield ""
    yield "Instance  Vlans mapped"
    yield "--------  ---------------------------------------------------------------------"
    for number in (CIST, *sorted(region.instances)):
        for index, line in enumerate(_folded(_vlans(region, number), _LIST_WIDTH)):
            yield f"{number if index == 0 else '':<9} {line}"
    yield _RULE


def show_configuration(context: Context, digest: bool = False) -> Iterator[str]:
    """`show spanning-tree mst configuration [digest]`."""
    yield from region_lines(_mst(context.device).region, digest=digest)


def show_edited(context: Context, which: str = "pending") -> Iterator[str]:
    """`show [current|pending]` under `spanning-tree mst configuration`."""
    yield f"{which.capitalize()} MST configuration"
    pending = which == "pending"
    yield from region_lines(context.edited(RegionEditor).region if pending else _mst(context.device).region)


# --- the instances -----------------------------------------------------------------------------------


def _priority(identifier: BridgeId) -> str:
    number = identifier.system_id_extension
    return f"{identifier.priority:<5} ({identifier.base_priority} sysid {number})"


def _bridge(label: str, identifier: BridgeId) -> str:
    return f"{label:<13} address {identifier.mac.dotted}  priority      {_priority(identifier)}"


def _head(device: Device, row: TreeRow) -> Iterator[str]:
    config, number = _mst(device), row.vlan
    vlans = _folded(_vlans(config.region, number), _MAPPED_WIDTH)
    for index, line in enumerate(vlans):
        yield f"##### {row.label:<7} vlans mapped:   {line}" if index == 0 else " " * 30 + line
    yield _bridge("Bridge", row.bridge)
    port = f"              port    {short_name(row.root_port):<15} "
    if number != CIST:
        if row.is_root:
            yield f"Root          this switch for {row.label}"
            return
        yield _bridge("Root", row.root)
        yield f"{port}cost          {row.root_cost:<9} rem hops {row.remaining_hops}"
        return
    if row.is_root:
        yield "Root          this switch for the CIST"
    else:
        yield _bridge("Root", row.root)
        yield f"{port}path cost     {row.root_cost:<9}"
        if row.regional_root == row.bridge:
            yield "Regional Root this switch"
        else:
            yield _bridge("Regional Root", row.regional_root)
            yield f"{'':<38}internal cost {row.internal_cost:<9} rem hops {row.remaining_hops}"
    yield (
        f"Operational   hello time {row.root_hello:<2}, forward delay {row.root_forward:<2}, "
        f"max age {row.root_max_age:<2}, txholdcount {row.hold_count} "
    )
    yield (
        f"Configured    hello time {row.hello:<2}, forward delay {row.forward:<2}, "
        f"max age {row.max_age:<2}, max hops    {config.max_hops}"
    )


def _tree(device: Device, row: TreeRow) -> Iterator[str]:
    yield ""
    yield from _head(device, row)
    yield ""
    yield "Interface        Role Sts Cost      Prio.Nbr Type"
    yield "---------------- ---- --- --------- -------- --------------------------------"
    for port in row.ports:
        yield f"{short_name(port.name):<16} {status(port)}"
    yield ""


def _detail_port(row: TreeRow, port: PortRow) -> Iterator[str]:
    yield f"{port.name} of {row.label} is {state_words(port)}"
    identifier = f"{port.priority}.{port.number}"
    yield (
        f"Port info             port id {identifier:>14}  priority {port.priority:>6}  cost {port.cost:>11}"
    )
    root = port.designated_root
    yield (
        f"Designated root       address {root.mac.dotted}  priority {root.priority:>6}  "
        f"cost {port.designated_cost:>11}"
    )
    if row.vlan == CIST:
        root = port.regional_root
        yield (
            f"Design. regional root address {root.mac.dotted}  priority {root.priority:>6}  "
            f"cost {port.internal_cost:>11}"
        )
    bridge = port.designated_bridge
    identifier = f"{port.designated_port >> 8}.{port.designated_port & 0xFF}"
    yield (
        f"Designated bridge     address {bridge.mac.dotted}  priority {bridge.priority:>6}  "
        f"port id {identifier:>8}"
    )
    yield (
        f"Timers: message expires in {port.expires} sec, forward delay {port.forward_timer}, "
        f"forward transitions {port.transitions}"
    )
    records = "" if row.vlan == CIST else " (MRecords)"
    yield f"Bpdus{records} sent {port.sent}, received {port.received}"
    yield ""


def _detail(device: Device, row: TreeRow) -> Iterator[str]:
    yield ""
    yield from _head(device, row)
    yield ""
    for port in row.ports:
        yield from _detail_port(row, port)


def _rows(context: Context, number: int | None) -> list[TreeRow]:
    """The instances to show; none outside of MST mode."""
    if context.device.config.of(SpanningTreeConfig).mode != "mst":
        return []
    trees = context.device.service(SpanningTrees)
    rows = [row for each in sorted(trees.instances) if (row := trees.row(each)) is not None]
    return [row for row in rows if number in (None, row.vlan)]


def _missing(context: Context, number: int | None) -> str:
    if context.device.config.of(SpanningTreeConfig).mode != "mst":
        return "% Switch is not in mst mode"
    return f"No mst information available for instance(s) {number}"


def show(context: Context, number: int | None = None, detail: bool = False) -> Iterator[str]:
    """`show spanning-tree mst [N] [detail]`."""
    rows = _rows(context, number)
    if not rows:
        yield _missing(context, number)
        return
    for row in rows:
        yield from (_detail if detail else _tree)(context.device, row)


# --- a port ------------------------------------------------------------------------------------------


def _pairs(device: Device, port: PortRow) -> Iterator[tuple[str, str, str, str, str, str]]:
    config = device.config.of(SpanningTreeConfig)
    layer2 = device.service(Bridge).switchport(port.name)
    edge = ("no", "(default)")
    if layer2.portfast is not None:
        words = "trunk" if layer2.portfast_trunk else "enable" if layer2.portfast else "disable"
        edge = ("edge" if port.edge == "Edge" else "no", f"({words})")
    elif port.edge == "Edge":
        edge = ("edge", "(default)")
    guard = layer2.guard or ("loop" if config.loopguard_default else "none")
    yield "Edge port:", *edge, "port guard :", guard, f"({layer2.guard or 'default'})"
    kind = "point-to-point" if port.link_type == "P2p" else "shared"
    yield (
        "Link type:",
        kind,
        f"({layer2.link_type or 'auto'})",
        "bpdu filter:",
        *_switched(layer2.bpdufilter, False),
    )
    boundary = ("boundary", f"({port.boundary})") if port.boundary else ("internal", "")
    default = config.bpduguard_default and port.edge == "Edge"
    yield "Boundary :", *boundary, "bpdu guard :", *_switched(layer2.bpduguard, default)


def _switched(value: bool | None, default: bool) -> tuple[str, str]:
    words = "enable" if (default if value is None else value) else "disable"
    return words, "(default)" if value is None else f"({words})"


def show_interface(
    context: Context, port: str, number: int | None = None, detail: bool = False
) -> Iterator[str]:
    """`show spanning-tree mst [N] interface X [detail]`."""
    device = context.device
    if not device.service(Bridge).is_switchport(port):
        raise InvalidArgument("port")
    rows = _rows(context, number)
    found = [(row, each) for row in rows for each in row.ports if each.name == port]
    if not found:
        yield _missing(context, number) if not rows else f"no spanning tree info available for {port}"
        return
    first, member = found[0]
    yield ""
    yield f"{port} of {first.label} is {state_words(member)}"
    for left, value, why, right, other, reason in _pairs(device, member):
        yield f"{left} {value:<14} {why:<16} {right:<12} {other:<11} {reason}".rstrip()
    yield f"Bpdus sent {member.sent}, received {member.received}"
    yield ""
    if detail:
        for row, each in found:
            yield from _detail_port(row, each)
        return
    region = _mst(device).region
    yield "Instance Role Sts Cost      Prio.Nbr Vlans mapped"
    yield "-------- ---- --- --------- -------- -------------------------------"
    for row, each in found:
        vlans = format_ranges(sorted(_vlans(region, row.vlan)))
        yield f"{row.vlan:<8} {status(each, vlans)}"
