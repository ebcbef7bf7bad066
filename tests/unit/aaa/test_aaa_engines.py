"""The clients and servers of RADIUS and TACACS+, without a network."""

import random
from ipaddress import IPv4Address

import pytest
from scapy.contrib.tacacs import TacacsAuthorizationReply, TacacsAuthorizationRequest, TacacsHeader

from iosemu.net.aaa.outcome import Verdict
from iosemu.net.aaa.radius_client import Note, RadiusClient, RadiusTarget
from iosemu.net.aaa.radius_server import RadiusServer
from iosemu.net.aaa.records import AccountingRecords
from iosemu.net.aaa.tacacs_client import Question, TacacsExchange
from iosemu.net.aaa.tacacs_server import TacacsSession
from iosemu.net.aaa.users import Accounts, ServerUser
from iosemu.packets.radius import RadiusAttribute
from iosemu.packets.tacacs import AcctRequest, AuthenService, AuthenStart, AuthorRequest, Client

USERS = Accounts(
    {
        "alice": ServerUser("alice", "wonder", 15, attributes=("idletime=5",)),
        "bob": ServerUser("bob", "builder", 1, enable="own", commands=("deny show run*", "permit show *")),
        "dave": ServerUser("dave", "noshell", exec_=False),
    },
    "opensesame",
)
ONE, TWO = IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2")


def tacacs(question, key=b"key", their_key=b"key", pieces=1):
    records = AccountingRecords()
    server = TacacsSession("10.0.0.9", lambda: USERS, lambda: their_key, records, lambda: 1.5)
    exchange = TacacsExchange(question, key, 4711)
    going = exchange.start()
    while going and exchange.outcome is None:
        coming = b"".join(server.receive(going[at : at + pieces]) for at in range(0, len(going), pieces))
        going = exchange.receive(coming)
        if server.over and exchange.outcome is None and not coming:
            break
    return exchange.outcome, server, records


def login(user, password, **options):
    client = Client(user, "tty1", "10.0.0.8")
    outcome, _, _ = tacacs(Question(AuthenStart(client), password), **options)
    return None if outcome is None else outcome.verdict


def test_a_tacacs_login():
    assert login("alice", "wonder") is Verdict.PASS
    assert login("alice", "wonder", pieces=3) is Verdict.PASS
    assert login("alice", "wrong") is Verdict.FAIL
    assert login("nobody", "") is Verdict.FAIL
    assert login("alice", "wonder", key=b"", their_key=b"") is Verdict.PASS


def test_another_key_decides_nothing():
    assert login("alice", "wonder", their_key=b"other") in (None, Verdict.ERROR)
    assert login("alice", "wonder", key=b"") in (None, Verdict.ERROR)


@pytest.mark.parametrize(
    ("user", "password", "verdict"),
    [
        ("alice", "opensesame", Verdict.PASS),
        ("bob", "own", Verdict.PASS),
        ("bob", "opensesame", Verdict.FAIL),
        ("alice", "wonder", Verdict.FAIL),
    ],
)
def test_enable_has_passwords_of_its_own(user, password, verdict):
    start = AuthenStart(Client(user, service=AuthenService.ENABLE, privilege=15))
    outcome, _, _ = tacacs(Question(start, password))
    assert outcome.verdict is verdict


def authorize(user, *arguments):
    return tacacs(Question(AuthorRequest(Client(user), arguments)))[0]


def test_shells_and_commands_are_authorized():
    shell = authorize("alice", "service=shell", "cmd=")
    assert (shell.verdict, shell.privilege) == (Verdict.PASS, 15)
    assert "idletime=5" in shell.attributes
    assert authorize("dave", "service=shell", "cmd=").verdict is Verdict.FAIL
    assert authorize("nobody", "service=shell", "cmd=").verdict is Verdict.FAIL
    for words, verdict in (
        (("show", "version"), Verdict.PASS),
        (("show", "running-config"), Verdict.FAIL),
        (("configure", "terminal"), Verdict.FAIL),
    ):
        arguments = [f"cmd={words[0]}", *(f"cmd-arg={word}" for word in words[1:]), "cmd-arg=<cr>"]
        assert authorize("bob", "service=shell", *arguments).verdict is verdict


def test_accounting_is_written_down():
    request = AcctRequest(0x04, Client("alice", "tty1", "10.0.0.8"), ("task_id=1", "cmd=show version <cr>"))
    outcome, _, records = tacacs(Question(request))
    assert outcome.verdict is Verdict.PASS
    (record,) = records.entries
    assert (record.kind, record.user, record.client, record.time) == ("stop", "alice", "10.0.0.9", 1.5)
    assert "cmd=show version <cr>" in record.attributes


SCAPYS_KEY = b"test"


def test_scapy_reads_what_client_and_server_say():
    client = Client("alice", "tty1", "10.0.0.8", 15)
    asked = TacacsExchange(Question(AuthorRequest(client, ("service=shell", "cmd="))), SCAPYS_KEY, 4711)
    going = asked.start()
    seen = TacacsHeader(going)[TacacsAuthorizationRequest]
    assert (seen.user, seen.port, seen.rem_addr, seen.priv_lvl) == (b"alice", b"tty1", b"10.0.0.8", 15)
    server = TacacsSession("peer", lambda: USERS, lambda: SCAPYS_KEY, AccountingRecords(), lambda: 0.0)
    answer = TacacsHeader(server.receive(going))
    assert answer.seq == 2
    assert answer[TacacsAuthorizationReply].status == 1
    assert b"priv-lvl=15" in bytes(answer[TacacsAuthorizationReply])


