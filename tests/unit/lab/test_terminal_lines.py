"""Telnet and console lines of a served lab, over real sockets on loopback."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncssh
import pytest

from iosemu.lab.errors import LabError
from iosemu.lab.lab import Lab
from iosemu.lab.ssh_service import Serving, serve

KEY = asyncssh.generate_private_key("ssh-ed25519")
CONFIG = """hostname R1
enable secret five
username admin privilege 15 password 0 admin
banner motd #
Good morning
#
banner login #Only for us#
banner exec #Well done#
interface FastEthernet0/0
 ip address 10.0.0.1 255.255.255.0
 no shutdown
line con 0
 password con
 login
line vty 0 1
 login local
 transport input telnet ssh
line vty 2 4
 login local
 transport input ssh
end
"""
WAIT = 20.0
"""Wall seconds after which a test gives up; nothing takes so long."""


class Client:
    """A dumb terminal: reads until something is there, types."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.text = ""

    async def until(self, wanted: str) -> str:
        """Everything up to a regular expression; raises AssertionError when the connection ends before."""
        async with asyncio.timeout(WAIT):
            while (found := re.search(wanted, self.text)) is None:
                data = await self.reader.read(4096)
                assert data, f"closed after {self.text!r}"
                self.text += re.sub(rb"\xff[\xfb-\xfe].|\xff\xfa.*?\xff\xf0", b"", data).decode()
        text, self.text = self.text[: found.end()], self.text[found.end() :]
        return text

    def type(self, text: str, end: str = "\r") -> None:
        self.writer.write((text + end).encode())

    async def closed(self) -> str:
        async with asyncio.timeout(WAIT):
            return self.text + re.sub(rb"\xff[\xfb-\xfe].", b"", await self.reader.read(-1)).decode()


Connect = Callable[[int], Awaitable[Client]]


@asynccontextmanager
async def served(lab: Lab) -> AsyncIterator[tuple[Serving, Connect]]:
    writers: list[asyncio.StreamWriter] = []

    async def connect(port: int) -> Client:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writers.append(writer)
        return Client(reader, writer)

    async with serve(lab, base_port=0, keys=[KEY]) as serving:
        try:
            yield serving, connect
        finally:
            for writer in writers:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()


def made(tmp_path: Path, config: str = CONFIG, extra: str = "", model: str = "c2811") -> Lab:
    (tmp_path / "r1.cfg").write_text(config)
    path = tmp_path / "lab.yaml"
    path.write_text(
        f"name: lines\nmanagement: {{telnet: 5001, console: 5101}}\n{extra}"
        f"nodes:\n  R1: {{model: {model}, config: r1.cfg}}\n  PC: {{model: pc}}\n"
    )
    lab = Lab.load(path, seed=3, time="fast")
    lab.boot(settle=0)
    return lab


async def test_a_login_by_telnet(tmp_path: Path) -> None:
    async with served(made(tmp_path)) as (serving, connect):
        assert set(serving.telnet) == set(serving.consoles) == {"R1"}  # a PC has no such lines
        client = await connect(serving.telnet["R1"])
        assert await client.until("Username: ") == (
            "\r\nGood morning\r\n\r\nOnly for us\r\n\r\n\r\nUser Access Verification\r\n\r\nUsername: "
        )
        client.type("admin")
        assert await client.until("Password: ") == "admin\r\nPassword: "
        client.type("wrong", "\r\n")
        assert await client.until("Username: ") == "\r\n% Login invalid\r\n\r\nUsername: "
        client.type("admin", "\r\0")
        await client.until("Password: ")
        client.type("admin", "\r\0")
        assert await client.until("R1#") == "\r\n\r\nWell done\r\nR1#"
        client.type("show users")
        shown = await client.until("R1#")
        assert re.search(r"\*\s*\d+ vty 0\s+admin\s+idle\s+00:00:00\s+127\.0\.0\.1", shown)
        client.type("show logging | include LOGIN")
        client.type("exit")
        assert "R1#" in await client.closed()


async def test_only_the_lines_that_take_telnet(tmp_path: Path) -> None:
    async with served(made(tmp_path)) as (serving, connect):
        both = [await connect(serving.telnet["R1"]) for _ in range(2)]
        for client in both:
            await client.until("Username: ")
        third = await connect(serving.telnet["R1"])
        with pytest.raises((ConnectionError, AssertionError)):
            await third.until("Username: ")
        both[0].writer.close()
        for _ in range(100):  # the line is free as soon as the server has seen the end
            again = await connect(serving.telnet["R1"])
            try:
                await again.until("Username: ")
                break
            except (ConnectionError, AssertionError):
                continue
        else:
            pytest.fail("the line stayed taken")


