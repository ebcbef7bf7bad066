"""Words that the shows of GDOI have in common."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from iosemu.box.device import Device
from iosemu.gdoi.policy import Replay, Rule
from iosemu.ike.types import Encryption, EspSuite, Phase2Proposal
from iosemu.subjects.crypto.config.ipsec import transform_names
from iosemu.subjects.gdoi.config import GdoiConfig, GdoiGroup

PROTOCOLS = {0: "ip", 1: "icmp", 6: "tcp", 17: "udp", 47: "gre", 50: "esp", 88: "eigrp", 89: "ospf"}
CIPHERS = {Encryption.DES: "DES", Encryption.TRIPLE_DES: "3DES", Encryption.AES: "AES"}


def groups(device: Device, name: str | None) -> Iterator[GdoiGroup]:
    """The group of a name, or all."""
    for group in list(device.config.of(GdoiConfig).groups.values()):
        if name in (None, group.name):
            yield group


def rule_words(rule: Rule) -> str:
    """`permit ip 10.1.0.0 0.0.255.255 10.2.0.0 0.0.255.255`; ports as `port = N`."""
    selector = rule.selector
    protocol = PROTOCOLS.get(selector.protocol, str(selector.protocol))
    source = _side(selector.local, selector.local_port)
    return f"{_action(rule)} {protocol} {source} {_side(selector.remote, selector.remote_port)}"


def _action(rule: Rule) -> str:
    return "permit" if rule.permit else "deny"


def _side(network: IPv4Network, port: int) -> str:
    if network.prefixlen == 32:
        text = f"host {network.network_address}"
    elif network.prefixlen == 0:
        text = "any"
    else:
        text = f"{network.network_address} {network.hostmask}"
    return f"{text} port = {port}" if port else text


def transform_text(suite: EspSuite) -> str:
    """`esp-256-aes esp-sha-hmac`."""
    return " ".join(transform_names(Phase2Proposal(suite)))


def replay_text(replay: Replay | None) -> str:
    """`Anti-Replay(Time Based) : 20 sec interval`."""
    if replay is None:
        return "Anti-Replay : Disabled"
    if replay.time:
        return f"Anti-Replay(Time Based) : {replay.window} sec interval"
    return f"Anti-Replay(Counter Based) : {replay.window}"
