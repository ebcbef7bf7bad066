"""The SSH service of a running lab: a port for every device and one for the console."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import random
import resource
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

import asyncssh

from iosemu.box.device import Device
from iosemu.box.system import SystemConfig
from iosemu.box.vtys import vty_lines
from iosemu.lab import registry
from iosemu.lab.capture import epoch_of
from iosemu.lab.console import ConsoleEndpoint
from iosemu.lab.decryptor import decryptor_of
from iosemu.lab.errors import LabError
from iosemu.lab.exposure import has_accounts, is_loopback, refuse_known_passwords
from iosemu.lab.lab import Lab
from iosemu.lab.registry import BASE_PORT, Running
from iosemu.lab.terminal_lines import ConsoleHub, VtyEndpoint
from iosemu.server.connection import Offer, connection_options, strict_options
from iosemu.server.datagrams import Answer, DatagramListener, listen_datagrams
from iosemu.server.deciding import Decision
from iosemu.server.endpoint import LOGIN_SECONDS, RETRIES, Client, Shell
from iosemu.server.hostkeys import host_keys, temporary_keys
from iosemu.server.limits import Admission
from iosemu.server.outside import OutsideError
from iosemu.server.ssh import HOST, REFUSAL_DELAY, Listener, listen
from iosemu.server.telnet import TelnetListener, listen_telnet
from iosemu.server.transfer import FileSystems
from iosemu.shell.proceeding import Proceeding
from iosemu.subjects.access.authentication import admits, authenticating, key_fitting
from iosemu.subjects.access.commands.ssh import SshStyle
from iosemu.subjects.access.config import SshConfig
from iosemu.subjects.access.login import LoginGuard
from iosemu.subjects.access.private_config import PrivateConfig
from iosemu.subjects.sniffer.service import Sniffer
from iosemu.subjects.snmp.service import SnmpAgent

if TYPE_CHECKING:
    from iosemu.server.packet_view import PacketView


class DeviceEndpoint:
    """A device as its SSH listener sees it."""

    def __init__(self, lab: Lab, name: str) -> None:
        self._lab = lab
        self._name = name
        self._device = lab.devices[name]

    @property
    def name(self) -> str:
        """The device's name in the lab."""
        return self._name

    def log_in(self, username: str, password: str, address: str, *, asks: bool = False) -> Decision:
        """As the device's configuration says."""
        work = authenticating(self._device, username, password, address, asks=asks)
        return Proceeding(self._device, work)

    reserved = False

    @property
    def one_command(self) -> bool:
        """All boxes that run IOS, and no PC."""
        return bool(self._device.composition.config_mode)

    @property
    def ssh_enabled(self) -> bool:
        """It has a key; `crypto key zeroize rsa` took it."""
        private = self._device.find(PrivateConfig)
        return private is None or private.enabled

    @property
    def login_delay(self) -> float:
        """`login delay`."""
        return float(self._device.service(LoginGuard).delay)

    def attempted(self, username: str, address: str, accepted: bool) -> None:
        """Counted and logged, as `login block-for` and its companions say."""
        guard = self._device.service(LoginGuard)
        if accepted:
            guard.succeeded(username, address)
        else:
            guard.failed(username, address)

    def full(self) -> bool:
        """All vtys are taken, there is no key, or the power is off."""
        if not self._device.powered or not self.ssh_enabled:
            return True
        return all(line.busy for line in vty_lines(self._device))

    def admits(self, address: str) -> bool:
        """As `access-class` and the quiet mode of `login block-for` say."""
        return self._device.service(LoginGuard).admits(address) and admits(self._device, address)

    def log_in_by_key(self, username: str, md5: str, address: str) -> Decision:
        """As `ip ssh pubkey-chain` says."""
        return Proceeding(self._device, key_fitting(self._device, username, md5, address))

    def files(self, privilege: int) -> FileSystems:
        """Flash and NVRAM, for privilege 15, when `ip scp server enable` is configured."""
        ssh = self._device.config.find(SshConfig)
        if ssh is None or not ssh.scp or privilege < 15:
            return {}
        return {"flash": self._device.flash, "flash0": self._device.flash, "nvram": self._device.nvram}

    @property
    def banner(self) -> str:
        """`banner login`."""
        system = self._device.config.find(SystemConfig)
        text = "" if system is None else str(system.banners.get("login", ""))
        return text.replace("\n", "\r\n")

    @property
    def retries(self) -> int:
        """`ip ssh authentication-retries`."""
        ssh = self._device.config.find(SshConfig)
        return RETRIES if ssh is None else ssh.retries

    @property
    def login_seconds(self) -> int:
        """`ip ssh time-out`."""
        ssh = self._device.config.find(SshConfig)
        return LOGIN_SECONDS if ssh is None else ssh.timeout

    def open(self, client: Client, hang_up: Callable[[], None]) -> Shell | None:
        """A session on a vty; a sniffer's can show its packet view."""
        session = self._lab.session(
            self._name,
            username=client.username,
            privilege=client.privilege,
            origin=client.address,
            columns=client.columns,
            rows=client.rows,
            pty=client.pty,
        )
        if session is not None and session.line is not None:
            session.line.cipher, session.line.mac = client.cipher, client.mac or "none"
            session.line.terminal = client.term
        if session is None or self._device.find(Sniffer) is None or not client.pty:
            return session
        from iosemu.server.packet_view import SnifferShell

        return SnifferShell(session, client, self._view)

    def _view(self) -> PacketView:
        from iosemu.server.packet_view import PacketView

        return PacketView(self._device, decryptor_of(self._lab), epoch_of(self._lab))


