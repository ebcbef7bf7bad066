"""The lab as a Python object: `async with Lab.load("lab.yaml") as lab`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, Self

from iosemu.box.device import Device
from iosemu.lab import labfile
from iosemu.lab.image import LabImage
from iosemu.lab.inventory import IOS
from iosemu.lab.lab import Lab as Core
from iosemu.lab.labfile import Topology
from iosemu.lab.plan import LabPlan
from iosemu.lab.snapshot import Snapshot
from iosemu.testing import pinging, views
from iosemu.testing.bench import LabBench
from iosemu.testing.errors import ConfigurationRefusedError, NoSuchDeviceError, NotReachedError
from iosemu.testing.packets import PacketCapture
from iosemu.testing.patterns import REFUSED
from iosemu.testing.pinging import PingResult
from iosemu.testing.transcript import duration
from iosemu.testing.views import DeviceView

Seconds = float | str
"""Lab seconds, or a duration such as `1h30m`."""
LabSource = str | Path | LabPlan | Topology
"""The name of a lab that comes along, a lab file, or a lab built in code."""

LINES = (("netmiko", "telnet"), ("scrapli", "telnet"), ("netmiko", "console"))
"""Libraries that can go to a terminal line, and to which."""


def seconds(time: Seconds) -> float:
    """Lab seconds of a number or a duration; raises ValueError."""
    return duration(time) if isinstance(time, str) else float(time)


class Lab:
    """A lab in this process. It runs inside an `async with`, or between `start` and `close`.

    `time` is `fast` (waits are jumped over), `real` or `manual`; a `seed` makes every run alike, `variables` take
    the place of the lab file's; with `outside_configs` it may name configurations outside its folder; an `image` has
    configurations and cables in place of the file's. SSH ports are
    opened when somebody asks for one. Raises LabError when there is no such lab or its file is wrong.
    """

    def __init__(
        self,
        lab: LabSource,
        *,
        time: str = "fast",
        seed: int | str | None = None,
        record: bool = False,
        variables: Mapping[str, Any] | None = None,
        outside_configs: bool = False,
        image: LabImage | None = None,
    ) -> None:
        if isinstance(lab, LabPlan):
            lab = lab.topology()
        if not isinstance(lab, Topology):
            lab = labfile.read(labfile.find(str(lab)), variables, outside_configs=outside_configs)
        self.topology = lab
        self.bench = LabBench(direct=True, record=record)
        self._time = time
        self._seed = seed
        self._image = image

    @classmethod
    def load(cls, lab: LabSource, **options: Any) -> Self:
        """A lab by its name, its file or its plan; the options are those of `Lab`."""
        return cls(lab, **options)

    async def start(self) -> None:
        """Boot the lab."""
        if self._image is None:
            await self.bench.put(Core(self.topology, seed=self._seed, time=self._time))
        else:
            await self.bench.put(self._image.build(self.topology, seed=self._seed, time=self._time))

    async def close(self) -> None:
        """Take the lab down; closing twice does no harm."""
        await self.bench.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    @property
    def core(self) -> Core:
        """The lab itself, for what this class does not offer."""
        return self.bench.lab

    @property
    def devices(self) -> list[str]:
        """Names of the devices."""
        return self.bench.devices

    @property
    def now(self) -> float:
        """Lab time in seconds."""
        return self.core.scheduler.now

    def __getitem__(self, name: str) -> LabDevice:
        """A device by name; raises NoSuchDeviceError (a KeyError) naming those there are."""
        if name not in self.bench.devices:
            raise NoSuchDeviceError(name, self.bench.devices)
        return LabDevice(self, name)

    def link(self, endpoint: str) -> LabLink:
        """The cable in a port such as `R-A:Fa0/0`; raises LabError when there is none."""
        self.core.link(endpoint)
        return LabLink(self, endpoint)

    def capture(self, target: str = "all") -> PacketCapture:
        """Record a port (`R-A:Fa0/0`), a device, `cables` or `all` from now on; use it in a `with`."""
        return PacketCapture(self.core, target)

    async def advance(self, time: Seconds) -> None:
        """Let lab time pass, as quickly as it can be computed."""
        await self.bench.advance(seconds(time))

    async def run_until(self, reached: Callable[[], bool], timeout: Seconds = 60.0) -> None:
        """Let lab time pass until `reached()`; raises NotReachedError (a TimeoutError) after `timeout`."""
        if not await self.bench.run_until(reached, seconds(timeout)):
            down = [
                f"{name}:{port.name}"
                for name, device in self.core.devices.items()
                for port in device.interfaces.values()
                if port.port is not None and port.port.link is not None and not port.protocol_up
            ]
            raise NotReachedError(seconds(timeout), self.now, down)

    def snapshot(self) -> Snapshot:
        """The whole lab as it is now, for `restore`."""
        return self.core.snapshot()

    async def restore(self, snapshot: Snapshot | None = None) -> None:
        """Put the lab back to a snapshot, or to the moment after it booted; sessions are hung up."""
        await self.bench.reset(snapshot)

    async def ssh_params(
        self,
        device: str,
        library: str = "netmiko",
        username: str = "admin",
        password: str = "admin",  # noqa: S107 - the labs' user
    ) -> dict[str, Any]:
        """Keyword arguments for Netmiko's `ConnectHandler`; `library` may be scrapli or asyncssh instead.

        `netmiko-telnet`, `scrapli-telnet` and `netmiko-console` go to the device's Telnet port and console line.
        Raises ValueError for another library, and for a device to which the lab file gives no such port.
        """
        library, _, way = library.partition("-")
        if way:
            return await self._line_params(device, library, way, username, password)
        host, port = await self.bench.address(self[device].name)
        user = {"username": username, "password": password}
        match library:
            case "netmiko":
                driver = "cisco_ios" if self[device].core.model.kind in IOS else "generic"
                return {"device_type": driver, "host": host, "port": port, "secret": "cisco", **user}
            case "scrapli":
                names = {"auth_username": username, "auth_password": password, "auth_secondary": "cisco"}
                return {
                    "host": host,
                    "port": port,
                    "auth_strict_key": False,
                    "ssh_config_file": False,
                    **names,
                }
            case "asyncssh":
                return {
                    "host": host,
                    "port": port,
                    "known_hosts": None,
                    "client_keys": None,
                    "config": None,
                    **user,
                }
        raise ValueError(f"{library!r} is not known; say netmiko, scrapli or asyncssh")

    async def snmp_address(self, device: str) -> tuple[str, int]:
        """Host and UDP port of a device's SNMP agent.

        Raises ValueError where the lab file asks for none (`management: {snmp: PORT}`).
        """
        return await self.bench.line_address(self[device].name, "snmp")

    async def _line_params(
        self, device: str, library: str, way: str, username: str, password: str
    ) -> dict[str, Any]:
        if (library, way) not in LINES:
            raise ValueError(
                f"{library}-{way} is not known; say {', '.join('-'.join(pair) for pair in LINES)}"
            )
        host, port = await self.bench.line_address(self[device].name, way)
        if library == "scrapli":
            names = {"auth_username": username, "auth_password": password, "auth_secondary": "cisco"}
            return {"host": host, "port": port, "auth_strict_key": False, "transport": "telnet", **names}
        user = {"username": username, "password": password, "secret": "cisco"}
        return {"device_type": "cisco_ios_telnet", "host": host, "port": port, **user}


class LabDevice:
    """One device of a lab."""

    def __init__(self, lab: Lab, name: str) -> None:
        self.lab = lab
        self.name = name

    @property
    def core(self) -> Device:
        """The device itself, for what this class does not offer."""
        return self.lab.core.devices[self.name]

    @property
    def state(self) -> DeviceView:
        """What the device holds now: interfaces, routes, ARP and MAC tables, SAs, counters, log."""
        return views.view(self.core)

    async def cli(self, command: str) -> str:
        """Type a line into a session at privilege 15 that stays open; returns what it printed.

        Raises ValueError when the device does not come back to a prompt.
        """
        return await self.lab.bench.run(self.name, command)

    async def configure(self, lines: Iterable[str] | str, *, check: bool = True) -> str:
        """Type configuration lines from `configure terminal` to `end`; returns what they printed.

        Raises ConfigurationRefusedError (a ValueError) at the first line that the device does not
        understand, unless `check` is off.
        """
        rows = lines.splitlines() if isinstance(lines, str) else list(lines)
        await self.cli("configure terminal")
        printed = []
        try:
            for row in rows:
                output = await self.cli(row)
                if check and REFUSED.search(output):
                    raise ConfigurationRefusedError(self.name, row, output)
                printed.append(output)
        finally:
            await self.cli("end")
        return "\n".join(text for text in printed if text)

    async def ping(
        self, destination: str | IPv4Address, count: int | None = None, timeout: float | None = None
    ) -> PingResult:
        """Ping as the device's own `ping` does (routers 5 times with 2 s, PCs 4 times with 4 s).

        Raises ValueError for a bad address, or for a device that has no IP or no power.
        """
        return await pinging.ping(self.core, destination, self.lab.bench.run_until, count, timeout)

    def power_off(self) -> None:
        """Take its power; its sessions end."""
        self.lab.core.stop(self.name)

    def power_on(self) -> None:
        """Boot it from its startup configuration, if it is off."""
        if not self.core.powered:
            self.lab.core.start(self.name)
            self.lab.core.clock.poke()


class LabLink:
    """One cable of a lab."""

    def __init__(self, lab: Lab, endpoint: str) -> None:
        self._lab = lab
        self.endpoint = endpoint

    @property
    def up(self) -> bool:
        """Both ends see a carrier."""
        return self._lab.core.link(self.endpoint).carrier

    def _plug(self, whole: bool) -> None:
        self._lab.core.link(self.endpoint).plugged = whole
        self._lab.core.clock.poke()

    def down(self) -> None:
        """Cut it."""
        self._plug(False)

    def mend(self) -> None:
        """Mend it."""
        self._plug(True)

    def mute(self) -> None:
        """Lose all that the end it was asked for by sends, as when one of two fibres is broken."""
        core = self._lab.core
        core.link(self.endpoint).mute(":".join(core.topology.endpoint(self.endpoint)))

    def impair(self, **faults: float | None) -> None:
        """Spoil it: `delay` and `jitter` in seconds, `loss`, `duplicate`, `reorder` and `corrupt` from 0 to 1,
        `rate` in bits per second, `mtu` in octets. Raises ValueError for what is impossible.
        """
        self._lab.core.link(self.endpoint).impair(**faults)

    def clear(self) -> None:
        """Make it perfect."""
        self._lab.core.link(self.endpoint).clear()
