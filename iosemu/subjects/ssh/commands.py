"""`ssh`: a shell on another box."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.secure_shell import SshAccount, SshPurpose
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Interrupted, Steps
from iosemu.ip.stack import IpStack
from iosemu.subjects.hosts.translate import translate
from iosemu.subjects.ping.commands.ping import BAD_ADDRESS
from iosemu.subjects.ssh.login import logging_in
from iosemu.subjects.ssh.service import PORT, SecureShell
from iosemu.subjects.telnet.commands import check_line, go_on
from iosemu.subjects.telnet.service import Failure

NOBODY = "% No user specified nor available for SSH client"


def ssh(
    context: Context,
    host: IPv4Address | str,
    user: str = "",
    port: int = PORT,
    version: str = "",
    cipher: str = "",
    mac: str = "",
    prompts: int = 3,
    vrf: str = "",
) -> Steps:
    """`ssh [-l USER] [-p PORT] [-v 1|2] [-c CIPHER] [-m MAC] [-vrf V] HOST`.

    Raises CommandError where the user's line does not let him go there.
    """
    device, session = context.device, context.session
    if device.service(IpStack).find_vrf(vrf) is None:
        raise CommandError(f"%Unknown VRF specified: {vrf}")
    username = user or session.username
    if not username:
        raise CommandError(NOBODY)
    address = yield from translate(device, host, vrf)
    if address is None:
        yield BAD_ADDRESS
        return
    check_line(context, address, "ssh")
    account = SshAccount(username, cipher, mac, prompts)
    purpose = SshPurpose(None, session.width or 80, session.length or 24)
    far = device.service(SecureShell).connect(str(host), address, account, purpose, port=port, vrf=vrf)
    try:
        there = yield from logging_in(far, speaks=version != "1")
    except Interrupted:
        far.close()
        yield ""
        return
    if there:
        session.far_ends.append(far)
        yield from go_on(context, far)
        return
    client = far.client
    far.close()
    if client is None:
        yield ""
        yield (far.failure or Failure.SILENT).value
    elif client.asked:
        yield ""
        yield f"[Connection to {host} closed by foreign host]"
    else:  # nothing that both have, or not what was asked for
        yield f"[Connection to {host} aborted: error status 0]"
    yield ""