async def test_three_wrong_passwords(tmp_path: Path) -> None:
    config = CONFIG.replace(
        " login local\n transport input telnet", " login\n password x\n transport input telnet"
    )
    async with served(made(tmp_path, config)) as (serving, connect):
        client = await connect(serving.telnet["R1"])
        for _ in range(3):
            await client.until("Password: ")
            client.type("bad")
        assert (await client.closed()).endswith("% Bad passwords\r\n")
        client = await connect(serving.telnet["R1"])
        await client.until("Password: ")
        client.type("x")
        assert (await client.until("R1>")).endswith("R1>")


async def test_a_line_without_its_password(tmp_path: Path) -> None:
    config = CONFIG.replace(" login local\n transport input telnet", " login\n transport input telnet")
    async with served(made(tmp_path, config)) as (serving, connect):
        client = await connect(serving.telnet["R1"])
        assert (await client.closed()).endswith("\r\n\r\nPassword required, but none set\r\n")


async def test_the_answer_takes_too_long(tmp_path: Path) -> None:
    async with served(made(tmp_path)) as (serving, connect):
        client = await connect(serving.telnet["R1"])
        await client.until("Username: ")
        await serving.lab.clock.advance(29)
        client.type("admin")
        await client.until("Password: ")
        await serving.lab.clock.advance(31)
        assert (await client.closed()).endswith("\r\n% Password:  timeout expired!\r\n")


async def test_the_window_is_told(tmp_path: Path) -> None:
    async with served(made(tmp_path)) as (serving, connect):
        client = await connect(serving.telnet["R1"])
        client.writer.write(bytes.fromhex("fffb1f fffa1f 0050 0009 fff0"))
        for text in ("admin", "admin", "show running-config"):
            client.type(text)
        shown = await client.until("--More--")
        page = shown[shown.rindex("show running-config") :]
        assert page.count("\r\n") == 9  # the echoed line, and one less than the window has


async def test_the_console(tmp_path: Path) -> None:
    lab = made(tmp_path)
    async with served(lab) as (serving, connect):
        client = await connect(serving.consoles["R1"])
        started = await client.until("Press RETURN to get started!")
        assert started.startswith("\r\nSystem Bootstrap, Version 12.4(13r)T, RELEASE SOFTWARE (fc1)\r\n")
        assert "Cisco IOS Software, 2800 Software" in started
        assert "Cisco 2811 (revision 53.51) with 247808K/14336K bytes of memory." in started
        client.type("")
        assert (await client.until("Password: ")).endswith("User Access Verification\r\n\r\nPassword: ")
        client.type("con")
        await client.until("R1>")
        client.type("enable")
        await client.until("Password: ")
        client.type("five")
        await client.until("R1#")
        lab["R1"].log("LINK", 3, "UPDOWN", "Interface Serial0/0/0, changed state to up")
        assert "%LINK-3-UPDOWN: Interface Serial0/0/0" in await client.until("state to up")
        client.type("show users")
        assert re.search(r"\*\s*0 con 0 ", await client.until(r"R1#(?=$)"))
        # whoever unplugs the cable logs nobody out, and two may look at once
        client.writer.close()
        second, third = await connect(serving.consoles["R1"]), await connect(serving.consoles["R1"])
        second.type("show clock")
        assert "UTC" in await second.until("R1#(?=$)")
        assert "show clock" in await third.until("R1#(?=$)")
        second.type("exit")
        assert (await second.until("started")).endswith(
            "\r\nR1 con0 is now available\r\n\r\n\r\n\r\n\r\n\r\nPress RETURN to get started"
        )


