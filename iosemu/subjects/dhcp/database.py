"""`ip dhcp database`: bindings that outlive a restart, in a text file on a server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.box.timestamps import local_time
from iosemu.handling.effects import CommandError, Steps
from iosemu.handling.filesystem import text_lines
from iosemu.handling.unattended import Unattended, unwatched
from iosemu.net.dhcp.pools import Binding
from iosemu.net.scheduler import Timer
from iosemu.packets.dhcp import dotted
from iosemu.subjects.dhcp.config import DatabaseAgent, DhcpConfig
from iosemu.subjects.dhcp.service import DhcpServices

WHEN = "%b %d %Y %I:%M %p"
"""`Dec 01 1997 12:01 AM`."""
VERSION = "*version* 2"
AGAIN = 60.0
"""Lab seconds after which a server that could not be read or written is tried again."""


@dataclass
class Agent:
    """What is known of one server; lab times."""

    read: float | None = None
    written: float | None = None
    status: str = "Never read or written."
    failures: int = 0
    successes: int = 0
    kept: tuple[str, ...] | None = None
    """The rows that the file has; None: it was not read yet."""
    timer: Timer | None = None
    busy: bool = False


class DhcpDatabase(Service):
    """Reads the files at the start, and writes them when bindings have changed."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.agents: dict[str, Agent] = {}
        self._unattended = Unattended(device)

    def start(self) -> None:
        """Hear of bindings."""
        self.device.service(DhcpServices).settled.connect(self._moved)

    def stop(self) -> None:
        """Power goes."""
        self._unattended.cancel()
        for agent in self.agents.values():
            if agent.timer is not None:
                agent.timer.cancel()

    def changed(self) -> None:
        """A server was named, or is none any more."""
        wanted = self.device.config.of(DhcpConfig).databases
        for url in [url for url in self.agents if url not in wanted]:
            timer = self.agents.pop(url).timer
            if timer is not None:
                timer.cancel()
        for url in [url for url in wanted if url not in self.agents]:
            self.agents[url] = Agent()
            self._plan(url, 0.0)

    # --- when ------------------------------------------------------------------------------------------

    def _moved(self) -> None:
        """Bindings may be others than in the files."""
        for url, agent in self.agents.items():
            if agent.kept is None or agent.timer is not None or agent.busy:
                continue
            if self._rows() != agent.kept:
                self._plan(url, float(self._settings(url).delay))

    def _settings(self, url: str) -> DatabaseAgent:
        return self.device.config.of(DhcpConfig).databases.get(url) or DatabaseAgent()

    def _plan(self, url: str, seconds: float) -> None:
        agent = self.agents[url]
        agent.timer = self.device.scheduler.after(seconds, lambda: self._due(url, agent))

    def _due(self, url: str, agent: Agent) -> None:
        agent.timer = None
        if self.agents.get(url) is agent:
            agent.busy = True
            self._unattended.run(self._read(url, agent) if agent.kept is None else self._write(url, agent))

    def _ended(self, url: str, agent: Agent, failed: str, *, absent: bool = False) -> None:
        """A transfer is over; what failed is tried again, for as long as the timeout says."""
        agent.busy = False
        if failed:
            agent.failures += 1
            agent.status = f"Last {failed} failed."
            if self.agents.get(url) is not agent:
                return
            limit = self._settings(url).timeout
            if agent.kept is None and (absent or (limit and agent.failures * AGAIN >= limit)):
                agent.kept = ()  # there is nothing to read: from now on it is written
                self._moved()
            else:
                self._plan(url, AGAIN)
            return
        agent.successes += 1
        self._moved()

    # --- the file --------------------------------------------------------------------------------------

    def _rows(self) -> tuple[str, ...]:
        """The bindings, a row each."""
        return tuple(
            f"{each.address}    id     {dotted(each.identity)}    {self._expiry(each)}{f'    {vrf}' if vrf else ''}"
            for vrf, engine in self.device.service(DhcpServices).engines.items()
            for each in engine.all_bindings()
            if not each.manual
        )

    def _expiry(self, binding: Binding) -> str:
        return "Infinite" if binding.expires is None else f"{local_time(self.device, binding.expires):{WHEN}}"

    def _text(self) -> bytes:
        rows = [
            f"*time* {local_time(self.device, self.device.now):{WHEN}}",
            VERSION,
            "!IP address    Type   Hardware address    Lease expiration    VRF",
            *self._rows(),
            "*end*",
        ]
        return "".join(f"{row}\n" for row in rows).encode()

    def _write(self, url: str, agent: Agent) -> Steps:
        from iosemu.subjects.files.commands import transfers

        rows = self._rows()
        try:
            yield from transfers.put(unwatched(self.device), url, self._text())
        except CommandError:
            self.device.log("DHCPD", 3, "WRITE_ERROR", f"DHCP could not write bindings to {url}.")
            self._ended(url, agent, "write")
            return
        agent.kept, agent.written = rows, self.device.now
        agent.status = "Last write succeeded. Agent information is up-to-date."
        self._ended(url, agent, "")

    def _read(self, url: str, agent: Agent) -> Steps:
        from iosemu.subjects.files.commands import transfers

        try:
            data: bytes = yield from transfers.get(unwatched(self.device), url)
        except CommandError as error:
            self.device.log("DHCPD", 3, "READ_ERROR", f"DHCP could not read bindings from {url}.")
            self._ended(url, agent, "read", absent="No such file" in str(error))
            return
        agent.read = self.device.now
        agent.status = "Last read succeeded. Bindings have been loaded in RAM."
        agent.kept = self._load(data)
        self._ended(url, agent, "")

    def _load(self, data: bytes) -> tuple[str, ...]:
        """Have the bindings of a file again; gives back its rows."""
        rows = [row for row in text_lines(data) if row and row[0] not in "*!"]
        engines = self.device.service(DhcpServices).engines
        for row in rows:
            for vrf, binding in self._parsed(row):
                engine = engines.get(vrf)
                if engine is not None:
                    engine.restore(binding, self.device.now)
        self.device.service(DhcpServices).changed()
        return tuple(rows)

    def _parsed(self, row: str) -> Iterator[tuple[str, Binding]]:
        """The VRF and the binding of a row; nothing where it is none."""
        address, _, words = row.partition(" ")
        try:
            _kind, identity, *rest = words.split()
            known = bytes.fromhex(identity.replace(".", ""))
            place = IPv4Address(address)
            if rest[0] == "Infinite":
                yield rest[1] if len(rest) > 1 else "", Binding(place, known, "", None)
                return
            when = datetime.strptime(" ".join(rest[:5]), WHEN)
        except (ValueError, IndexError):
            return
        now = local_time(self.device, self.device.now).replace(tzinfo=None)
        expires = self.device.now + (when - now).total_seconds()
        yield rest[5] if len(rest) > 5 else "", Binding(place, known, "", expires)