class Radius:
    """A client and two servers; the second may be told to be silent."""

    def __init__(self):
        self.notes = []
        self.records = AccountingRecords()
        self.server = RadiusServer(lambda: USERS, lambda: b"secret", self.records, random.Random(1).randbytes)
        self.deaf = set()
        self.now = 0.0
        rng = random.Random(1)
        self.clients = {
            accounting: RadiusClient(rng.randbytes, self.sent, self.noted, accounting=accounting)
            for accounting in (False, True)
        }
        self.wire = []

    def sent(self, transaction, data):
        self.wire.append((transaction, data))

    def noted(self, noted):
        self.notes.append(noted.what)

    def run(self, transaction, until=100.0):
        while transaction.outcome is None and self.now < until:
            wire, self.wire = self.wire, []
            client = self.clients[transaction.accounting]
            for asked, data in wire:
                if asked.target.address not in self.deaf:
                    answer = self.server.receive(data, "10.0.0.9", self.now, asked.accounting)
                    if answer is not None:
                        port = (
                            asked.target.accounting_port
                            if asked.accounting
                            else asked.target.authentication_port
                        )
                        client.receive(answer, asked.target.address, port)
            if transaction.outcome is None:
                self.now = client.next_timer()
                client.tick(self.now)
        return transaction.outcome


def targets(secret=b"secret", **options):
    return [RadiusTarget(each, 1812, 1813, secret, 3.0, 1) for each in (ONE, TWO)]


def access(radius, user, password, **options):
    attributes = ((RadiusAttribute.USER_NAME, user.encode()),)
    client = radius.clients[False]
    return radius.run(client.request(targets(**options), attributes, radius.now, password.encode()))


def test_radius_lets_in_and_rejects():
    radius = Radius()
    outcome = access(radius, "alice", "wonder")
    assert (outcome.verdict, outcome.privilege) == (Verdict.PASS, 15)
    assert access(radius, "alice", "wrong").verdict is Verdict.FAIL
    assert access(radius, "alice", "x" * 200).verdict is Verdict.FAIL
    assert access(radius, "$enab15$", "opensesame").verdict is Verdict.PASS
    assert access(radius, "bob", "builder").privilege == 1


def test_the_next_server_is_asked_when_one_is_silent():
    radius = Radius()
    radius.deaf.add(ONE)
    assert access(radius, "alice", "wonder").verdict is Verdict.PASS
    assert radius.now == 6.0  # 3 s, asked again, 3 s
    assert radius.notes == [
        Note.SENT, Note.TIMED_OUT, Note.RETRANSMITTED, Note.TIMED_OUT, Note.FAILED_OVER, Note.ANSWERED
    ]  # fmt: skip


def test_silence_takes_timeouts_and_decides_nothing():
    radius = Radius()
    radius.deaf.update((ONE, TWO))
    assert access(radius, "alice", "wonder").verdict is Verdict.ERROR
    assert radius.now == 12.0
    assert radius.notes[-1] is Note.GAVE_UP
    assert not len(radius.clients[False])


def test_another_secret_is_silence():
    radius = Radius()
    assert access(radius, "alice", "wonder", secret=b"other").verdict is Verdict.ERROR
    assert Note.FORGED in radius.notes


def test_radius_accounts():
    radius = Radius()
    attributes = (
        (RadiusAttribute.USER_NAME, b"alice"),
        (RadiusAttribute.ACCT_STATUS_TYPE, (1).to_bytes(4, "big")),
        (RadiusAttribute.ACCT_SESSION_ID, b"0000000A"),
    )
    outcome = radius.run(radius.clients[True].request(targets(), attributes, 0.0))
    assert outcome.verdict is Verdict.PASS
    assert radius.records.entries[0].kind == "start"


def test_what_comes_again_is_answered_alike_and_written_down_once():
    radius = Radius()
    attributes = (
        (RadiusAttribute.USER_NAME, b"alice"),
        (RadiusAttribute.ACCT_STATUS_TYPE, (2).to_bytes(4, "big")),
    )
    transaction = radius.clients[True].request(targets(), attributes, 0.0)
    data = transaction.packet().to_bytes()
    first = radius.server.receive(data, "10.0.0.9", 0.0, True)
    assert first is not None
    assert radius.server.receive(data, "10.0.0.9", 3.0, True) == first
    assert len(radius.records.entries) == 1


def test_identifiers_are_never_shared():
    radius = Radius()
    client = radius.clients[False]
    asked = [client.request(targets(), ((RadiusAttribute.USER_NAME, b"a"),), 0.0, b"p") for _ in range(257)]
    assert len({each.identifier for each in asked[:256]}) == 256
    assert asked[256].outcome is not None
    assert asked[256].outcome.verdict is Verdict.ERROR
