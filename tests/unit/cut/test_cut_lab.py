"""A lab that two processes compute gives the same octets as a whole one."""

import asyncio
import json
import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncssh
import pytest

from iosemu.lab import labfile
from iosemu.lab.capture import Capture
from iosemu.lab.cut.front import CutLab
from iosemu.lab.cut.links import WorkerGone
from iosemu.lab.cut.peers import PeerGone, _Line
from iosemu.lab.cut.serving import serve
from iosemu.lab.errors import LabError
from iosemu.lab.image import LabImage
from iosemu.lab.lab import Lab
from iosemu.server.pace import Pace

FILE = """\
name: halves
nodes:
  R1: {model: c2811, on: worker-1, startup: "%s"}
  SW: {model: catalyst-2960-24tt, on: worker-2}
  R2: {model: c2811, on: worker-2, startup: "%s"}
  R3: {model: c2811, on: worker-1, startup: "%s"}
links:
  - {endpoints: ["R1:Fa0/0", "SW:Fa0/1"], delay: 1ms, jitter: 200us, loss: 2%%}
  - {endpoints: ["R2:Fa0/0", "SW:Fa0/2"]}
  - {endpoints: ["R1:Fa0/1", "R3:Fa0/0"]}
  - {endpoints: ["R3:Fa0/1", "R2:Fa0/1"], delay: 30us}
checks:
  - {title: a route, check: "R2::show ip route::2.2.2.9", points: 1}
  - {title: neighbours, check: "R3::show ip ospf neighbor::FULL.*[\\\\s\\\\S]*FULL", points: 2}
"""


def config(number: int, first: str, second: str) -> str:
    lines = (
        f"hostname R{number}",
        "interface Loopback0", f" ip address {number}.{number}.{number}.{number} 255.255.255.255",
        "interface FastEthernet0/0", f" ip address {first} 255.255.255.0", " no shutdown",
        "interface FastEthernet0/1", f" ip address {second} 255.255.255.0", " no shutdown",
        "router ospf 1", " network 0.0.0.0 255.255.255.255 area 0",
    )  # fmt: skip
    return "\\n".join(lines)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("halves") / "lab.yaml"
    found.write_text(
        FILE
        % (
            config(1, "10.0.12.1", "10.0.13.1"),
            config(2, "10.0.12.2", "10.0.23.2"),
            config(3, "10.0.13.3", "10.0.23.3"),
        )
    )
    return found


class Whole:
    """A whole lab driven as a cut one is."""

    def __init__(self, path: Path) -> None:
        self.lab = Lab.load(path, seed=7)
        self.now = lambda: self.lab.scheduler.now
        self.boot, self.advance = self.lab.boot, self.lab.advance
        self.snapshot, self.restore = self.lab.snapshot, self.lab.restore

    def capture(self, target: str = "all") -> Capture:
        return Capture(self.lab, target)

    def type(self, device: str, *lines: str) -> str:
        session = self.lab.session(device, hidden=True, pty=False, rows=0, columns=200)
        assert session is not None
        self.lab.clock.watch(session)
        session.start()
        for line in lines:
            session.receive(line.encode() + b"\r")
            self.lab.clock.advance_now(600, lambda: not session.waiting)
        text = session.output().decode()
        self.lab.clock.unwatch(session)
        session.disconnect()
        return text

    def cable(self, endpoint: str, action: str, how: str) -> None:
        self.lab.link(endpoint).plugged = how == "up"


def story(lab: Whole | CutLab) -> tuple[bytes, bytes, list[str], list[float]]:
    """Boot, commands on both sides, a cable that is cut and mended, a port that goes down, and a restart."""
    said, times = [], []
    lab.boot(settle=1)
    everything, one = lab.capture("all"), lab.capture("R3")
    lab.advance(60)
    said.append(lab.type("R1", "ping 2.2.2.2"))
    times.append(lab.now() if callable(lab.now) else lab.now)
    said.append(lab.type("R2", "traceroute 1.1.1.1", "show ip route", "show ip ospf neighbor"))
    lab.cable("R3:Fa0/1", "link", "down")
    lab.advance(20)
    lab.cable("R3:Fa0/1", "link", "up")
    lab.advance(1)
    said.append(
        lab.type("R3", "configure terminal", "interface fa0/1", "shutdown", "end", "ping 2.2.2.2 repeat 3")
    )
    lab.advance(3)
    said.append(lab.type("R2", "show interfaces fa0/1", "show logging", "show clock"))
    lab.advance(45)
    said.append(lab.type("R1", "show ip route", "show clock"))
    times.append(lab.now() if callable(lab.now) else lab.now)
    everything.close()
    one.close()
    return everything.read(), one.read(), said, times


