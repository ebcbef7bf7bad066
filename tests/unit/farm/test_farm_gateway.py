"""The front door: who comes in, to what; and labs that are put aside, restored and shared with a teacher."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncssh
import pytest
from farming import Bench, bench, typing, until

from iosemu.farm.hosted import State
from iosemu.farm.wire import Kind, ask, begin
from iosemu.lab.errors import LabError
from iosemu.server.pace import Pace


async def _refused(made: Bench, login: str, password: str) -> bool:
    try:
        async with made.ssh(login, password):
            return False
    except (asyncssh.PermissionDenied, asyncssh.ConnectionLost):
        return True


async def test_who_comes_in_and_to_what(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        assert "hostname R2" in await made.run("ada+r2", "show running-config")
        assert "R1, R2" in await made.run("ada+R9", "show clock")
        assert "Lab commands" in await made.run("ada", "help")
        assert "hostname R1" in await made.run("tess/ben+R1", "show running-config")
        for login, password in (("ada+R1", "wrong"), ("ada/ben+R1", "correct horse"), ("tess+R1", "correct horse"),
                                ("nobody", "correct horse"), ("", ""), ("tess/nobody", "correct horse")):  # fmt: skip
            assert await _refused(made, login, password), login
        async with made.ssh("ada") as hop:
            async with hop.connect_ssh("R1", username="admin", password="admin", known_hosts=None) as device:
                assert "hostname R1" in str((await device.run("show running-config")).stdout)
            await until(lambda: not made.worker.labs["ada"].visitors)
            with pytest.raises(asyncssh.PermissionDenied):
                await hop.connect_ssh("R1", username="admin", password="wrong", known_hosts=None)
            with pytest.raises(asyncssh.ChannelOpenError):
                await hop.open_connection("127.0.0.1", made.port)
            reader, _ = await hop.open_connection("no-such-device", 22)
            assert await reader.read() == b""
        key = asyncssh.generate_private_key("ssh-ed25519")
        with made.accounts.changing() as known:
            known["ada"].keys.append(key.export_public_key().decode().strip())
        async with asyncssh.connect("127.0.0.1", made.port, username="ada+R1", client_keys=[key], known_hosts=None,
                                    config=None) as connection:  # fmt: skip
            assert "R1" in str((await connection.run("show running-config | include hostname")).stdout)
        assert made.gateway.counters.refused == 6
        assert made.gateway.counters.terminals == 0


async def test_a_lab_that_nobody_uses_is_put_aside_and_goes_on(tmp_path: Path) -> None:
    async with bench(tmp_path, idle="1h") as made:
        ada = made.worker.labs["ada"]
        async with made.ssh("ada+R1") as connection, typing(connection, "R1#") as terminal:
            await terminal.type("configure terminal", "(config)#")
            await terminal.type("hostname Berlin", "Berlin(config)#")
            ada._idle_since -= 3600
            await ada.look()
            assert ada.state is State.RUNNING  # somebody is there
        await until(lambda: not ada.used)
        ada._idle_since -= 3600
        await ada.look()
        assert (ada.state, ada.lab) == (State.ASIDE, None)
        shown = await made.run("ada+R1", "show running-config")
        assert "hostname Berlin" in shown  # though it was never saved,
        assert "hostname R1" in await made.run("ada+R1", "show startup-config")  # which still shows
        assert "hostname R2" in await made.run("ada+R2", "show running-config")
        await ask(made.worker.address, {"do": "restore", "lab": "ada"})
        assert "hostname R1" in await made.run("ada+R1", "show running-config")


async def test_quotas(tmp_path: Path) -> None:
    async with bench(tmp_path, sessions=2, flash="2kB", wall="1h") as made:
        ada = made.worker.labs["ada"]
        async with made.ssh("ada+R1") as first, typing(first, "R1#") as terminal, made.ssh("ada+R2") as second, \
                typing(second, "R2#"):  # fmt: skip
            assert "2 sessions, which is all it may have" in await made.run("ada+R1", "show clock")
            assert "hostname R1" in await made.run("ben+R1", "show running-config")
            assert "[OK]" in await terminal.type("write memory", "R1#")
            await terminal.type("configure terminal", "(config)#")
            for number in range(40):
                await terminal.type(f"ip route 9.9.{number}.0 255.255.255.0 Null0", "(config)#")
            await terminal.type("end", "R1#")
            said = await terminal.type("write memory", "R1#")
            assert "[OK]" not in said
            assert "%" in said
        await ada.measure()
        assert 0 < ada.memory < ada.quotas.memory
        ada._started -= 3600
        await ada.look()
        assert ada.state is State.STOPPED
        assert "% the lab has run for as long as it may" in await made.run("ada+R1", "show clock")
        assert "hostname R1" in await made.run("ben+R1", "show running-config")
        await ask(made.worker.address, {"do": "restore", "lab": "ada"})
        assert "hostname R1" in await made.run("ada+R1", "show running-config")


async def test_what_others_have_is_not_counted(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        ada, ben = made.worker.labs["ada"], made.worker.labs["ben"]
        await ben.awake()
        await (await ada.awake()).clock.advance(1.0)
        await ada.measure()
        alone = ada.memory
        async with made.ssh("ada+R1") as connection, typing(connection, "R1#"), made.ssh("ada") as hop, \
                hop.connect_ssh("R1", username="admin", password="admin", known_hosts=None), \
                made.ssh("tess/ada+R1") as third, typing(third, "R1#"):  # fmt: skip
            await ask(made.worker.address, {"do": "page", "lab": "ada"})
            ada.memory = 0
            await ada.measure()
            assert (
                alone <= ada.memory < alone * 1.4
            )  # its sessions are its own; the event loop leads to all labs
            before = ada.memory
            await ada.measure()
            assert ada.memory == before  # it did nothing since that would be worth another look


async def test_a_flood_does_not_slow_others(tmp_path: Path) -> None:
    async with bench(tmp_path, Pace.FAST, cpu="10%") as made:
        ada, ben = made.worker.labs["ada"], made.worker.labs["ben"]
        async with made.ssh("ada+R1") as first, typing(first, "R1#") as flood, made.ssh("ben+R1") as second, \
                typing(second, "R1#") as terminal:  # fmt: skip
            flood.process.stdin.write("ping 10.0.0.2 repeat 2147483647\r")
            reading = asyncio.create_task(flood.until("Success rate"))
            await until(lambda: ada.governor.held > 3)
            held, used = ada.governor.held, ada.governor.used
            for number in range(8):
                assert f"Loopback{number}" not in await terminal.type("show ip interface brief", "R1#")
                for line, prompt in (("configure terminal", "(config)#"), (f"interface Loopback{number}", "-if)#"),
                                     ("end", "R1#")):  # fmt: skip
                    await terminal.type(line, prompt)
            assert not reading.done()  # it floods on,
            assert ada.governor.held >= held  # at its share,
            assert ben.governor.held == 0  # while nobody else is held back
            await until(lambda: ada.governor.used > used)
            flood.process.stdin.write("\x1e")
            await reading


async def test_a_teacher_looks_on_and_takes_over(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        address = made.worker.address
        async with made.ssh("ada+R1") as connection, typing(connection, "R1#") as terminal:
            await terminal.type("show clock", "R1#")
            number = next(iter(made.worker.labs["ada"].terminals))
            looking, _ = await begin(
                address, {"do": "watch", "lab": "ada", "terminal": number, "user": "tess"}
            )
            kind, seen = await looking.frame() or (None, b"")
            assert (kind, b"show clock" in seen) == (Kind.DATA, True)
            looking.put(Kind.DATA, b"reload\r")  # who only looks does not type
            taking, _ = await begin(
                address, {"do": "watch", "lab": "ada", "terminal": number, "typing": True, "user": "tess"}
            )
            await taking.frame()
            terminal.process.stdin.write("show version\r")  # not taken: a teacher types
            taking.put(Kind.DATA, b"show privilege\r")
            said = await terminal.until("privilege level is 15")
            assert "Cisco IOS Software" not in said
            assert "reload" not in said
            looking.close()
            taking.close()
            await until(lambda: not made.worker.labs["ada"].terminals[number].taken)
            await terminal.type("configure terminal", "(config)#")
            await terminal.type("hostname Berlin", "Berlin(config)#")
            ada = made.worker.labs["ada"]
            await ada.examine()
            assert (ada.points, ada.total) == (10, 15)
            told = await ask(address, {"do": "report", "lab": "ada"})
            assert [each["holds"] for each in told["report"]["checks"]] == [True, False]
        await until(lambda: not ada.terminals)
        with pytest.raises(LabError, match="no terminal"):
            await ask(address, {"do": "watch", "lab": "ada", "terminal": number})


async def test_a_lab_that_fails_is_nothing_to_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path) as made:
        await until(lambda: all(each.state is State.RUNNING for each in made.worker.labs.values()))
        ada, ben = made.worker.labs["ada"], made.worker.labs["ben"]

        def broken() -> None:
            raise RuntimeError("a fault of iosemu")

        monkeypatch.setattr(ada, "examine", lambda **_always: broken())
        await ask(made.worker.address, {"do": "look"})
        assert (len(ben.checks), ben.total) == (2, 15)
        (tmp_path / "pair.yaml").write_text("name: pair\nnodes: {R1: {model: c9}}\n")
        with pytest.raises(LabError, match="cannot be started"):
            await ask(made.worker.address, {"do": "restart", "lab": "ada"})
        assert "cannot be started" in await made.run("ada+R1", "show clock")
        assert "hostname R1" in await made.run("ben+R1", "show running-config")


async def test_requests_that_are_none_do_no_harm(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        address = made.worker.address
        for request in ({"do": "fly", "lab": "ada"}, {"do": "start"}, {"lab": "ada"}, {"do": "start", "lab": "x"},
                        {"do": "terminal", "lab": "ada"}, {"do": "watch", "lab": "ada", "terminal": "x"}):  # fmt: skip
            with pytest.raises(LabError):
                await ask(address, request)
        for octets in (
            b"",
            b"\n",
            b"[1]\n",
            b"{" * 100_000 + b"\n",
            b'{"do": "end"}\n',
            b'{"do": "end", "key": "\xff"}\n',
        ):
            reader, writer = await asyncio.open_unix_connection(address.path)
            writer.write(octets)
            writer.write_eof()
            assert await reader.read() == b""
            writer.close()
        assert len((await ask(address, {"do": "status"}))["labs"]) == 2
