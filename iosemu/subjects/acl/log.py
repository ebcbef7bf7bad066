"""`log` and `log-input`: what access control entries report."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.ip.path import Transit
from iosemu.net.scheduler import Timer
from iosemu.packets.addresses import MacAddress
from iosemu.packets.ipv4 import Protocol
from iosemu.subjects.acl.config import AccessList, AclsConfig, Action, Entry
from iosemu.subjects.acl.evaluation import Flow

INTERVAL = 300.0
"""Seconds after which the packets of a flow are reported again."""
NAMED = {2: "igmp", 4: "ipinip", 88: "eigrp", 89: "ospf", 94: "nos", 103: "pim"}
"""Protocols that are told by name; others by number."""

Key = tuple[str, str, int, int, int | None, int, int | None, str]


@dataclass(slots=True)
class _Reported:
    """A flow that was reported, and how many of its packets have come since then."""

    mnemonic: str
    text: str
    count: int = 0
    timer: Timer | None = None


class AccessLog:
    """The first packet of a flow is reported at once, the others every five minutes, or by a threshold."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self._flows: dict[Key, _Reported] = {}

    def stop(self) -> None:
        """Cancel every timer."""
        for each in self._flows.values():
            if each.timer is not None:
                each.timer.cancel()
        self._flows.clear()

    def note(self, access_list: AccessList, entry: Entry, flow: Flow, transit: Transit | None) -> None:
        """A packet met an entry with `log`."""
        where = _input(transit) if entry.log == "log-input" else ""
        ports = _reads_ports(access_list, entry)
        source_port, port = (flow.source_port, flow.destination_port) if ports else (0, 0)
        key = (
            access_list.name, entry.action.value, flow.protocol, flow.source, source_port, flow.destination, port,
            where,
        )  # fmt: skip
        known = self._flows.get(key)
        if known is not None:
            known.count += 1
            threshold = self.device.config.of(AclsConfig).threshold
            if threshold and known.count >= threshold:
                self._report(known)
            return
        done = "permitted" if entry.action is Action.PERMIT else "denied"
        source, destination = IPv4Address(flow.source), IPv4Address(flow.destination)
        head = f"list {access_list.name} {done}"
        arrow = f"{where}-> {destination}"
        if not access_list.extended:
            made = _Reported("S", f"{head} {source} {where}".rstrip())
        elif flow.protocol in (Protocol.TCP, Protocol.UDP):
            name = "tcp" if flow.protocol == Protocol.TCP else "udp"
            made = _Reported("P", f"{head} {name} {source}({source_port or 0}) {arrow}({port or 0}),")
        elif flow.protocol == Protocol.ICMP:
            made = _Reported(
                "DP", f"{head} icmp {source} {arrow} ({flow.icmp_type or 0}/{flow.icmp_code or 0}),"
            )
        elif flow.protocol in NAMED:
            made = _Reported("RP", f"{head} {NAMED[flow.protocol]} {source} {arrow},")
        else:
            made = _Reported("NP", f"{head} {flow.protocol} {source} {arrow},")
        made.count = 1
        self._flows[key] = made
        self._report(made)
        self._arm(key, made)

    def _arm(self, key: Key, flow: _Reported) -> None:
        flow.timer = self.device.scheduler.after(INTERVAL, lambda: self._over(key))

    def _over(self, key: Key) -> None:
        flow = self._flows[key]
        if not flow.count:
            del self._flows[key]
            return
        self._report(flow)
        self._arm(key, flow)

    def _report(self, flow: _Reported) -> None:
        count, flow.count = flow.count, 0
        text = f"{flow.text} {count} packet{'' if count == 1 else 's'}"
        self.device.log("SEC", 6, f"IPACCESSLOG{flow.mnemonic}", text)


def _reads_ports(access_list: AccessList, entry: Entry) -> bool:
    """The ports of a packet are known when an entry up to this one has looked at them."""
    for each in access_list.entries:
        if each.reads_ports:
            return True
        if each is entry:
            break
    return False


def _input(transit: Transit | None) -> str:
    if transit is None or transit.came_in is None:
        return ""
    if transit.came_from is None:
        return (
            f"({transit.came_in.name} *HDLC*) "
            if transit.came_in.kind == "Serial"
            else f"({transit.came_in.name} ) "
        )
    return f"({transit.came_in.name} {MacAddress(transit.came_from)}) "
