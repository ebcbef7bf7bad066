"""SSH logins where a RADIUS server asks for more than the password: keyboard-interactive in rounds (RFC 4256)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import asyncssh
import pytest

from iosemu.lab.lab import Lab
from iosemu.lab.resources import grammar
from iosemu.lab.ssh_service import serve
from iosemu.shell.loader import load

LAB = Path(__file__).parents[2] / "transcripts" / "aaa" / "lab.yaml"
CONFIG = """aaa new-model
radius-server host 10.0.0.101 auth-port 1812 acct-port 1813
radius-server key 0 r4dius
aaa authentication login default group radius
aaa authorization exec default group radius
"""


@pytest.fixture
async def port() -> AsyncIterator[int]:
    lab = Lab.load(LAB, seed=1)
    lab.boot()
    load(lab["R1"], grammar(), CONFIG)
    async with serve(lab, base_port=0) as serving:
        yield serving.ports["R1"]


class Person(asyncssh.SSHClient):
    """Answers what is asked, and keeps the questions."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, bool]] = []

    def kbdint_auth_requested(self) -> str:
        return ""

    def kbdint_challenge_received(  # type: ignore[override]
        self, name: str, instructions: str, lang: str, prompts: list[tuple[str, bool]]
    ) -> list[str] | None:
        self.asked += prompts
        if len(self.answers) < len(prompts):
            return None
        return [self.answers.pop(0) for _ in prompts]


async def come(port: int, person: Person, username: str = "erin") -> asyncssh.SSHClientConnection:
    connection, _owner = await asyncssh.create_connection(
        lambda: person, "127.0.0.1", port, username=username, known_hosts=None, client_keys=None, agent_path=None,
        config=None, preferred_auth="keyboard-interactive",
    )  # fmt: skip
    return connection


async def test_the_token_is_asked_for_after_the_password(port: int) -> None:
    person = Person("secret", "123456")
    async with await come(port, person) as connection:
        shown = await connection.run("show privilege")
    assert "Current privilege level is 15" in str(shown.stdout)
    assert person.asked == [("Password: ", False), ("Token code: ", False)]


async def test_who_has_no_token_has_one_question_only(port: int) -> None:
    person = Person("wonder")
    async with await come(port, person, "alice"):
        assert person.asked == [("Password: ", False)]


async def test_wrong_answers_are_counted(port: int) -> None:
    person = Person(*("secret", "654321") * 9)
    with pytest.raises((asyncssh.PermissionDenied, asyncssh.ConnectionLost, asyncssh.DisconnectError)):
        await come(port, person)
    assert [prompt for prompt, _echo in person.asked] == ["Password: ", "Token code: "] * 3


async def test_dialogues_that_are_broken_off_are_counted(port: int) -> None:
    connection = None
    for _ in range(2):
        person = Person("secret")
        with pytest.raises((asyncssh.PermissionDenied, asyncssh.ConnectionLost, asyncssh.DisconnectError)):
            connection = await come(port, person)
    assert connection is None
    async with await come(port, Person("secret", "123456")) as again:
        assert "level is 15" in str((await again.run("show privilege")).stdout)


async def test_a_password_alone_is_refused(port: int) -> None:
    with pytest.raises((asyncssh.PermissionDenied, asyncssh.DisconnectError)):
        await asyncssh.connect(
            "127.0.0.1", port, username="erin", password="secret", known_hosts=None, client_keys=None, agent_path=None,
            config=None, preferred_auth="password",
        )  # fmt: skip
