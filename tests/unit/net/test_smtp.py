"""SMTP, both ends."""

from __future__ import annotations

import smtplib
import socket
import threading
from email import message_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.net.smtp import LINE, Message, SmtpClient, SmtpServer


def talk(client: SmtpClient, server: SmtpServer, chunk: int = 1 << 16) -> None:
    """Let them speak until one hangs up."""
    out = server.greeting()
    for _ in range(10_000):
        answer = b"".join(client.receive(out[at : at + chunk]) for at in range(0, len(out), chunk))
        if server.over or (not answer and client.done):
            return
        out = b"".join(server.receive(answer[at : at + chunk]) for at in range(0, len(answer), chunk))


@given(
    st.lists(st.text("ab.é \t", max_size=20), max_size=8),
    st.lists(st.sampled_from(["a@example.com", "b@example.com"]), min_size=1, max_size=3),
    st.sampled_from([1, 3, 1 << 16]),
)
def test_what_is_sent_arrives(lines: list[str], recipients: list[str], chunk: int) -> None:
    got: list[Message] = []
    data = b"".join(line.encode() + b"\r\n" for line in lines) or b"\r\n"
    message = Message("r1@example.com", tuple(recipients), data)
    client = SmtpClient("r1", message)
    talk(client, SmtpServer("srv", got.append), chunk)
    assert client.delivered
    assert not client.error
    assert got == [message]


def test_a_refused_recipient_ends_it() -> None:
    client = SmtpClient("r1", Message("a@b", ("c@d",), b"x\r\n"))
    assert client.receive(b"220 hello\r\n") == b"HELO r1\r\n"
    assert client.receive(b"250-srv\r\n250 HELP\r\n") == b"MAIL FROM:<a@b>\r\n"
    assert client.receive(b"250 OK\r\n") == b"RCPT TO:<c@d>\r\n"
    assert client.receive(b"550 No such user\r\n") == b"QUIT\r\n"
    assert client.done
    assert not client.delivered
    assert client.error == "550 No such user"


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("DATA", b"503"),
        ("RCPT TO:<a@b>", b"503"),
        ("MAIL TO:<a@b>", b"501"),
        ("NOOP", b"250"),
        ("RSET", b"250"),
        ("VRFY x", b"500"),
        ("", b"500"),
    ],
)
def test_out_of_order(said: str, answer: bytes) -> None:
    server = SmtpServer("srv", lambda message: None)
    server.receive(b"HELO x\r\n")
    assert server.receive(said.encode() + b"\r\n")[:3] == answer


def test_an_endless_line_hangs_up() -> None:
    server = SmtpServer("srv", lambda message: None)
    assert server.receive(b"x" * (LINE + 1)).startswith(b"500")
    assert server.over


def test_a_real_client_is_understood() -> None:
    got: list[Message] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listening.accept()
        server = SmtpServer("srv", got.append)
        with connection:
            connection.sendall(server.greeting())
            while not server.over and (data := connection.recv(4096)):
                connection.sendall(server.receive(data))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with smtplib.SMTP("127.0.0.1", listening.getsockname()[1], timeout=30) as client:
        client.sendmail("a@example.com", ["b@example.com"], "Subject: it\n\n.dot\nend\n")
    thread.join(30)
    listening.close()
    assert got[0].recipients == ("b@example.com",)
    parsed = message_from_bytes(got[0].data)
    assert parsed["Subject"] == "it"
    assert parsed.get_payload() == ".dot\r\nend\r\n"
