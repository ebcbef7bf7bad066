"""A lab for synchronous tests: everything by plain calls, the lab itself runs in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from iosemu.testing.background import Background
from iosemu.testing.bench import LabBench
from iosemu.testing.transcript import UseLab, duration

Seconds = float | str
"""Lab seconds, or a duration such as `1h30m`."""


class SyncLab:
    """A running lab on free ports; `close` it, or use it in a `with`.

    Raises ValueError when there is no such lab or its file is wrong.
    """

    def __init__(
        self,
        name_or_path: str,
        *,
        time: str = "fast",
        direct: bool = True,
        background: Background | None = None,
    ) -> None:
        self.name = name_or_path
        self._own = background is None
        self._background = background or Background()
        self._bench = LabBench(direct=True, serve=True)
        try:
            self._background.run(self._bench.use(UseLab(name_or_path, time)))
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> SyncLab:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __getitem__(self, device: str) -> SyncDevice:
        """A device by name; raises KeyError naming those there are."""
        if device not in self._bench.devices:
            raise KeyError(f"the lab has no device {device!r}; it has: {', '.join(self._bench.devices)}")
        return SyncDevice(self, device)

    @property
    def devices(self) -> list[str]:
        """Names of the devices."""
        return list(self._bench.devices)

    def advance(self, time: Seconds) -> None:
        """Let lab time pass, as quickly as it can be computed."""
        self._background.run(self._bench.advance(_seconds(time)))

    def run_until(self, reached: Callable[[], bool], timeout: Seconds = 60.0) -> bool:
        """Let lab time pass until `reached()` or for `timeout`; tells whether it was reached.

        `reached` is called in the lab's thread: it may look at devices, not call this lab.
        """
        return self._background.run(self._bench.run_until(reached, _seconds(timeout)))

    def link(self, endpoint: str) -> SyncLink:
        """The cable in a port such as `R-A:Fa0/0`."""
        return SyncLink(self, endpoint)

    def ssh_params(self, device: str, username: str = "admin", password: str = "admin") -> dict[str, Any]:  # noqa: S107 - the labs' user
        """Keyword arguments for Netmiko's `ConnectHandler`."""
        host, port = self._bench.address(self[device].name)
        return {
            "device_type": "cisco_ios",
            "host": host,
            "port": port,
            "username": username,
            "password": password,
            "secret": "cisco",
        }

    def close(self) -> None:
        """Take the lab down; closing twice does no harm."""
        self._background.run(self._bench.close())
        if self._own:
            self._background.close()


class SyncDevice:
    """One device of a `SyncLab`."""

    def __init__(self, lab: SyncLab, name: str) -> None:
        self.lab = lab
        self.name = name

    def cli(self, command: str) -> str:
        """Type a line into a session that stays open, as `admin`; returns what it printed.

        Raises ValueError when the device does not come back to a prompt.
        """
        return self.lab._background.run(self.lab._bench.run(self.name, command))

    def configure(self, lines: Iterable[str] | str) -> str:
        """Type configuration lines from `configure terminal` to `end`; returns what they printed."""
        rows = lines.splitlines() if isinstance(lines, str) else list(lines)
        self.cli("configure terminal")
        printed = [self.cli(line) for line in rows]
        self.cli("end")
        return "\n".join(text for text in printed if text)


class SyncLink:
    """One cable of a `SyncLab`."""

    def __init__(self, lab: SyncLab, endpoint: str) -> None:
        self.lab = lab
        self.endpoint = endpoint

    def down(self) -> None:
        """Cut it; raises ValueError when no cable is there."""
        self.lab._background.run(self.lab._bench.set_link(self.endpoint, False))

    def up(self) -> None:
        """Mend it."""
        self.lab._background.run(self.lab._bench.set_link(self.endpoint, True))


def _seconds(time: Seconds) -> float:
    return duration(time) if isinstance(time, str) else float(time)
