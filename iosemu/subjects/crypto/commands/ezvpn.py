"""`crypto ipsec client ezvpn`: clients, their interfaces, connecting, and who the user is."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import Ask, CommandError, Enter, Steps
from iosemu.subjects.crypto.config.ezvpn import AUTO, CLIENT, EzvpnBinding, EzvpnClient, EzvpnConfig
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.crypto.service.ezvpn import EzvpnConnections
from iosemu.subjects.crypto.service.ezvpn_connection import Connection

MOST_PEERS = 10
MOST_INSIDE = 3


def client(context: Context, name: str) -> list[Enter] | None:
    """`[no] crypto ipsec client ezvpn NAME`: enters the client, made when new."""
    clients = context.device.config.of(EzvpnConfig).clients
    if context.off:
        clients.pop(name, None)
        return None
    return [Enter("config-crypto-ezvpn", clients.setdefault(name, EzvpnClient(name)))]


def connect_mode(context: Context, how: str = AUTO) -> None:
    """`[no] connect (auto | manual)`."""
    context.edited(EzvpnClient).connect = AUTO if context.off else how


def connect_list(context: Context, acl: str | None = None) -> None:
    """`[no] connect acl LIST`."""
    context.edited(EzvpnClient).connect = AUTO if context.off else f"acl {acl}"


def connect_lines(found: EzvpnClient) -> Iterator[str]:
    """`connect …`."""
    yield f"connect {found.connect}"


def group(context: Context, group: str | None = None, secret: str = "", encoding: str | None = None) -> None:
    """`[no] group NAME key [0|6] SECRET`."""
    target = context.edited(EzvpnClient)
    target.group, target.key, target.encoding = None, "", None
    if not context.off:
        target.group, target.key, target.encoding = group, secret, int(encoding) if encoding else None


def _secret(encoding: int | None, secret: str) -> str:
    return secret if encoding is None else f"{encoding} {secret}"


def group_lines(found: EzvpnClient) -> Iterator[str]:
    """`group …`."""
    if found.group is not None:
        yield f"group {found.group} key {_secret(found.encoding, found.key)}"


def mode(context: Context, kind: str = CLIENT) -> None:
    """`[no] mode (client | network-extension | network-plus)`."""
    context.edited(EzvpnClient).mode = CLIENT if context.off else kind


def mode_lines(found: EzvpnClient) -> Iterator[str]:
    """`mode …`."""
    yield f"mode {found.mode}"


def peer(context: Context, server: IPv4Address | str, default: bool = False) -> None:
    """`[no] peer (A | HOST) [default]`: tried in turn, at most ten."""
    target = context.edited(EzvpnClient)
    kept = [each for each in target.peers if each != server]
    if context.off:
        target.peers = kept
        if target.default_peer == server:
            target.default_peer = None
        return
    if len(kept) >= MOST_PEERS:
        raise CommandError(f"% A maximum of {MOST_PEERS} peers may be configured")
    if server not in target.peers:
        target.peers.append(server)
    if default:
        target.default_peer = server


def virtual_interface(context: Context, number: int = 0) -> None:
    """`[no] virtual-interface [TEMPLATE]`: packets go by a Virtual-Access interface."""
    context.edited(EzvpnClient).virtual_interface = None if context.off else number


def virtual_interface_lines(found: EzvpnClient) -> Iterator[str]:
    """`virtual-interface …`."""
    if found.virtual_interface is not None:
        yield f"virtual-interface {found.virtual_interface}".removesuffix(" 0")


def peer_lines(found: EzvpnClient) -> Iterator[str]:
    """`peer …`."""
    for each in found.peers:
        yield f"peer {each}{' default' if each == found.default_peer else ''}"


def username(
    context: Context, name: str | None = None, secret: str = "", encoding: str | None = None
) -> None:
    """`[no] username NAME password [0|6] SECRET`."""
    target = context.edited(EzvpnClient)
    target.username, target.password, target.password_encoding = None, "", None
    if not context.off:
        target.username, target.password = name, secret
        target.password_encoding = int(encoding) if encoding else None


def username_lines(found: EzvpnClient) -> Iterator[str]:
    """`username …`."""
    if found.username is not None:
        yield f"username {found.username} password {_secret(found.password_encoding, found.password)}"


def userid_mode(context: Context, kind: str = "interactive") -> None:
    """`[no] xauth userid mode (interactive | local)`."""
    context.edited(EzvpnClient).userid_mode = "interactive" if context.off else kind


def userid_lines(found: EzvpnClient) -> Iterator[str]:
    """`xauth userid mode …`."""
    yield f"xauth userid mode {found.userid_mode}"


def interface_client(context: Context, name: str, side: str = "outside") -> None:
    """`[no] crypto ipsec client ezvpn NAME [inside | outside]` on an interface."""
    binding = context.edited(InterfaceConfig).of(EzvpnBinding)
    clients = context.device.config.of(EzvpnConfig).clients
    if not context.off and name not in clients:
        raise CommandError(f"% EzVPN configuration {name} does not exist.")
    if side == "inside":
        binding.inside = [each for each in binding.inside if each != name]
        if not context.off:
            _few(context, name)
            binding.inside.append(name)
    elif context.off:
        binding.outside = None if binding.outside == name else binding.outside
    else:
        for other, config in context.device.config.interfaces.items():
            held = config.held(EzvpnBinding)
            if held is not None and held is not binding and held.outside == name:
                raise CommandError(f"% {name} is already the outside of {other}.")
        binding.outside = name


def _few(context: Context, name: str) -> None:
    held = (config.held(EzvpnBinding) for config in context.device.config.interfaces.values())
    if sum(each is not None and name in each.inside for each in held) >= MOST_INSIDE:
        raise CommandError(f"% A maximum of {MOST_INSIDE} inside interfaces may be configured")


# Exec.


def _connections(context: Context) -> EzvpnConnections:
    found: EzvpnConnections = context.device.service(CryptoEngine).ezvpn
    return found


def _chosen(context: Context, name: str | None) -> list[Connection]:
    found = [each for each in _connections(context).all() if name in (None, each.name)]
    if name is not None and not found:
        raise CommandError(f"% EzVPN configuration {name} is not in use.")
    return found


def connect(context: Context, name: str | None = None) -> None:
    """`crypto ipsec client ezvpn connect [NAME]`."""
    for each in _chosen(context, name):
        _connections(context).connect(each)


def clear(context: Context, name: str | None = None) -> None:
    """`clear crypto ipsec client ezvpn [NAME]`."""
    for each in _chosen(context, name):
        _connections(context).reset(each)


def xauth(context: Context, name: str | None = None) -> Steps:
    """`crypto ipsec client ezvpn xauth [NAME]`: says who the user is."""
    waiting = [each for each in _chosen(context, name) if each.asked]
    if not waiting:
        yield "% No pending XAuth requests."
        return
    for each in waiting:
        user = yield Ask("Username: ")
        password = yield Ask("Password: ", echo=False)
        if not _connections(context).say(each, user, password):
            yield "% The request has timed out."
