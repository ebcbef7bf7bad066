"""IKEv2 in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.crypto.config.ikev2 import DEFAULT, DEFAULT_MTU, Ikev2Config
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig


def _blocks(blocks: list[list[str]]) -> list[str]:
    """Blocks with a `!` between them."""
    lines: list[str] = []
    for block in blocks:
        lines += ["!", *block] if lines else block
    return lines


def proposal_lines(device: Device, render: Render) -> list[str]:
    """All proposals; the built-in one where it was edited or is off."""
    config = device.config.of(Ikev2Config)
    blocks = [] if config.default_proposal else [[f"no crypto ikev2 proposal {DEFAULT}"]]
    for each in config.proposals.values():
        inner = (f" {line}" for line in render("config-ikev2-proposal", each))
        blocks.append([f"crypto ikev2 proposal {each.name} ", *inner])
    return _blocks(blocks)


def policy_lines(device: Device, render: Render) -> list[str]:
    """All policies; the built-in one where it was edited or is off."""
    config = device.config.of(Ikev2Config)
    blocks = [] if config.default_policy else [[f"no crypto ikev2 policy {DEFAULT}"]]
    for each in config.policies.values():
        inner = (f" {line}" for line in render("config-ikev2-policy", each))
        blocks.append([f"crypto ikev2 policy {each.name} ", *inner])
    return _blocks(blocks)


def ikev2_keyring_lines(device: Device, render: Render) -> list[str]:
    """All keyrings with their peers."""
    blocks = []
    for each in device.config.of(Ikev2Config).keyrings.values():
        block = [f"crypto ikev2 keyring {each.name}"]
        for peer in each.peers.values():
            inner = (f"  {line}" for line in render("config-ikev2-keyring-peer", peer))
            block += [f" peer {peer.name}", *inner, " !"]
        blocks.append(block)
    return _blocks(blocks)


def profile_lines(device: Device, render: Render) -> list[str]:
    """All profiles."""
    blocks = []
    for each in device.config.of(Ikev2Config).profiles.values():
        inner = (f" {line}" for line in render("config-ikev2-profile", each))
        blocks.append([f"crypto ikev2 profile {each.name}", *inner])
    return _blocks(blocks)


def ikev2_lines(device: Device, render: Render) -> list[str]:
    """What counts for the whole box."""
    config = device.config.of(Ikev2Config)
    lines = []
    if config.fragmentation:
        mtu = f" mtu {config.fragmentation}" if config.fragmentation != DEFAULT_MTU else ""
        lines.append(f"crypto ikev2 fragmentation{mtu}")
    plain = (
        "nat_keepalive",
        "dpd",
        "cookie_challenge",
        "most_negotiating",
        "most_sas",
        "window",
        "diagnosed",
        "http_url",
        "certificate_cache",
    )
    return render("config", config, only=plain) + lines


def logging_lines(device: Device, render: Render) -> list[str]:
    """`crypto logging …` of both versions."""
    return [
        *render("config", device.config.of(Ikev2Config), only=("log",)),
        *render("config", device.config.of(IsakmpConfig), only=("log_sessions", "log_clients")),
    ]
