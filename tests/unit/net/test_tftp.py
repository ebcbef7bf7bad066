"""TFTP over a line that loses datagrams, by scapy's eyes, and with what a stranger may send."""

import contextlib
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.layers.tftp import TFTP, TFTP_ACK, TFTP_DATA, TFTP_ERROR, TFTP_RRQ

from iosemu.lab.folder import Folder
from iosemu.net.tftp import TRIES, TftpClient, TftpServer
from iosemu.packets import tftp
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.tftp import TftpAck, TftpData, TftpError, TftpErrorCode, TftpOpcode, TftpRequest


class Line:
    """A client and a server; datagrams get lost."""

    def __init__(self, client, store, loss=0.0, seed=1, limit=1 << 25):
        self.client = client
        self.store = store
        self.server = None
        self.limit = limit
        self.rng = random.Random(seed)
        self.loss = loss
        self.now = 0.0

    def lost(self):
        return self.rng.random() < self.loss

    def to_server(self, data):
        going, to_server = data, True
        while going and not self.lost():
            if not to_server:
                going = self.client.receive(going, self.now)
            elif isinstance(packet := tftp.parse(going), TftpRequest):
                if self.server is not None:
                    return
                self.server = TftpServer(packet, self.store, self.limit, None)
                going = self.server.start(self.now)
            elif self.server is not None:
                going = self.server.receive(going, self.now)
            else:
                return
            to_server = not to_server

    def to_client(self, data):
        if data and not self.lost():
            self.to_server(self.client.receive(data, self.now))

    def run(self):
        self.to_server(self.client.start(self.now))
        while not self.client.done:
            times = [
                each.due for each in (self.client, self.server) if each is not None and each.due is not None
            ]
            self.now = min(times)
            self.to_server(self.client.tick(self.now))
            if self.server is not None:
                self.to_client(self.server.tick(self.now))
        return self.client


def folder(**files):
    made = Folder(None, writable=False)
    for name, data in files.items():
        made.write(name, data)
    return made


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 1024, 100_000])
@pytest.mark.parametrize("block", [512, 1024, 8192])
def test_a_file_is_read_and_written(size, block):
    data = random.Random(size).randbytes(size)
    got = Line(TftpClient("f", None, 1 << 25, block), folder(f=data)).run()
    assert (got.error, got.silent, bytes(got.data)) == (None, False, data)
    store = folder()
    put = Line(TftpClient("g", data, 0, block), store).run()
    assert (put.error, put.silent) == (None, False)
    assert store.read("g") == data


def test_more_blocks_than_numbers():
    data = bytes(range(256)) * 2 * 65_600
    got = Line(TftpClient("f", None, 1 << 26), folder(f=data), limit=1 << 26).run()
    assert got.blocks == 65_601
    assert bytes(got.data) == data


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 3000), st.booleans())
def test_loss_costs_time_and_nothing_else(seed, size, writes):
    data = random.Random(seed).randbytes(size)
    store = folder(f=data)
    line = Line(TftpClient("f", data if writes else None, 1 << 20), store, loss=0.15, seed=seed)
    end = line.run()
    if not end.silent and end.error is None and not writes:
        assert bytes(end.data) == data
    if line.now == 0.0:
        assert not end.retransmissions


def test_silence():
    end = Line(TftpClient("f", None, 100), folder(), loss=1.0).run()
    assert end.silent
    assert end.retransmissions == TRIES - 1


@pytest.mark.parametrize(
    ("name", "outgoing", "code"),
    [
        ("absent", None, TftpErrorCode.NOT_FOUND),
        ("../up", b"x", TftpErrorCode.ACCESS),
        ("../up", None, TftpErrorCode.NOT_FOUND),
    ],
)
def test_refusals(name, outgoing, code):
    end = Line(TftpClient(name, outgoing, 100), folder()).run()
    assert end.error is not None
    assert end.error.code == code


def test_what_does_not_fit_is_not_taken():
    end = Line(TftpClient("f", None, 1000), folder(f=bytes(2000))).run()
    assert end.error is not None
    assert end.error.code == TftpErrorCode.FULL


def test_scapy_reads_it():
    assert TFTP(TftpRequest(TftpOpcode.READ, "f").to_bytes())[TFTP_RRQ].filename == b"f"
    assert TFTP(TftpData(7, b"x").to_bytes())[TFTP_DATA].block == 7
    assert TFTP(TftpAck(7).to_bytes())[TFTP_ACK].block == 7
    assert TFTP(TftpError(1, "no").to_bytes())[TFTP_ERROR].errormsg == b"no"


@given(st.binary(max_size=40))
def test_rubbish(data):
    with contextlib.suppress(MalformedPacket):
        tftp.parse(data)
    client = TftpClient("f", None, 100)
    client.start(0.0)
    client.receive(data, 0.0)


def test_a_folder_gives_nothing_from_elsewhere(tmp_path):
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    (inside / "sub").mkdir()
    (inside / "f").write_bytes(b"here")
    (inside / "sub" / "g").write_bytes(b"there")
    outside.write_bytes(b"secret")
    (inside / "link").symlink_to(outside)
    for writable in (False, True):
        files = Folder(inside, writable=writable)
        assert files.read("f") == b"here"
        assert files.read("/sub/g") == b"there"
        for name in ("../out", "sub/../../out", "link", "..", "", "/", "a\0b", str(outside)):
            assert files.read(name) is None, name
        for name in ("../new", "..", "", "a\0b", "sub/../../new"):
            assert not files.writable(name), name
        assert not files.write("new", b"1")
        assert files.read("new") == b"1"
        assert (inside / "new").exists() is writable
    assert Folder(inside, writable=True).write("link", b"2")
    assert outside.read_bytes() == b"secret"