FILES = 512
"""File descriptors that a lab may need beside two for each device: connections, captures, files."""


def allow_files(devices: int) -> None:
    """Raise this process's soft limit of open files, often 1,024, to what so many ports need, if it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * devices + FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@dataclass
class Serving:
    """A lab that is being served."""

    lab: Lab
    console: int
    """TCP port of the console."""
    ports: dict[str, int]
    """TCP port of every device."""
    listeners: list[Listener | TelnetListener | DatagramListener]
    key: str
    """Opens the console."""
    telnet: dict[str, int] = field(default_factory=dict)
    """TCP port for Telnet, of the devices that the lab file wants it for."""
    consoles: dict[str, int] = field(default_factory=dict)
    """TCP port of the console lines, likewise."""
    snmp: dict[str, int] = field(default_factory=dict)
    """UDP port of the SNMP agents, likewise."""
    warnings: list[str] = field(default_factory=list)
    """What could not be done, and what follows."""


@contextlib.asynccontextmanager
async def serve(
    lab: Lab,
    *,
    base_port: int = BASE_PORT,
    legacy: bool = False,
    strict: bool = False,
    refusal_delay: float = REFUSAL_DELAY,
    announce: bool = False,
    keys: Sequence[asyncssh.SSHKey] = (),
    host: str = HOST,
    with_console: bool = True,
) -> AsyncIterator[Serving]:
    """Answer SSH for a booted lab, and keep its clock going, until the context ends.

    It listens on 127.0.0.1; with another `host` the devices that have accounts listen there, and the others,
    which let everybody in, and the console stay where they are.

    With `legacy` the algorithms of old releases are offered beside the modern ones, with `strict` each device
    offers what its release has and nothing else. With `base_port` 0 every port is any free one. Without `keys` the
    host keys are the state directory's. With `announce` other processes can find the lab. What is `with_console` False
    for is a part of a lab: its console is elsewhere.
    Raises LabError when a port is taken or out of range, a cable to the outside cannot be plugged in, or
    others are to be let in while a password is one that everybody knows.
    """
    warnings: list[str] = []
    known = list(keys) or server_keys(warnings)
    options = connection_options(known, legacy=legacy)
    strictly: dict[Offer, asyncssh.SSHServerConnectionOptions] = {}
    listeners: list[Listener | TelnetListener | DatagramListener] = []
    ports: dict[str, int] = {}
    key = secrets.token_hex(16)
    if not is_loopback(host):
        refuse_known_passwords(lab)
    admission = Admission(random.SystemRandom().random)
    if any(device.find(Sniffer) is not None for device in lab.devices.values()):
        importlib.import_module(
            "iosemu.server.packet_view"
        )  # now: it takes long enough for others to notice later
    note = None
    hubs: list[ConsoleHub] = []
    telnet: dict[str, int] = {}
    consoles: dict[str, int] = {}
    agents: dict[str, int] = {}
    delay = lab.topology.lab.management.delay
    allow_files(len(lab.devices))
    clock = asyncio.create_task(lab.clock.run())
    try:
        for name in lab.devices:
            number = base_port and base_port + lab.topology.ports[name] - BASE_PORT
            place = host if has_accounts(lab.devices[name]) else HOST
            door = Door(place, number, refusal_delay, admission, delay)
            mine = options
            if strict and (offer := _offer(lab.devices[name])) is not None:
                mine = strictly.get(offer) or strictly.setdefault(offer, strict_options(known, offer))
            listener = await _listen(DeviceEndpoint(lab, name), lab, mine, door)
            listeners.append(listener)
            ports[name] = listener.port
        moved = base_port and base_port - BASE_PORT
        for name, port in _here(lab, lab.topology.telnet_ports):
            door = Door(HOST, base_port and port + moved, refusal_delay, admission, delay)
            line_listener = await _listen_telnet(VtyEndpoint(lab, name), lab, door)
            listeners.append(line_listener)
            telnet[name] = line_listener.port
        for name, port in _here(lab, lab.topology.console_ports):
            hub = ConsoleHub(lab, name)
            hubs.append(hub)
            door = Door(HOST, base_port and port + moved, refusal_delay, admission, delay)
            line_listener = await _listen_telnet(hub, lab, door)
            listeners.append(line_listener)
            consoles[name] = line_listener.port
        for name, port in _here(lab, lab.topology.snmp_ports):
            door = Door(HOST, base_port and port + moved, refusal_delay, admission)
            with listening(f"the SNMP agent of {name}", door):
                agent = await listen_datagrams(_agent(lab, name), lab.clock, door.port, door.host)
            listeners.append(agent)
            agents[name] = agent.port
        for far in lab.outsides:
            try:
                far.attach(asyncio.get_running_loop(), lab.clock)
            except OutsideError as error:
                raise LabError(str(error)) from error
        lab.announce_outside()
        console = 0
        if with_console:
            door = Door(HOST, base_port, refusal_delay, admission)
            listener = await _listen(ConsoleEndpoint(lab, key, ports), lab, options, door)
            listeners.append(listener)
            console = listener.port
        if announce:
            models = {name: device.model.name for name, device in lab.devices.items()}
            try:
                note = registry.announce(Running(lab.name, os.getpid(), console, key, ports, models))
            except OSError as error:
                warnings.append(
                    f"{error.filename or registry.state_directory()}: {error.strerror}; other commands will not "
                    "find this lab: log in with ssh"
                )
        yield Serving(lab, console, ports, listeners, key, telnet, consoles, agents, warnings)
    finally:
        if note is not None:
            note.unlink(missing_ok=True)
        for each in listeners:
            each.close()
        for hub in hubs:
            hub.close()
        for far in lab.outsides:
            far.detach()
        clock.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await clock
        for name in lab.devices:
            lab.stop(name)


def _here(lab: Lab, ports: dict[str, int]) -> list[tuple[str, int]]:
    """Those of them whose devices are computed in this process."""
    return [(name, port) for name, port in ports.items() if name in lab.devices]


def _agent(lab: Lab, name: str) -> Answer:
    """What a device's SNMP agent answers."""

    def answer(data: bytes, source: str) -> bytes | None:
        agent = lab.devices[name].find(SnmpAgent)
        return agent.outside(data, IPv4Address(source)) if agent is not None else None

    return answer


