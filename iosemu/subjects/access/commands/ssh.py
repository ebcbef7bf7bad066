"""The SSH server's settings, the keys of users, and who is connected."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from iosemu.box.vtys import vty_lines
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter, Leave, Output
from iosemu.subjects.access.config import PublicKey, SshConfig
from iosemu.subjects.access.private_config import PrivateConfig


@dataclass(frozen=True)
class SshStyle:
    """How `show ip ssh` prints."""

    stem: ClassVar[str] = "ssh"
    key_sizes: bool = True
    """The least Diffie-Hellman size and the host key are told."""
    kex: tuple[str, ...] = (
        "diffie-hellman-group-exchange-sha1",
        "diffie-hellman-group14-sha1",
        "diffie-hellman-group1-sha1",
    )
    """What the server of the release offers, by the names of RFC 4253 and RFC 4419."""
    ciphers: tuple[str, ...] = (
        "aes128-ctr",
        "aes192-ctr",
        "aes256-ctr",
        "aes128-cbc",
        "3des-cbc",
        "aes192-cbc",
        "aes256-cbc",
    )
    macs: tuple[str, ...] = ("hmac-sha1", "hmac-sha1-96", "hmac-md5", "hmac-md5-96")


def _ssh(context: Context) -> SshConfig:
    ssh: SshConfig = context.device.config.of(SshConfig)
    return ssh


def keep(context: Context, rest: str = "") -> None:
    """Other `ip ssh` lines."""
    line = " ".join(context.words)
    kept = _ssh(context).kept
    if line in kept:
        kept.remove(line)
    if not context.off:
        kept.append(line)


@dataclass
class KeyUser:
    """The user whose keys are edited."""

    name: str
    keys: list[PublicKey]


@dataclass
class KeyText:
    """A key that is being typed."""

    user: KeyUser
    text: str = ""


def pubkey_chain(context: Context) -> list[Enter]:
    """`ip ssh pubkey-chain`."""
    if context.off:
        _ssh(context).keys.clear()
        return []
    return [Enter("conf-ssh-pubkey", _ssh(context))]


def key_user(context: Context, name: str) -> list[Enter]:
    """`username NAME` under the chain."""
    keys = _ssh(context).keys
    if context.off:
        keys.pop(name, None)
        return []
    return [Enter("conf-ssh-pubkey-user", KeyUser(name, keys.setdefault(name, [])))]


def key_hash(context: Context, algorithm: str, md5: str = "", comment: str = "") -> None:
    """`key-hash ssh-rsa MD5 [COMMENT]`."""
    keys: list[PublicKey] = context.target.keys
    if context.off:
        keys[:] = [key for key in keys if md5 and key.md5 != md5.upper()]
        return
    if len(md5) != 32 or any(digit not in "0123456789abcdefABCDEF" for digit in md5):
        raise CommandError("%SSH: Invalid key hash")
    key = PublicKey(algorithm, md5.upper(), comment.strip())
    if key not in keys:
        keys.append(key)


def key_string(context: Context) -> list[Enter]:
    """`key-string`: base64 over several lines, up to `exit`."""
    if context.off:
        context.target.keys.clear()
        return []
    return [Enter("conf-ssh-pubkey-data", KeyText(context.target))]


def key_data(context: Context, text: str) -> None:
    """One line of a key."""
    context.target.text += text.strip() + " "


def key_end(context: Context) -> Output:
    """`exit`: the key is complete."""
    typed = context.edited(KeyText)
    words = typed.text.split()
    if words and words[0].startswith(("ssh-", "ecdsa-")):
        blob, comment = words[1] if len(words) > 1 else "", " ".join(words[2:])
    else:
        blob, comment = "".join(words), ""
    if not words:
        return [Leave()]
    try:
        data = base64.b64decode(blob, validate=True)
    except binascii.Error:
        data = b""
    length = int.from_bytes(data[:4], "big")
    if not 0 < length <= len(data) - 4:
        return ["%SSH: Failed to decode the Key Value", Leave()]
    algorithm = data[4 : 4 + length].decode("ascii", "replace")
    digest = hashlib.md5(data, usedforsecurity=False).hexdigest().upper()
    typed.user.keys.append(PublicKey(algorithm, digest, comment))
    return [Leave()]


def kept_lines(ssh: SshConfig) -> list[str]:
    """Other `ip ssh` lines."""
    return ssh.kept


def key_lines(ssh: SshConfig) -> Iterator[str]:
    """`ip ssh pubkey-chain` and the hashes of the keys."""
    if any(ssh.keys.values()):
        yield "ip ssh pubkey-chain"
        for name, keys in list(ssh.keys.items()):
            if keys:
                yield f"  username {name}"
                for key in keys:
                    yield f"   key-hash {key.algorithm} {key.md5} {key.comment}".rstrip()


def show_ip_ssh(context: Context) -> Iterator[str]:
    """`show ip ssh`."""
    ssh = _ssh(context)
    shown = {None: "1.99", 1: "1.5", 2: "2.0"}[ssh.version]
    private = context.device.service(PrivateConfig)
    yield f"SSH {'Enabled' if private.enabled else 'Disabled'} - version {shown}"
    if not private.enabled:
        yield "%Please create RSA keys to enable SSH (and of atleast 768 bits for SSH v2)."
    yield f"Authentication timeout: {ssh.timeout} secs; Authentication retries: {ssh.retries}"
    if not context.device.image.style(SshStyle).key_sizes:
        return
    yield "Minimum expected Diffie Hellman key size : 1024 bits"
    keys = private.keys
    if not keys:
        yield "IOS Keys in SECSH format(ssh-rsa, base64 encoded): NONE"
        return
    yield "IOS Keys in SECSH format(ssh-rsa, base64 encoded):"
    text = "ssh-rsa " + base64.b64encode(next(iter(keys.values())).wire()).decode("ascii")
    yield from (text[at : at + 80] for at in range(0, len(text), 80))


def show_ssh(context: Context) -> Iterator[str]:
    """`show ssh`."""
    lines = [line for line in vty_lines(context.device) if line.busy and line.protocol == "ssh"]
    if not lines:
        yield "%No SSHv2 server connections running."
        yield "%No SSHv1 server connections running."
        return
    yield "Connection Version Mode Encryption  Hmac         State                 Username"
    for line in lines:
        for mode in ("IN", "OUT"):
            yield (
                f"{line.number:<10} 2.0     {mode:<4} {line.cipher:<11} {line.mac:<12} "
                f"{'Session started':<21} {line.username}"
            )
    yield "%No SSHv1 server connections running."
