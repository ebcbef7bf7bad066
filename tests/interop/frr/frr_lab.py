"""A lab whose router R1 is cabled to FRRouting over a TAP device."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from frr_peer import TAP, Frr

from iosemu.lab.lab import Lab
from iosemu.lab.ssh_service import serve

LAN = "192.168.2.1"
"""What is behind FRR."""
ROUTER = """hostname R1
username admin privilege 15 password admin
logging buffered 100000 debugging
interface FastEthernet0/1
 ip address 192.168.1.254 255.255.255.0
 no shutdown
"""
PATIENCE = 45


class Joined:
    """R1 with a PC behind it, FRR with an address behind it, a cable between them."""

    def __init__(self, lab: Lab, peer: Frr) -> None:
        self.lab = lab
        self.peer = peer

    async def say(self, line: str) -> str:
        """Type a line at R1 and wait for its end."""
        session = self.lab.session("R1")
        assert session is not None
        session.start()
        session.receive(b"terminal length 0\r")
        session.output()
        self.lab.clock.watch(session)
        session.receive(line.encode() + b"\r")
        async with asyncio.timeout(60):
            await self.lab.clock.run_until(lambda: not session.waiting)
        self.lab.clock.unwatch(session)
        text = session.output().decode()
        session.disconnect()
        return text

    async def type(self, *lines: str) -> None:
        """Configure R1."""
        session = self.lab.session("R1")
        assert session is not None
        session.start()
        for line in ("configure terminal", *lines, "end"):
            session.receive(line.encode() + b"\r")
        text = session.output().decode()
        assert "% Invalid" not in text, text
        session.disconnect()

    async def vtysh(self, *commands: str) -> str:
        """Ask FRR while the lab goes on."""
        return await asyncio.to_thread(self.peer.vtysh, *commands)

    async def configure_peer(self, text: str) -> None:
        """Configure FRR while the lab goes on."""
        await asyncio.to_thread(self.peer.configure, text)

    async def _a_little(self) -> None:
        """FRR is outside: there is no event to wait for."""
        await asyncio.to_thread(self.peer.inside, "sleep", "0.2")

    async def until_here(self, line: str, reached: Callable[[str], bool]) -> str:
        """Wait until a show of R1 says something."""
        async with asyncio.timeout(PATIENCE):
            while not reached(text := await self.say(line)):
                await self._a_little()
        return text

    async def until_there(self, command: str, reached: Callable[[str], bool]) -> str:
        """Wait until a show of FRR says something."""
        async with asyncio.timeout(PATIENCE):
            while not reached(text := await self.vtysh(command)):
                await self._a_little()
        return text

    async def pings(self) -> None:
        """Pings cross both ways without loss, once the first ones had ARP ask for the addresses on the way."""
        await self.say(f"ping {LAN} source FastEthernet0/1 timeout 2")
        await self.say("ping 192.168.1.1")
        assert "(5/5)" in await self.say(f"ping {LAN} source FastEthernet0/1 timeout 2")
        command = ("ping", "-c", "3", "-i", "0.2", "-W", "3", "-I", LAN, "192.168.1.1")
        said = await asyncio.to_thread(self.peer.inside, *command, check=False)
        assert " 0% packet loss" in said, said

    async def cut(self) -> None:
        """Pull FRR's end of the cable out."""
        await asyncio.to_thread(self.peer.inside, "ip", "link", "set", TAP, "down")

    async def mend(self) -> None:
        """Put it in again."""
        await asyncio.to_thread(self.peer.inside, "ip", "link", "set", TAP, "up")


@contextlib.asynccontextmanager
async def joined(directory: Path, router: str, peer: str, *daemons: str) -> AsyncIterator[Joined]:
    """R1 configured with `router`, FRR with `peer`; `{tap}` in it is its interface to R1."""
    (directory / "R1.cfg").write_text(f"{ROUTER}{router}\nend\n")
    (directory / "PC1.cfg").write_text("ipconfig 192.168.1.1 255.255.255.0 192.168.1.254\n")
    (directory / "lab.yaml").write_text(f"""name: frr
nodes:
  R1: {{model: c2811, image: "15.1", config: R1.cfg}}
  PC1: {{model: pc, config: PC1.cfg}}
links:
  - endpoints: ["R1:Fa0/0", "tap:{TAP}"]
  - endpoints: ["PC1:Fa0", "R1:Fa0/1"]
""")
    lab = Lab.load(directory / "lab.yaml", time="real")
    lab.boot()
    assert lab.errors == {"R1": [], "PC1": []}
    with tempfile.TemporaryDirectory(prefix="iosemu-") as short:  # a socket's path must be short
        gateway = Frr(Path(short))
        try:
            async with serve(lab, base_port=0):
                await asyncio.to_thread(gateway.start, f"{LAN}/24", *daemons)
                await asyncio.to_thread(gateway.plug, TAP, "10.9.0.2/24")
                await asyncio.to_thread(gateway.configure, peer.format(tap=TAP))
                yield Joined(lab, gateway)
        finally:
            gateway.stop()
