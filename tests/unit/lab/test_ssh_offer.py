"""What an SSH server offers, and when it answers at all."""

from __future__ import annotations

import asyncssh
import pytest

from iosemu.lab.lab import Lab
from iosemu.lab.ssh_service import serve
from iosemu.server.hostkeys import temporary_keys
from iosemu.shell.executor import Executor

RELEASES = {
    "OLD": "  OLD: {model: c2811, image: '12.4'}",
    "NEW": "  NEW: {model: c2911, image: '15.1'}",
}
USER = "hostname X\nusername admin privilege 15 password 0 admin\nline vty 0 4\n login local\n"


@pytest.fixture
def lab(tmp_path) -> Lab:
    (tmp_path / "x.cfg").write_text(USER)
    rows = [text.replace("}", ", config: x.cfg}") for text in RELEASES.values()]
    (tmp_path / "lab.yaml").write_text("name: offers\nnodes:\n" + "\n".join(rows) + "\n")
    made = Lab.load(tmp_path / "lab.yaml", seed=1)
    made.boot(settle=0)
    return made


async def login(port: int, **algorithms: str) -> str:
    async with asyncssh.connect("127.0.0.1", port, username="admin", password="admin", known_hosts=None,
                                client_keys=None, config=None, **algorithms) as connection:  # fmt: skip
        return str((await connection.run("show privilege")).stdout)


OLD = {
    "kex_algs": "diffie-hellman-group1-sha1",
    "encryption_algs": "aes128-cbc",
    "mac_algs": "hmac-sha1",
    "server_host_key_algs": "ssh-rsa",
    "signature_algs": "ssh-rsa",
}
REFUSED = [
    ("OLD", {**OLD, "kex_algs": "diffie-hellman-group14-sha1"}),
    ("OLD", {**OLD, "encryption_algs": "aes128-ctr"}),
    ("NEW", {**OLD, "kex_algs": "curve25519-sha256"}),
    ("NEW", {**OLD, "server_host_key_algs": "ssh-ed25519"}),
    ("NEW", {**OLD, "server_host_key_algs": "rsa-sha2-256", "signature_algs": "rsa-sha2-256"}),
    ("NEW", {**OLD, "mac_algs": "hmac-sha2-256"}),
]


@pytest.mark.filterwarnings("ignore:Diffie-Hellman over finite fields")
async def test_strictly_what_the_release_has(lab: Lab) -> None:
    async with serve(lab, base_port=0, keys=temporary_keys(), strict=True) as serving:
        for name in RELEASES:
            assert "level is 15" in await login(serving.ports[name], **OLD)
        modern = {"kex_algs": "diffie-hellman-group14-sha1", "encryption_algs": "aes256-ctr"}
        assert "level is 15" in await login(serving.ports["NEW"], **{**OLD, **modern})
        for name, offered in REFUSED:
            with pytest.raises((asyncssh.KeyExchangeFailed, asyncssh.DisconnectError, OSError)):
                await login(serving.ports[name], **offered)


async def test_modern_clients_get_in_by_default_and_those_with_cbc_alone_too(lab: Lab) -> None:
    async with serve(lab, base_port=0, keys=temporary_keys()) as serving:
        for name in RELEASES:
            assert "level is 15" in await login(serving.ports[name])
            assert "level is 15" in await login(serving.ports[name], encryption_algs="aes256-cbc")


def say(lab: Lab, name: str, *lines: str) -> str:
    """Type lines, and yes to every question."""
    executor = Executor(lab[name], lab.grammar, privilege=15)
    shown = []
    for line in lines:
        steps, answer = executor.steps(line), None
        while True:
            try:
                item = steps.send(answer)
            except StopIteration:
                break
            text = item if isinstance(item, str) else getattr(item, "prompt", "")
            answer = "yes" if "[yes/no]" in text else "" if item is not text else None
            shown.append(text)
    return "\n".join(shown)


async def test_a_box_without_keys_answers_nobody(lab: Lab) -> None:
    async with serve(lab, base_port=0, keys=temporary_keys()) as serving:
        assert "level is 15" in await login(serving.ports["NEW"])
        assert "Key name: X\n" in say(lab, "NEW", "show crypto key mypubkey rsa")
        assert "SSH Enabled - version 1.99" in say(lab, "NEW", "show ip ssh")
        say(lab, "NEW", "configure terminal", "crypto key zeroize rsa")
        shown = say(lab, "NEW", "show ip ssh")
        assert shown.startswith(
            "SSH Disabled - version 1.99\n%Please create RSA keys to enable SSH (and of atleast 768 bits for SSH v2).\n"
        )
        with pytest.raises((asyncssh.DisconnectError, OSError)):
            await login(serving.ports["NEW"])
        say(
            lab,
            "NEW",
            "configure terminal",
            "ip domain-name example.test",
            "crypto key generate rsa modulus 512",
        )
        assert "level is 15" in await login(serving.ports["NEW"])
    assert [each.mnemonic for each in lab["NEW"].syslog.messages if each.facility == "SSH"] == [
        "DISABLED",
        "ENABLED",
    ]


def test_keys_that_were_taken_stay_away(lab: Lab) -> None:
    say(lab, "NEW", "configure terminal", "crypto key zeroize rsa", "end", "write memory")
    lab.stop("NEW")
    lab.start("NEW")
    assert "SSH Disabled" in say(lab, "NEW", "show ip ssh")


def test_a_new_key_takes_the_place_of_the_one_it_came_with(lab: Lab) -> None:
    shown = say(lab, "NEW", "configure terminal", "ip domain-name example.test", "crypto key generate rsa")
    assert "% You already have RSA keys defined named X.example.test." in shown