def test_a_cut_lab_gives_the_octets_of_a_whole_one(path: Path) -> None:
    expected = story(Whole(path))
    assert len(expected[0]) > 20_000
    assert "!" in expected[2][0], expected[2][0]
    with CutLab.load(path, seed=7) as lab:
        assert lab.partition.of == {"R1": 0, "SW": 1, "R2": 1, "R3": 0}
        assert lab.partition.cut == (0, 3)
        found = story(lab)
        assert found[2:] == expected[2:]
        assert found[1] == expected[1]
        assert found[0] == expected[0]
        moment = lab.snapshot("before")
        first = lab.capture()
        lab.advance(20)
        first.close()
        lab.restore(moment)
        again = lab.capture()
        lab.advance(20)
        again.close()
        assert again.read() == first.read()
        with pytest.raises(LabError, match="cut at this cable"):
            lab.cable("R1:Fa0/0", "impair", {"delay": "500us"})
        with pytest.raises(LabError, match="no node 'R9'"):
            lab.type("R9", "show clock")
        os.kill(lab.workers[1].pid, signal.SIGKILL)
        with pytest.raises(
            WorkerGone, match="worker-2 of lab halves was ended by signal 9; the lab has ended"
        ):
            lab.advance(60)
        with pytest.raises(LabError, match="lab halves has ended"):
            lab.advance(1)


def test_three_workers_that_stop_all_the_time(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever wants to stop has all of them stop at one lab time, wherever they are."""
    text = path.read_text().replace("R3: {model: c2811, on: worker-1", "R3: {model: c2811, on: worker-3")
    three = path.with_name("three.yaml")
    three.write_text(text.replace('"R3:Fa0/0"]}', '"R3:Fa0/0"], delay: 20us}'))
    expected = story(Whole(three))
    monkeypatch.setattr("iosemu.lab.cut.front.SLICE", 0.001)
    with CutLab.load(three, seed=7, workers=3) as lab:
        found = story(lab)
        assert found[2:] == expected[2:]
        assert found[1] == expected[1]
        assert found[0] == expected[0]
        with pytest.raises(WorkerGone, match="no_such_thing"):
            lab.ask(0, "no_such_thing")  # a fault of the worker's own ends the lab, and says what it was


def test_a_line_between_workers_carries_more_than_it_holds() -> None:
    """Both send at once, and neither waits for the other to read first."""
    ends = socket.socketpair()
    lines = [_Line(end, lambda: True) for end in ends]
    sent = [[bytes([number]) * size for size in (0, 1, 5_000_000, 17)] for number in (1, 2)]

    def talk(mine: int) -> list[bytes]:
        for message in sent[mine]:
            lines[mine].send(message)
        return [lines[mine].receive() for _ in sent[mine]]

    with ThreadPoolExecutor() as pool:
        heard = list(pool.map(talk, (0, 1)))
    assert heard == [sent[1], sent[0]]
    lines[0].close()
    with pytest.raises(PeerGone):
        lines[1].receive()
    lines[1].close()


async def test_the_console(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOSEMU_STATE", str(tmp_path))
    with CutLab.load(path, seed=7) as lab:
        lab.boot(settle=40)
        async with (
            serve(lab, Pace.MANUAL, base_port=0) as ports,
            asyncssh.connect(
                "127.0.0.1", ports.console, username="admin", password="admin", known_hosts=None, client_keys=None,
                config=None,
            ) as client,
            client.create_process(term_type="xterm", term_size=(160, 24)) as watching,
        ):  # fmt: skip
            async with asyncio.timeout(60):
                watching.stdin.write("capture all text\r")
                await watching.stdout.readuntil("capture all text")
                while not lab.captures:
                    await asyncio.sleep(0)
                await client.run("advance 15s")
                seen = await watching.stdout.readuntil("OSPF    Hello")
                assert " R3:Fa0/0 " in seen or " R1:Fa0/1 " in seen
                watching.stdin.write("\x03")
                await watching.stdout.readuntil("lab> ")
                image = LabImage.read(json.loads(str((await client.run("export")).stdout)))
                assert list(image.configurations) == ["R1", "SW", "R2", "R3"]
                assert "hostname R2" in image.configurations["R2"]
                assert [each.faults["delay"] for each in image.wires] == pytest.approx(
                    [1e-3, 5e-6, 5e-6, 3e-5]
                )
                rebuilt = image.build(labfile.read(path))
                assert rebuilt.links[0].faults.loss == 0.02
                report = json.loads(str((await client.run("check json")).stdout))
                assert [each["points"] for each in report["checks"]] == [1, 2]
                for line in ("branch other", "trace R1 2.2.2.2", "topology"):
                    assert "is not offered in a lab that is cut" in str((await client.run(line)).stdout), line