def _offer(device: Device) -> Offer | None:
    """The algorithms of a device's release; None for boxes that have no IOS."""
    if not device.composition.config_mode:
        return None
    style = device.image.style(SshStyle)
    return Offer(style.kex, style.ciphers, style.macs)


@dataclass(frozen=True)
class Door:
    """Where an endpoint listens, and whom it lets in."""

    host: str
    port: int
    refusal_delay: float
    admission: Admission
    delay: float = 0.0
    """Wall seconds that each byte takes."""


def server_keys(warnings: list[str]) -> list[asyncssh.SSHKey]:
    """The host keys of the state directory; those that cannot be kept there are for this run, and a warning says so."""
    directory = registry.state_directory() / "hostkeys"
    try:
        return host_keys(directory)
    except OSError as error:
        warnings.append(
            f"{error.filename or directory}: {error.strerror}; the host keys of this lab are for this run alone"
        )
        return temporary_keys()


async def _listen(
    endpoint: DeviceEndpoint | ConsoleEndpoint,
    lab: Lab,
    options: asyncssh.SSHServerConnectionOptions,
    door: Door,
) -> Listener:
    with listening(endpoint.name, door):
        return await listen(
            endpoint,
            lab.clock,
            options,
            door.port,
            refusal_delay=door.refusal_delay,
            host=door.host,
            admission=door.admission,
            delay=door.delay,
        )


async def _listen_telnet(endpoint: VtyEndpoint | ConsoleHub, lab: Lab, door: Door) -> TelnetListener:
    with listening(endpoint.name, door):
        return await listen_telnet(
            endpoint, lab.clock, door.port, host=door.host, admission=door.admission, delay=door.delay
        )


@contextlib.contextmanager
def listening(name: str, door: Door) -> Iterator[None]:
    """Whoever cannot listen is told why."""
    try:
        yield
    except OverflowError as error:
        raise LabError(f"port {door.port} for {name} is out of range; choose a lower --base-port") from error
    except OSError as error:
        text = error.strerror or str(error)
        raise LabError(
            f"cannot listen on {door.host}:{door.port} for {name}: {text}; "
            "stop what uses the port, or choose others with --base-port"
        ) from error
