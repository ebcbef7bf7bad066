"""DHCP in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.render import Render
from iosemu.packets.dhcp import Option, dotted
from iosemu.subjects.dhcp.config import (
    CLIENT_DISTANCE,
    DatabaseAgent,
    DhcpClientPort,
    DhcpConfig,
    DhcpPool,
    HelperAddresses,
)


def service_lines(device: Device, _render: Render) -> Iterator[str]:
    """`no service dhcp`."""
    if not device.config.of(DhcpConfig).service:
        yield "no service dhcp"


def use_lines(device: Device, _render: Render) -> Iterator[str]:
    """`no ip dhcp use class`."""
    if not device.config.of(DhcpConfig).use_class:
        yield "no ip dhcp use class"


def bootp_lines(device: Device, _render: Render) -> Iterator[str]:
    """`ip dhcp bootp ignore`."""
    if device.config.of(DhcpConfig).bootp_ignore:
        yield "ip dhcp bootp ignore"


def database_lines(device: Device, _render: Render) -> Iterator[str]:
    """`ip dhcp database`."""
    for url, agent in device.config.of(DhcpConfig).databases.items():
        delay = f" write-delay {agent.delay}" if agent.delay != DatabaseAgent().delay else ""
        timeout = f" timeout {agent.timeout}" if agent.timeout != DatabaseAgent().timeout else ""
        yield f"ip dhcp database {url}{timeout}{delay}"


def smart_lines(device: Device, _render: Render) -> list[str]:
    """`ip dhcp smart-relay`."""
    return ["ip dhcp smart-relay"] if device.config.of(DhcpConfig).smart_relay else []


def conflict_lines(device: Device, _render: Render) -> Iterator[str]:
    """`no ip dhcp conflict logging`."""
    if not device.config.of(DhcpConfig).conflict_logging:
        yield "no ip dhcp conflict logging"


def relay_lines(device: Device, _render: Render) -> Iterator[str]:
    """`ip dhcp relay …`."""
    config = device.config.of(DhcpConfig)
    if config.relay_information:
        yield "ip dhcp relay information option"
    if config.relay_policy != DhcpConfig().relay_policy:
        yield f"ip dhcp relay information policy {config.relay_policy}"
    if not config.relay_check:
        yield "no ip dhcp relay information check"
    if config.relay_trust_all:
        yield "ip dhcp relay information trust-all"


def excluded_lines(device: Device, _render: Render) -> Iterator[str]:
    """`ip dhcp excluded-address …`."""
    for vrf, first, last in sorted(device.config.of(DhcpConfig).excluded):
        where = f"vrf {vrf} " if vrf else ""
        yield f"ip dhcp excluded-address {where}{first}{'' if first == last else f' {last}'}"


def ping_lines(device: Device, _render: Render) -> Iterator[str]:
    """`ip dhcp ping …`."""
    config, usual = device.config.of(DhcpConfig), DhcpConfig()
    if config.ping_packets != usual.ping_packets:
        yield f"ip dhcp ping packets {config.ping_packets}"
    if config.ping_timeout != usual.ping_timeout:
        yield f"ip dhcp ping timeout {config.ping_timeout}"


def pool_lines(device: Device, _render: Render) -> Iterator[str]:
    """`ip dhcp pool NAME`, in the order in which they were typed."""
    for number, pool in enumerate(device.config.of(DhcpConfig).pools.values()):
        if number:
            yield "!"
        yield f"ip dhcp pool {pool.name}"
        yield from (f" {line}" for line in _pool(pool))


def _pool(pool: DhcpPool) -> Iterator[str]:
    """The lines of one pool; lists end with a space, as IOS writes them."""
    lists = {
        "default-router": pool.default_router,
        "dns-server": pool.dns_server,
        "netbios-name-server": pool.netbios_name_server,
        "next-server": pool.next_server,
    }
    for each in pool.order:
        if each in lists:
            yield f"{each} {''.join(f'{address} ' for address in lists[each])}"
        elif each == "network":
            assert pool.network is not None
            yield f"network {pool.network.network_address} {pool.network.netmask}"
        elif each == "host":
            assert pool.host is not None
            yield f"host {pool.host.ip}{f' {pool.host.netmask}' if pool.host_mask_typed else ''}"
        elif each == "client-identifier":
            yield f"client-identifier {dotted(pool.client_identifier)}"
        elif each == "hardware-address":
            yield f"hardware-address {dotted(pool.hardware)}{f' {pool.hardware_kind}' if pool.hardware_kind else ''}"
        elif each.startswith("class "):
            yield each
            ranges = pool.classes[each.removeprefix("class ")].ranges
            yield from (f" address range {first} {last}" for first, last in ranges)
        elif each.startswith("option "):
            value = pool.options[int(each.removeprefix("option "))]
            yield f"{each} {value.form} {value.text}"
        else:
            yield _single(pool, each)


def _single(pool: DhcpPool, each: str) -> str:
    if each == "lease":
        return f"lease {pool.lease.words if pool.lease is not None else 'infinite'}"
    if each == "netbios-node-type":
        return f"netbios-node-type {NODE_TYPES.get(pool.netbios_node_type or 0, f'{pool.netbios_node_type or 0:x}')}"
    for words, mark in (("utilization mark high", pool.high), ("utilization mark low", pool.low)):
        if each == words and mark is not None:
            return f"{words} {mark.percent}{' log' if mark.log else ''}"
    values = {
        "client-name": pool.client_name,
        "domain-name": pool.domain_name,
        "bootfile": pool.bootfile,
        "vrf": pool.vrf,
    }
    return f"{each} {values[each]}" if each in values else each


NODE_TYPES = {1: "b-node", 2: "p-node", 4: "m-node", 8: "h-node"}


def class_lines(device: Device, _render: Render) -> Iterator[str]:
    """`ip dhcp class NAME`."""
    for number, each in enumerate(device.config.of(DhcpConfig).classes.values()):
        if number:
            yield "!"
        yield f"ip dhcp class {each.name}"
        for typed in each.patterns:
            if typed.pattern.option != Option.RELAY_INFORMATION:
                yield f" option {typed.pattern.option} hex {typed.text}"
        if each.relayed:
            yield " relay agent information"
        for typed in each.patterns:
            if typed.pattern.option == Option.RELAY_INFORMATION:
                yield f"  relay-information hex {typed.text}"


def forwarding_lines(device: Device, _render: Render) -> Iterator[str]:
    """`ip forward-protocol udp …`."""
    config = device.config.of(DhcpConfig)
    if not config.forwards:
        yield "no ip forward-protocol udp"
    yield from (line for _port, line in sorted(config.forwarded.items()))


def client_defaults(device: Device, _render: Render) -> Iterator[str]:
    """`ip dhcp-client …`."""
    config = device.config.of(DhcpConfig)
    if config.client_distance != CLIENT_DISTANCE:
        yield f"ip dhcp-client default-router distance {config.client_distance}"
    if not config.client_broadcast:
        yield "no ip dhcp-client broadcast-flag"


def client_lines(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    """`ip dhcp client …` under an interface."""
    port = config.held(DhcpClientPort)
    if port is None:
        return
    if port.identifier is not None:
        yield f" ip dhcp client client-id {port.identifier.words}"
    if port.class_id:
        yield f" ip dhcp client class-id {port.class_id}"
    if port.lease is not None:
        yield f" ip dhcp client lease {port.lease.words}"
    if port.hostname:
        yield f" ip dhcp client hostname {port.hostname}"
    yield from (f" no ip dhcp client request {name}" for name in port.refused)
    if port.broadcast is not None:
        yield f" ip dhcp client broadcast-flag {'set' if port.broadcast else 'clear'}"
    if port.distance is not None:
        yield f" ip dhcp client default-router distance {port.distance}"
    if port.track is not None:
        yield f" ip dhcp client route track {port.track}"


def helper_lines(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    """`ip helper-address …`."""
    helpers = config.held(HelperAddresses)
    if helpers is not None and helpers.trusted:
        yield " ip dhcp relay information trusted"
    if helpers is not None:
        if helpers.subscriber:
            yield f" ip dhcp relay information option subscriber-id {helpers.subscriber}"
        for words, value in (("option-insert", helpers.insert), ("check-reply", helpers.check)):
            if value is not None:
                yield f" ip dhcp relay information {words}{'' if value else ' none'}"
        if helpers.policy:
            yield f" ip dhcp relay information policy-action {helpers.policy}"
    for address in helpers.addresses if helpers is not None else ():
        yield f" ip helper-address {address}"