async def test_a_reload_on_the_console_and_the_first_configuration(tmp_path: Path) -> None:
    config = CONFIG.replace(" password con\n login\n", "")
    lab = made(tmp_path, config)
    async with served(lab) as (serving, connect):
        client = await connect(serving.consoles["R1"])
        for typed, wanted in (("", "R1>"), ("enable", "Password: "), ("five", "R1#")):
            client.type(typed)
            await client.until(wanted)
        client.type("write erase")
        await client.until(r"\[confirm\]")
        client.type("")
        await client.until("R1#")
        client.type("reload")
        await client.until(r"\[confirm\]")
        client.type("")
        await client.until("Self decompressing the image")
        asked = await client.until(r"\[yes/no\]: ")
        assert asked.endswith(
            "         --- System Configuration Dialog ---\r\n\r\n"
            "Would you like to enter the initial configuration dialog? [yes/no]: "
        )
        client.type("perhaps")
        assert "% Please answer 'yes' or 'no'." in await client.until(r"\[yes/no\]: ")
        client.type("yes")
        answers = (
            ("Enter host name \\[Router\\]: ", "R9"), ("enable secret: ", "sec"), ("enable password: ", "sec"),
            ("enable password: ", "pw"), ("terminal password: ", "vt"), ("summary: ", "Ethernet9"),
            ("summary: ", "FastEthernet0/1"), ("\\[yes\\]: ", ""), ("this interface: ", "10.300.0.1"),
            ("this interface: ", "10.1.2.3"), ("\\[255.0.0.0\\] : ", "255.255.255.0"), ("selection \\[2\\]: ", ""),
        )  # fmt: skip
        transcript = ""
        for question, answer in answers:
            transcript += await client.until(question)
            client.type(answer)
        assert "Class A network is 10.0.0.0, 16 subnet bits; mask is /24" in transcript
        assert "interface FastEthernet0/1\r\n no shutdown\r\n ip address 10.1.2.3 255.255.255.0" in transcript
        assert "[OK]" in await client.until("Press RETURN to get started!")
        assert b"hostname R9" in lab["R1"].nvram["startup-config"]
        client.type("")
        await client.until("R9>")


@pytest.mark.parametrize("answers", [["no"], ["yes", "\x03"]])
async def test_the_dialogue_is_refused_or_broken_off(tmp_path: Path, answers: list[str]) -> None:
    async with served(made(tmp_path, "", model="catalyst-2960-24tt")) as (serving, connect):
        client = await connect(serving.consoles["R1"])
        await client.until(r"\[yes/no\]: ")
        for answer in answers:
            client.type(answer, "" if answer == "\x03" else "\r")
        await client.until("Press RETURN to get started!")
        client.type("")
        assert (await client.until("Switch>")).endswith("Switch>")


async def test_a_slow_way_to_the_devices(tmp_path: Path) -> None:
    lab = made(tmp_path, CONFIG, extra="").topology
    path = lab.path
    path.write_text(path.read_text().replace("console: 5101", "console: 5101, delay: 60ms"))
    slow = Lab.load(path, seed=3, time="fast")
    slow.boot(settle=0)
    async with served(slow) as (serving, connect):
        loop = asyncio.get_running_loop()
        client = await connect(serving.telnet["R1"])
        begun = loop.time()
        await client.until("Username: ")
        client.type("admin")
        await client.until("Password: ")
        assert loop.time() - begun >= 0.17  # one way for the question, two for the echo
        async with asyncssh.connect(
            "127.0.0.1", serving.ports["R1"], username="admin", password="admin",
            known_hosts=None, client_keys=None,
        ) as ssh:  # fmt: skip
            begun = loop.time()
            result = await ssh.run("show clock")
            assert "UTC" in str(result.stdout)
            assert loop.time() - begun >= 0.12


def test_what_a_lab_file_may_say(tmp_path: Path) -> None:
    path = tmp_path / "lab.yaml"
    path.write_text(
        "name: n\nmanagement: {telnet: 5001}\n"
        "nodes:\n  A: {model: c2811}\n  B: {model: c2811, telnet: 5002, console: 7000}\n"
        "  C: {model: pc}\n  D: {model: c2911}\n"
    )
    topology = Lab.load(path).topology
    assert topology.telnet_ports == {"A": 5001, "B": 5002, "D": 5003}
    assert topology.console_ports == {"B": 7000}
    path.write_text("name: n\nnodes:\n  A: {model: c2811, telnet: 5}\n  B: {model: c2811, telnet: 5}\n")
    with pytest.raises(LabError, match=r"nodes\.B.telnet: 5 is already another's"):
        Lab.load(path)
    path.write_text("name: n\nmanagement: {delay: soon}\nnodes:\n  A: {model: c2811}\n")
    with pytest.raises(LabError, match=r"management\.delay"):
        Lab.load(path)
