"""The lab for synchronous code: everything by plain calls, the lab itself runs in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, Self

from iosemu.lab.snapshot import Snapshot
from iosemu.testing.asynchronous import Lab, LabDevice, LabLink, LabSource, Seconds
from iosemu.testing.background import Background
from iosemu.testing.packets import PacketCapture
from iosemu.testing.pinging import PingResult
from iosemu.testing.views import DeviceView


class SyncLab:
    """`iosemu.testing.asynchronous.Lab` with plain calls; it runs from the start, `close` it or use a `with`.

    Raises LabError when there is no such lab or its file is wrong.
    """

    def __init__(self, lab: LabSource, *, background: Background | None = None, **options: Any) -> None:
        self._own = background is None
        self.background = background or Background()
        try:
            self.lab = Lab(lab, **options)
            self.background.run(self.lab.start())
        except BaseException:
            if self._own:
                self.background.close()
            raise

    @classmethod
    def load(cls, lab: LabSource, **options: Any) -> Self:
        """A lab by its name, its file or its plan; the options are those of `Lab`."""
        return cls(lab, **options)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Take the lab down; closing twice does no harm."""
        if self.background.closed:
            return
        self.background.run(self.lab.close())
        if self._own:
            self.background.close()

    @property
    def devices(self) -> list[str]:
        """Names of the devices."""
        return self.lab.devices

    @property
    def now(self) -> float:
        """Lab time in seconds."""
        return self.lab.now

    def __getitem__(self, name: str) -> SyncDevice:
        """A device by name; raises NoSuchDeviceError (a KeyError) naming those there are."""
        return SyncDevice(self, self.lab[name])

    def link(self, endpoint: str) -> SyncLink:
        """The cable in a port such as `R-A:Fa0/0`; raises LabError when there is none."""
        return SyncLink(self, self.lab.link(endpoint))

    def capture(self, target: str = "all") -> SyncCapture:
        """Record a port (`R-A:Fa0/0`), a device, `cables` or `all` from now on; use it in a `with`."""
        return self.background.call(lambda: SyncCapture(self, target))

    def advance(self, time: Seconds) -> None:
        """Let lab time pass, as quickly as it can be computed."""
        self.background.run(self.lab.advance(time))

    def run_until(self, reached: Callable[[], bool], timeout: Seconds = 60.0) -> None:
        """Let lab time pass until `reached()`; raises NotReachedError (a TimeoutError) after `timeout`.

        `reached` is called in the lab's thread: it may look at `state`, `now` and links. Raises RuntimeError
        when it types commands or lets time pass.
        """
        self.background.run(self.lab.run_until(reached, timeout))

    def snapshot(self) -> Snapshot:
        """The whole lab as it is now, for `restore`."""
        return self.background.call(self.lab.snapshot)

    def restore(self, snapshot: Snapshot | None = None) -> None:
        """Put the lab back to a snapshot, or to the moment after it booted; sessions are hung up."""
        self.background.run(self.lab.restore(snapshot))

    def ssh_params(self, device: str, library: str = "netmiko", **user: str) -> dict[str, Any]:
        """Keyword arguments for Netmiko's `ConnectHandler`; `library` may be scrapli or asyncssh instead.

        `user` may give `username` and `password`. Raises ValueError for another library.
        """
        return self.background.run(self.lab.ssh_params(device, library, **user))

    def snmp_address(self, device: str) -> tuple[str, int]:
        """Host and UDP port of a device's SNMP agent; raises ValueError where the lab file asks for none."""
        return self.background.run(self.lab.snmp_address(device))

    def take_faults(self) -> list[str]:
        """What went wrong in iosemu itself since the last call, as texts; none in a lab that was closed."""
        return [] if self.background.closed else self.background.call(self.lab.bench.take_faults)

    def save_evidence(self, folder: Path) -> list[Path]:
        """Write logs, packets and keys to a folder (of a lab with `record`); returns the files."""
        return self.background.run(self.lab.bench.save_evidence(folder))


class SyncDevice:
    """One device of a `SyncLab`."""

    def __init__(self, lab: SyncLab, device: LabDevice) -> None:
        self.lab = lab
        self.name = device.name
        self._device = device

    @property
    def state(self) -> DeviceView:
        """What the device holds now: interfaces, routes, ARP and MAC tables, SAs, counters, log."""
        return self.lab.background.call(lambda: self._device.state)

    def cli(self, command: str) -> str:
        """Type a line into a session at privilege 15 that stays open; returns what it printed.

        Raises ValueError when the device does not come back to a prompt.
        """
        return self.lab.background.run(self._device.cli(command))

    def configure(self, lines: Iterable[str] | str, *, check: bool = True) -> str:
        """Type configuration lines from `configure terminal` to `end`; returns what they printed.

        Raises ConfigurationRefusedError (a ValueError) at the first line that the device does not
        understand, unless `check` is off.
        """
        return self.lab.background.run(self._device.configure(lines, check=check))

    def ping(
        self, destination: str | IPv4Address, count: int | None = None, timeout: float | None = None
    ) -> PingResult:
        """Ping as the device's own `ping` does (routers 5 times with 2 s, PCs 4 times with 4 s).

        Raises ValueError for a bad address, or for a device that has no IP or no power.
        """
        return self.lab.background.run(self._device.ping(destination, count, timeout))

    def power_off(self) -> None:
        """Take its power; its sessions end."""
        self.lab.background.call(self._device.power_off)

    def power_on(self) -> None:
        """Boot it from its startup configuration, if it is off."""
        self.lab.background.call(self._device.power_on)


class SyncLink:
    """One cable of a `SyncLab`."""

    def __init__(self, lab: SyncLab, link: LabLink) -> None:
        self.lab = lab
        self.endpoint = link.endpoint
        self._link = link

    @property
    def up(self) -> bool:
        """Both ends see a carrier."""
        return self.lab.background.call(lambda: self._link.up)

    def down(self) -> None:
        """Cut it."""
        self.lab.background.call(self._link.down)

    def mend(self) -> None:
        """Mend it."""
        self.lab.background.call(self._link.mend)

    def mute(self) -> None:
        """Lose all that this end sends."""
        self.lab.background.call(self._link.mute)

    def impair(self, **faults: float | None) -> None:
        """Spoil it: `loss=0.01, delay=0.02` …, as `LabLink.impair`."""
        self.lab.background.call(lambda: self._link.impair(**faults))

    def clear(self) -> None:
        """Make it perfect."""
        self.lab.background.call(self._link.clear)


class SyncCapture(PacketCapture):
    """A capture that is read from another thread than the lab's."""

    def __init__(self, lab: SyncLab, target: str) -> None:
        super().__init__(lab.lab.core, target)
        self._background = lab.background

    def close(self) -> None:
        """Record no more; the packets stay. Closing twice does no harm."""
        self._background.call(super().close)

    @property
    def pcapng(self) -> bytes:
        """The capture so far as a pcapng file, with wall-clock times."""
        return self._background.call(self._read)
