"""`dot1x …` on a PC."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.net.dot1x.supplicant import SupplicantState
from iosemu.subjects.supplicant.service import HostSupplicant

_NONE = "802.1X is not enabled (dot1x identity NAME password PASSWORD)."


def identity(context: Context, name: str, secret: str) -> None:
    """`dot1x identity NAME password SECRET`: prove itself to the port from now on."""
    context.device.service(HostSupplicant).use(name, secret)


def disable(context: Context) -> None:
    """`dot1x disable`."""
    context.device.service(HostSupplicant).use("", "")


def logon(context: Context) -> None:
    """`dot1x logon`: begin anew."""
    _running(context).logon()


def logoff(context: Context) -> None:
    """`dot1x logoff`."""
    _running(context).logoff()


def _running(context: Context) -> HostSupplicant:
    service = context.device.service(HostSupplicant)
    if service.supplicant is None:
        raise CommandError(_NONE)
    return service


def status(context: Context) -> Iterator[str]:
    """`dot1x`: how far it has come."""
    supplicant = _running(context).supplicant
    assert supplicant is not None
    said = supplicant.state.value
    if supplicant.state is SupplicantState.AUTHENTICATED and not supplicant.proved:
        said += " (no authenticator)"
    yield ""
    for label, value in (("Identity", supplicant.identity), ("EAP Method", "MD5-Challenge"), ("State", said)):
        yield f"   {label:.<32}: {value}"
    yield ""
