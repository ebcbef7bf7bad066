"""What a server shows of its services."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.timestamps import clock_text_plain, local_time
from iosemu.handling.context import Context
from iosemu.packets import tftp
from iosemu.subjects.server.aaa import RadiusService, TacacsService
from iosemu.subjects.server.config import ServerConfig
from iosemu.subjects.server.ftp import PORT as FTP_PORT
from iosemu.subjects.server.http import PORT as HTTP_PORT
from iosemu.subjects.server.scp import PORT as SCP_PORT
from iosemu.subjects.server.syslog import PORT, SyslogCollector


def _clock(context: Context, when: float) -> str:
    return clock_text_plain(local_time(context.device, when))


def services(context: Context) -> Iterator[str]:
    """`services`: what runs."""
    config = context.device.config.of(ServerConfig)
    tacacs, radius = config.tacacs, config.radius
    files = config.tftp, config.ftp, config.http, config.scp
    if tacacs is None and radius is None and not config.syslog and not any(files):
        yield "No services."
        return
    yield "Service   Port                    Users"
    count = len(config.accounts.users)
    if tacacs is not None:
        yield f"{'tacacs':<10}{f'tcp {tacacs.port}':<24}{count}"
    if radius is not None:
        ports = " ".join(str(port) for port in (*radius.authentication_ports, *radius.accounting_ports))
        yield f"{'radius':<10}{f'udp {ports}':<24}{count}"
    if config.syslog:
        yield f"{'syslog':<10}udp {PORT}"
    if config.tftp:
        yield f"{'tftp':<10}udp {tftp.PORT}"
    if config.ftp:
        yield f"{'ftp':<10}{f'tcp {FTP_PORT}':<24}{count}"
    if config.http:
        yield f"{'http':<10}{f'tcp {HTTP_PORT}':<24}{count}"
    if config.scp:
        yield f"{'scp':<10}{f'tcp {SCP_PORT}':<24}{count}"


def syslog(context: Context) -> Iterator[str]:
    """`syslog`: what was collected, oldest first."""
    for message in context.device.service(SyslogCollector).messages:
        yield (
            f"{_clock(context, message.time)} {message.source} "
            f"{message.facility}.{message.severity} {message.text}"
        )


def accounting(context: Context) -> Iterator[str]:
    """`accounting`: what clients of TACACS+ and RADIUS accounted for, oldest first."""
    for record in context.device.service(TacacsService).records.entries:
        yield (
            f"{_clock(context, record.time)} {record.protocol} {record.client} {record.user or '-'} "
            f"{record.port or '-'} {record.remote or '-'} {record.kind} {' '.join(record.attributes)}"
        )


def radius(context: Context) -> Iterator[str]:
    """`radius`: what was answered."""
    server = context.device.service(RadiusService).server
    yield f"Accepted {server.accepted}, rejected {server.rejected}, discarded {server.discarded}"
