"""The lines of servers and groups."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.passwords import Password
from iosemu.box.render import Render
from iosemu.packets.radius import OLD_ACCOUNTING_PORT, OLD_AUTHENTICATION_PORT
from iosemu.packets.tacacs import PORT
from iosemu.subjects.aaa_servers.config import Member, RadiusServer, ServersConfig, TacacsServer


def _key(key: Password | None) -> str:
    if key is None:
        return ""
    return f"key {key.words}"


def _tacacs_words(server: TacacsServer) -> str:
    words = (
        str(server.address),
        "single-connection" if server.single else "",
        f"port {server.port}" if server.port != PORT else "",
        f"timeout {server.timeout}" if server.timeout is not None else "",
        _key(server.key),
    )
    return " ".join(word for word in words if word)


def _ports(authentication: int, accounting: int) -> str:
    return f"auth-port {authentication} acct-port {accounting}"


def _radius_words(server: RadiusServer) -> str:
    words = (
        f"{server.address} {_ports(server.authentication_port, server.accounting_port)}",
        f"timeout {server.timeout}" if server.timeout is not None else "",
        f"retransmit {server.retransmit}" if server.retransmit is not None else "",
        _key(server.key),
    )
    return " ".join(word for word in words if word)


def group_lines(device: Device, _render: Render) -> Iterator[str]:
    """`aaa group server …`."""
    for group in device.config.of(ServersConfig).groups.values():
        yield f"aaa group server {group.protocol} {group.name}"
        for member in group.members:
            if isinstance(member, TacacsServer):
                yield f" server-private {_tacacs_words(member)}"
            elif isinstance(member, RadiusServer):
                yield f" server-private {_radius_words(member)}"
            else:
                yield f" server {_member_words(member, group.protocol)}"
        if group.vrf:
            yield f" ip vrf forwarding {group.vrf}"
        if group.source_interface:
            protocol = "tacacs" if group.protocol == "tacacs+" else "radius"
            yield f" ip {protocol} source-interface {group.source_interface}"
        if group.deadtime is not None:
            yield f" deadtime {group.deadtime}"
        yield from (f" {line}" for line in group.kept.values())
        yield "!"


def _member_words(member: Member, protocol: str) -> str:
    if member.name:
        return f"name {member.name}"
    if protocol == "tacacs+":
        return str(member.address)
    return f"{member.address} {_ports(member.authentication_port, member.accounting_port)}"


def source_lines(device: Device, _render: Render) -> Iterator[str]:
    """`ip radius|tacacs source-interface`."""
    config = device.config.of(ServersConfig)
    if config.radius_source:
        yield f"ip radius source-interface {config.radius_source} "
    if config.tacacs_source:
        yield f"ip tacacs source-interface {config.tacacs_source}"


def tacacs_lines(device: Device, _render: Render) -> Iterator[str]:
    """`tacacs-server …`."""
    config = device.config.of(ServersConfig)
    for server in config.tacacs_hosts:
        yield f"tacacs-server host {_tacacs_words(server)}"
    if config.tacacs_timeout is not None:
        yield f"tacacs-server timeout {config.tacacs_timeout}"
    if config.directed_request:
        yield "tacacs-server directed-request"
    if config.tacacs_key is not None:
        yield f"tacacs-server {_key(config.tacacs_key)}"


def radius_lines(device: Device, _render: Render) -> Iterator[str]:
    """`radius-server …`."""
    config = device.config.of(ServersConfig)
    if config.dead_time is not None or config.dead_tries is not None:
        time = f" time {config.dead_time}" if config.dead_time is not None else ""
        tries = f" tries {config.dead_tries}" if config.dead_tries is not None else ""
        yield f"radius-server dead-criteria{time}{tries}"
    for server in config.radius_hosts:
        yield f"radius-server host {_radius_words(server)}"
    if config.radius_retransmit is not None:
        yield f"radius-server retransmit {config.radius_retransmit}"
    if config.radius_timeout is not None:
        yield f"radius-server timeout {config.radius_timeout}"
    if config.deadtime is not None:
        yield f"radius-server deadtime {config.deadtime}"
    if config.radius_key is not None:
        yield f"radius-server {_key(config.radius_key)}"


def named_lines(device: Device, _render: Render) -> Iterator[str]:
    """`tacacs server NAME`, `radius server NAME`."""
    config = device.config.of(ServersConfig)
    for server in config.tacacs_named.values():
        yield f"tacacs server {server.name}"
        if server.address is not None:
            yield f" address ipv4 {server.address}"
        yield from _rows(server.key, server.timeout)
        if server.port != PORT:
            yield f" port {server.port}"
        if server.single:
            yield " single-connection"
        yield "!"
    for radius in config.radius_named.values():
        yield f"radius server {radius.name}"
        if radius.address is not None:
            ports = (radius.authentication_port, radius.accounting_port)
            usual = ports == (OLD_AUTHENTICATION_PORT, OLD_ACCOUNTING_PORT)
            yield f" address ipv4 {radius.address}{'' if usual else f' {_ports(*ports)}'}"
        yield from _rows(None, radius.timeout)
        if radius.retransmit is not None:
            yield f" retransmit {radius.retransmit}"
        yield from (f" {line}" for line in radius.kept.values())
        yield from _rows(radius.key, None)
        yield "!"


def _rows(key: Password | None, timeout: int | None) -> Iterator[str]:
    if timeout is not None:
        yield f" timeout {timeout}"
    if key is not None:
        yield f" {_key(key)}"
