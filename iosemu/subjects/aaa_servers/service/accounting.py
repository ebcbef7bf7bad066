"""What groups of servers are told of sessions (RFC 2866, RFC 8907 section 7); nobody waits for their answers."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.net.aaa.tacacs_client import Question
from iosemu.packets.radius import AcctStatusType, Attributes, RadiusAttribute, ServiceType, avpair
from iosemu.packets.tacacs import AcctFlag, AcctRequest, AuthenMethod
from iosemu.subjects.aaa_servers.config import TACACS
from iosemu.subjects.aaa_servers.service.servers import (
    ETHERNET,
    METHODS,
    AaaServers,
    Asking,
    PortClient,
    client_of,
    hyphenated,
)

_FLAGS = {"start": AcctFlag.START, "stop": AcctFlag.STOP, "update": AcctFlag.WATCHDOG}
_STATUS = {
    "start": AcctStatusType.START,
    "stop": AcctStatusType.STOP,
    "update": AcctStatusType.INTERIM_UPDATE,
}
BY_RADIUS, BY_ITSELF = 1, 2
"""Acct-Authentic (RFC 2866 section 5.6)."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What went through a port in a session; `out` is what its client was sent."""

    octets_in: int = 0
    octets_out: int = 0
    packets_in: int = 0
    packets_out: int = 0


def _number(attribute: RadiusAttribute, value: int) -> tuple[int, bytes]:
    return attribute, (value & 0xFFFFFFFF).to_bytes(4, "big")


class Accountant:
    """Tells the servers of a box."""

    def __init__(self, servers: AaaServers) -> None:
        self._servers = servers

    def session(
        self, group: str, asking: Asking, kind: str, number: int, pairs: tuple[str, ...], seconds: int | None
    ) -> None:
        """A shell, or a command: it began (`start`), goes on (`update`) or ended (`stop`) after `seconds`.

        RADIUS is told of sessions only, of no command.
        """
        servers = self._servers
        protocol = servers.config.protocol_of(group)
        if protocol == TACACS:
            elapsed = (f"elapsed_time={seconds}",) if seconds is not None else ()
            method = METHODS.get(asking.method, AuthenMethod.NOT_SET)
            arguments = (f"task_id={number}", "timezone=UTC", "service=shell", *pairs, *elapsed)
            servers.ask(group, Question(AcctRequest(_FLAGS[kind], client_of(asking), arguments, method)))
        elif protocol is not None and not any(pair.startswith("cmd=") for pair in pairs):
            authentic = BY_RADIUS if asking.method == "radius" else BY_ITSELF
            told = (
                *self._head(number, asking.username.encode(), authentic, kind, seconds),
                *servers.nas(group, servers.targets(group), asking),
                _number(RadiusAttribute.SERVICE_TYPE, ServiceType.NAS_PROMPT),
                (RadiusAttribute.ACCT_DELAY_TIME, bytes(4)),
                avpair(f"priv-lvl={asking.privilege}"),
            )
            self._radius(group, told)

    def port(
        self,
        group: str,
        client: PortClient,
        kind: str,
        number: int,
        seconds: int | None = None,
        traffic: Traffic | None = None,
        cause: int | None = None,
    ) -> None:
        """A client of a port (RFC 3580); TACACS+ is not told. `cause`: why it ended (RFC 2866 section 5.10)."""
        servers = self._servers
        if servers.config.protocol_of(group) == TACACS:
            return
        told: list[tuple[int, bytes]] = [
            *self._head(number, client.username, BY_RADIUS, kind, seconds),
            avpair(f"audit-session-id={client.session}"),
            (RadiusAttribute.CALLED_STATION_ID, hyphenated(client.port_address)),
            (RadiusAttribute.CALLING_STATION_ID, hyphenated(client.station)),
            _number(RadiusAttribute.NAS_PORT_TYPE, ETHERNET),
            _number(RadiusAttribute.NAS_PORT, client.number),
            (RadiusAttribute.NAS_PORT_ID, client.port.encode()),
            _number(RadiusAttribute.SERVICE_TYPE, ServiceType.FRAMED),
            (RadiusAttribute.ACCT_DELAY_TIME, bytes(4)),
        ]
        if traffic is not None:
            told += [
                _number(RadiusAttribute.ACCT_INPUT_OCTETS, traffic.octets_in),
                _number(RadiusAttribute.ACCT_OUTPUT_OCTETS, traffic.octets_out),
                _number(RadiusAttribute.ACCT_INPUT_PACKETS, traffic.packets_in),
                _number(RadiusAttribute.ACCT_OUTPUT_PACKETS, traffic.packets_out),
            ]
        if cause is not None:
            told.append(_number(RadiusAttribute.ACCT_TERMINATE_CAUSE, cause))
        address = servers.nas_address(group, servers.targets(group))
        if address is not None:
            told.append((RadiusAttribute.NAS_IP_ADDRESS, address.packed))
        self._radius(group, tuple(told))

    def system(self, group: str, number: int, reason: str, *, on: bool) -> None:
        """Accounting begins or ends for the whole box, because of a `reload` or a `reconfigure`."""
        servers = self._servers
        if servers.config.protocol_of(group) == TACACS:
            pairs = (
                f"task_id={number}",
                "timezone=UTC",
                "service=system",
                "event=sys_acct",
                f"reason={reason}",
            )
            nobody = client_of(Asking("unknown", "unknown", "unknown"))
            flag = AcctFlag.START if on else AcctFlag.STOP
            servers.ask(group, Question(AcctRequest(flag, nobody, pairs, AuthenMethod.NONE)))
            return
        status = AcctStatusType.ACCOUNTING_ON if on else AcctStatusType.ACCOUNTING_OFF
        address = servers.nas_address(group, servers.targets(group))
        self._radius(
            group,
            (
                (RadiusAttribute.ACCT_SESSION_ID, f"{number:08X}".encode()),
                _number(RadiusAttribute.ACCT_STATUS_TYPE, status),
                *(((RadiusAttribute.NAS_IP_ADDRESS, address.packed),) if address is not None else ()),
                (RadiusAttribute.ACCT_DELAY_TIME, bytes(4)),
            ),
        )

    def _head(
        self, number: int, username: bytes, authentic: int, kind: str, seconds: int | None
    ) -> Attributes:
        return (
            (RadiusAttribute.ACCT_SESSION_ID, f"{number:08X}".encode()),
            (RadiusAttribute.USER_NAME, username[:253]),
            _number(RadiusAttribute.ACCT_AUTHENTIC, authentic),
            _number(RadiusAttribute.ACCT_STATUS_TYPE, _STATUS[kind]),
            *((_number(RadiusAttribute.ACCT_SESSION_TIME, seconds),) if seconds is not None else ()),
        )

    def _radius(self, group: str, attributes: Attributes) -> None:
        servers = self._servers
        targets = servers.targets(group)
        if targets:
            servers.radius.request(targets, attributes, servers.source(group), accounting=True)
