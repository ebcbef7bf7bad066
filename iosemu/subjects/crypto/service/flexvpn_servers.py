"""Authorization policies that RADIUS servers have (`aaa authorization group … list`, a list with `group …`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from iosemu.ike.proof import Postponed
from iosemu.net.aaa.outcome import Verdict
from iosemu.subjects.aaa_servers.service import AaaServers, Asking, when_answered
from iosemu.subjects.crypto.config.flexvpn import AuthorizationPolicy

if TYPE_CHECKING:
    from iosemu.box.device import Device
    from iosemu.subjects.aaa_servers.service import Pending

PASSWORD = "cisco"  # noqa: S105 - what IOS says for a name that is no user's
PREFIX = "ipsec:"


class PolicyServers:
    """What servers say of a name, kept for one session each; `told` is called when one has answered."""

    def __init__(self, device: Device, told: Callable[[], None]) -> None:
        self.device = device
        self._told = told
        self._asked: dict[tuple[int, str, str], Pending] = {}

    def policy(self, session: int, group: str, name: str) -> AuthorizationPolicy | Verdict:
        """The policy, or FAIL or ERROR; raises Postponed until the server has answered."""
        key = (session, group, name)
        pending = self._asked.get(key)
        if pending is None:
            servers = self.device.find(AaaServers)
            if servers is None:
                return Verdict.ERROR
            pending = self._asked[key] = servers.login(group, Asking(name), PASSWORD)
            if pending.outcome is None:
                when_answered(self.device, pending, lambda _verdict: self._told())
        if pending.outcome is None:
            raise Postponed
        if pending.outcome.verdict is not Verdict.PASS:
            return pending.outcome.verdict
        return policy_of(name, pending.outcome.attributes)

    def forget(self, session: int) -> None:
        """A session is over: the next one asks anew."""
        for key in [key for key in self._asked if key[0] == session]:
            del self._asked[key]


def policy_of(name: str, pairs: Iterable[str]) -> AuthorizationPolicy:
    """The policy that attribute-value pairs make; those that make no sense are passed over."""
    found = AuthorizationPolicy(name)
    for pair in pairs:
        if not pair.startswith(PREFIX):
            continue
        word, _, value = pair.removeprefix(PREFIX).replace("*", "=", 1).partition("=")
        with suppress(ValueError):
            _take(found, word.strip(), value.strip())
    return found


def _take(found: AuthorizationPolicy, word: str, value: str) -> None:
    match word:
        case "addr-pool":
            found.pool = value
        case "netmask":
            found.netmask = IPv4Address(value)
        case "dns-servers":
            found.dns = [IPv4Address(each) for each in value.split()]
        case "default-domain":
            found.domain = value
        case "route-set":
            _route(found, value)
        case "route-accept":
            _accept(found, value)


def _route(found: AuthorizationPolicy, value: str) -> None:
    """`interface [NAME]`, `prefix A/L`, `access-list NAME`."""
    kind, _, what = value.partition(" ")
    if kind == "interface" and not what:
        found.own_address = True
    elif kind == "interface":
        found.interfaces.append(what)
    elif kind == "prefix":
        found.networks.append(("remote", IPv4Network(what)))
    elif kind == "access-list":
        found.access_list = what


def _accept(found: AuthorizationPolicy, value: str) -> None:
    """`any [tag:T] [distance:D]`, or `none`."""
    kind, *rest = value.split()
    found.accepts = kind == "any"
    for each in rest:
        word, _, number = each.partition(":")
        if word == "tag" and 1 <= int(number) <= 4294967295:
            found.tag = int(number)
        elif word == "distance" and 1 <= int(number) <= 255:
            found.distance = int(number)
