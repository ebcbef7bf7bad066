"""`show ip eigrp interfaces` and `traffic` (outputs/show_ip_eigrp_interfaces, …_detail, …_traffic)."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.handling.context import Context
from iosemu.routing.eigrp import Port
from iosemu.subjects.eigrp.processes import hello_name, pdm_name
from iosemu.subjects.eigrp.service.instance import Instance
from iosemu.subjects.eigrp.show.common import chosen, heading, modern
from iosemu.subjects.processes.workload import processes

MODERN_QUEUE, OLD_QUEUE = 10000, 2000
"""Packets that the queues take."""
_MODERN = (
    "                              Xmit Queue   PeerQ        Mean   Pacing Time   Multicast    Pending",
    "Interface              Peers  Un/Reliable  Un/Reliable  SRTT   Un/Reliable   Flow Timer   Routes",
)
_OLD = (
    "",
    "                        Xmit Queue   Mean   Pacing Time   Multicast    Pending",
    "Interface        Peers  Un/Reliable  SRTT   Un/Reliable   Flow Timer   Routes",
)


def show(
    context: Context, number: int | None = None, interface: str = "", detail: bool = False, vrf: str = ""
) -> Iterator[str]:
    """`show ip eigrp [vrf V] [N] interfaces [INTERFACE] [detail]`: those that are not passive."""
    new = modern(context.device)
    for instance in chosen(context.device, number, vrf):
        if new:
            yield heading(instance, "Interfaces")
        else:
            yield f"IP-EIGRP interfaces for process {instance.config.number}"
        yield from _MODERN if new else _OLD
        for port in instance.engine.ports.values():
            if instance.config.passive(port.name) or interface not in ("", port.name):
                continue
            yield _row(instance, port, new)
            if detail:
                yield from _detail(port, new)


def _row(instance: Instance, port: Port, new: bool) -> str:
    peers, srtt, flow = len(port.neighbors), round(port.mean_srtt), round(port.flow_timer)
    waiting = f"0/{len(port.flow)}"
    pending = sum(
        1
        for entry in instance.engine.topology.entries.values()
        if entry.active and any(each.port is port for each in entry.pending)
    )
    name = short_name(port.name)
    unreliable, reliable = port.config.pacing_times
    pacing = f"{unreliable}/{reliable if new else max(reliable, 1)}"
    if new:
        queued = f"0/{sum(len(each.queue) for each in port.neighbors.values())}"
        return f"{name:<23}{peers:>3}{waiting:>11}{queued:>10}{srtt:>12}{pacing:>10}{flow:>13}{pending:>12}"
    return f"{name:<17}{peers:>3}{waiting:>11}{srtt:>10}{pacing:>10}{flow:>13}{pending:>12}"


def _detail(port: Port, new: bool) -> Iterator[str]:
    config, counters = port.config, port.counters
    hello, hold = int(config.hello), int(config.hold)
    if new:
        yield f"  Hello-interval is {hello}, Hold-time is {hold}"
        yield f"  Split-horizon is {'enabled' if config.split_horizon else 'disabled'}"
    else:
        yield f"  Hello interval is {hello} sec"
    yield "  Next xmit serial <none>"
    if new:
        packetized = counters["reliable multicasts"] + counters["reliable unicasts"]
        yield f"  Packetized sent/expedited: {packetized}/0"
        yield f"  Hello's sent/expedited: {counters['hellos']}/{counters['expedited hellos']}"
    unicasts = f"{counters['unreliable unicasts']}/{counters['reliable unicasts']}"
    yield f"  Un/reliable mcasts: 0/{counters['reliable multicasts']}  Un/reliable ucasts: {unicasts}"
    conditional = counters["conditional"]
    yield f"  Mcast exceptions: {counters['exceptions']}  CR packets: {conditional}  ACKs suppressed: 0"
    sent, rejected = counters["retransmissions"], counters["out of sequence"]
    yield f"  Retransmissions sent: {sent}  Out-of-sequence rcvd: {rejected}"
    if new:
        yield "  Topology-ids on interface - 0 "
    if config.authentication is None:
        yield "  Authentication mode is not set"
    else:
        chain = config.key_name if config.keys is not None and " " not in config.key_name else ""
        tail = f'  key-chain is "{chain}"' if chain else "  key-chain is not set"
        yield f"  Authentication mode is {config.authentication.value},{tail}"
    if new:
        yield "  Topologies advertised on this interface:  base"
        yield "  Topologies not advertised on this interface:"
        yield ""
    else:
        yield "  Use unicast" if config.neighbors else "  Use multicast"


def traffic(context: Context, number: int | None = None, vrf: str = "") -> Iterator[str]:
    """`show ip eigrp [vrf V] [N] traffic`."""
    new = modern(context.device)
    for instance in chosen(context.device, number, vrf):
        counts = instance.engine.traffic
        if new:
            yield heading(instance, "Traffic Statistics")
        else:
            yield f"IP-EIGRP Traffic Statistics for AS {instance.config.number}"
        for word, kind in (("Hellos", "hello"), ("Updates", "update"), ("Queries", "query"), ("Replies", "reply"),
                           ("Acks", "ack"), ("SIA-Queries", "sia-query"), ("SIA-Replies", "sia-reply")):  # fmt: skip
            yield f"  {word} sent/received: {counts['sent', kind]}/{counts['received', kind]}"
        yield from _queues(context.device, instance, new)
        yield ""


def _queues(device: Device, instance: Instance, new: bool) -> Iterator[str]:
    """The numbers of its processes in `show processes`, and what waited for them."""
    names = [each.name for each in processes(device)]
    number = instance.config.number
    yield f"  Hello Process ID: {names.index(hello_name(number)) + 1}"
    yield f"  PDM Process ID: {names.index(pdm_name(number)) + 1}"
    size = MODERN_QUEUE if new else OLD_QUEUE
    for word in (
        ("Socket Queue: ", "Input Queue: ") if new else ("IP Socket queue:   ", "Eigrp input queue: ")
    ):
        yield f"  {word}0/{size}/{instance.most_waiting}/0 (current/max/highest/drops)"
