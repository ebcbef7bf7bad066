"""A farm of real processes: its workers die and come back, labs go on, and the command line manages all of it."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import asyncssh
import pytest
from farming import alive, class_file, farm, running, status, typing, until

from iosemu.farm.class_file import read
from iosemu.farm.supervisor import Supervisor
from iosemu.lab.errors import LabError

CLASS = "students: [ada, ben, cem]\nteachers: [tess]\nworkers: 2\n"


@pytest.mark.interop
@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_a_class_through_its_life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOSEMU_STATE", str(tmp_path / "state"))
    path = class_file(tmp_path, CLASS)
    assert "no farm is running" in (await farm("status")).err
    tokens = dict(
        line.split(",")[::2] for line in (await farm("account", "issue", str(path))).out.splitlines()
    )
    assert list(tokens) == ["name", "ada", "ben", "cem", "tess"]
    with running(path) as process:
        with pytest.raises(LabError, match="running already"):
            await Supervisor(read(path)).open()
        port = (await status("school"))["ports"]["ssh"]

        async def connect(login: str) -> asyncssh.SSHClientConnection:
            user = login.partition("+")[0].partition("/")[0]
            return await asyncssh.connect("127.0.0.1", port, username=login, password=tokens[user], known_hosts=None,
                                          client_keys=None, config=None)  # fmt: skip

        async with (
            await connect("ada+R1") as ada,
            await connect("ben+R1") as ben,
            await connect("cem+R1") as cem,
        ):
            first = {each["name"]: each for each in (await status("school"))["labs"]}
            assert first["ada"]["worker"] == first["cem"]["worker"] != first["ben"]["worker"]
            assert {each["state"] for each in first.values()} <= {"running", "starting", "waiting"}
            async with typing(ben, "R1#") as stays:
                async with typing(ada, "R1#") as goes, typing(cem, "R1#") as goes_too:
                    for line, prompt in (
                        ("configure terminal", "#"),
                        ("hostname Saved", "#"),
                        ("end", "Saved#"),
                    ):
                        await goes.type(line, prompt)
                    assert "[OK]" in await goes.type("write memory", "Saved#")
                    await goes.type("configure terminal", "#")
                    await goes.type("hostname Lost", "Lost(config)#")
                    workers = {each["number"]: each["pid"] for each in (await status("school"))["workers"]}
                    os.kill(workers[first["ada"]["worker"]], signal.SIGKILL)
                    assert "worker has gone" in await goes.until("moment.")
                    assert "worker has gone" in await goes_too.until("moment.")
                said = await ada.run("show running-config")
                assert "hostname Saved" in str(said.stdout)
                assert "% " not in await stays.type("show clock", "R1#")  # his worker lived on

                # a rolling update keeps what was not saved, and takes up who is new
                await stays.type("configure terminal", "#")
                await stays.type("hostname Unsaved", "Unsaved(config)#")
                path.write_text(path.read_text().replace("ben, cem", "ben, cem, dan"))
                done = await farm("update")
                assert done.out == "2 workers renewed, 4 labs.\n", done
            assert "hostname Unsaved" in str((await ben.run("show running-config")).stdout)
            assert "hostname R1" in str((await ben.run("show startup-config")).stdout)
            assert (await farm("stop", "ben")).out == "ben: stopped\n"
            assert "stopped" in str((await ben.run("show clock")).stdout)
            assert (await farm("restart", "ben", "nobody")).err == "nobody: there is no student 'nobody'\n"
            assert (await farm("restore", "ben")).out == "ben: running\n"
            assert "hostname R1" in str((await ben.run("show running-config")).stdout)
        found = await status("school")
        assert [each["name"] for each in found["labs"]] == ["ada", "ben", "cem", "dan"]
        assert [each["restarts"] for each in found["workers"]] == [1, 0]
        assert '"worker died"' in (await farm("logs")).out
        assert '"lab": "ben"' in (await farm("logs", "ben")).out
        assert "ada" not in (await farm("logs", "ben")).out
        # without its supervisor nothing stays behind
        process.kill()
        process.wait()
        await until(lambda: not any(alive(each["pid"]) for each in found["workers"]))
    assert "no farm is running" in (await farm("status")).err
