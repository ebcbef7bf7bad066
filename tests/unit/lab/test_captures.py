from __future__ import annotations

import struct
from pathlib import Path

import pytest
from typer.testing import CliRunner

from iosemu.lab.capture import Capture
from iosemu.lab.capture_rotation import RotatingWriter, size
from iosemu.lab.commands.application import application
from iosemu.lab.decryptor import LabDecryptor
from iosemu.lab.drawing import Drawing
from iosemu.lab.errors import LabError
from iosemu.lab.lab import Lab
from iosemu.lab.wireshark_profile import write_keys, write_profile
from iosemu.packets.dissect import dissect
from iosemu.packets.pcapng import PcapngInterface, PcapngPacket, PcapngStatistics, read_pcapng

KEYS = {
    "ike": [{"cookie": "aa" * 8, "key": "bb" * 16, "psk": "", "skeyid": "cc" * 20}],
    "ikev2": [
        {"spi_i": "11" * 8, "spi_r": "22" * 8, "sk_ei": "33" * 32, "sk_er": "44" * 32,
         "enc": "AES-CBC-256 [RFC3602]", "sk_ai": "55" * 20, "sk_ar": "66" * 20, "auth": "HMAC_SHA1_96 [RFC2404]"},
    ],
    "esp": [
        {"src": "10.0.10.10", "dst": "10.0.10.20", "spi": "0x12345678", "enc": "AES-CBC [RFC3602]",
         "enckey": "dd" * 16, "auth": "NULL", "authkey": ""},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def lab() -> Lab:
    lab = Lab.load("ipsec-vpn", seed=7)
    lab.boot()
    return lab


def packets(data: bytes) -> list[PcapngPacket]:
    return [each for each in read_pcapng(data) if isinstance(each, PcapngPacket)]


def test_a_filter_chooses_what_is_written(lab: Lab) -> None:
    both, stp = Capture(lab, "cables"), Capture(lab, "cables", "stp")
    lab.advance(60)
    for capture in (both, stp):
        capture.close()
    assert 0 < len(packets(stp.read())) < len(packets(both.read()))
    with pytest.raises(LabError, match=r"^filter: 'nonsense' is no protocol"):
        Capture(lab, "all", "nonsense")


def test_interfaces_say_where_their_cable_leads(lab: Lab) -> None:
    capture = Capture(lab, "R-A")
    capture.close()
    interfaces = [each for each in read_pcapng(capture.read()) if isinstance(each, PcapngInterface)]
    assert [(each.name, each.description) for each in interfaces] == [
        ("R-A:FastEthernet0/0", "to Sniffer1:port0"),
        ("R-A:FastEthernet0/1", "to SW-1:Fa0/2"),
    ]


def test_what_a_slow_reader_misses_is_told_in_the_file(lab: Lab) -> None:
    capture = Capture(lab, "cables", limit=4000)
    lab.advance(60)
    begun = capture.read()
    missed = capture.dropped
    assert missed > 0
    lab.advance(2.5)
    capture.close()
    data = begun + capture.read()
    told = [packet.dropped for packet in packets(data)]
    assert missed <= sum(told) <= capture.dropped
    statistics = [each for each in read_pcapng(data) if isinstance(each, PcapngStatistics)]
    assert sum(each.dropped for each in statistics) == capture.dropped
    assert sum(each.received for each in statistics) == capture.dropped + len(told)
    times = [packet.time for packet in packets(data)]
    assert times == sorted(times)


def test_files_rotate_and_each_is_whole(lab: Lab, tmp_path: Path) -> None:
    capture = Capture(lab, "SW-1")
    lab.advance(120)
    capture.close()
    data = capture.read()
    writer = RotatingWriter(tmp_path / "lan.pcapng", 3000)
    for at in range(0, len(data), 777):
        writer.write(data[at : at + 777])
    writer.flush()
    writer.close()
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files[:2]] == ["lan-00001.pcapng", "lan-00002.pcapng"]
    assert list(writer.files) == files
    assert all(file.stat().st_size <= 3000 for file in files)
    together = [packet for file in files for packet in packets(file.read_bytes())]
    assert together == packets(data)
    interfaces = [each for each in read_pcapng(files[-1].read_bytes()) if isinstance(each, PcapngInterface)]
    assert len(interfaces) == 3


def test_a_ring_keeps_the_newest_files(lab: Lab, tmp_path: Path) -> None:
    capture = Capture(lab, "SW-1")
    lab.advance(120)
    capture.close()
    data = capture.read()
    writer = RotatingWriter(tmp_path / "lan.pcapng", 2000, ring=2)
    writer.write(data)
    writer.close()
    files = sorted(tmp_path.iterdir())
    assert len(files) == 2
    assert packets(files[-1].read_bytes())[-1] == packets(data)[-1]


@pytest.mark.parametrize(
    ("text", "octets"), [("1000", 1000), ("500k", 512_000), ("10M", 10 * 2**20), ("1GB", 2**30)]
)
def test_sizes(text: str, octets: int) -> None:
    assert size(text) == octets


@pytest.mark.parametrize("text", ["", "0", "big", "-1k", "1.5M"])
def test_sizes_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size"):
        size(text)


def test_keys_and_profile_are_what_wireshark_reads(tmp_path: Path) -> None:
    write_keys(tmp_path / "lab.keys", KEYS)
    assert '"cookie": "aaaaaaaaaaaaaaaa"' in (tmp_path / "lab.keys").read_text()
    write_profile(tmp_path / "lab.profile", KEYS)
    profile = {file.name: file.read_text() for file in (tmp_path / "lab.profile").iterdir()}
    assert set(profile) == {"preferences", "ikev1_decryption_table", "ikev2_decryption_table", "esp_sa"}
    assert f"{'aa' * 8},{'bb' * 16}\n" in profile["ikev1_decryption_table"]
    ike = profile["ikev2_decryption_table"].splitlines()[1]
    assert ike.startswith(f'{"11" * 8},{"22" * 8},{"33" * 32},{"44" * 32},"AES-CBC-256 [RFC3602]",')
    assert ike.endswith(f'{"55" * 20},{"66" * 20},"HMAC_SHA1_96 [RFC2404]"')
    row = profile["esp_sa"].splitlines()[1]
    assert (
        row == f'"IPv4","10.0.10.10","10.0.10.20","0x12345678","AES-CBC [RFC3602]","0x{"dd" * 16}","NULL",""'
    )


def test_graphs_name_nodes_ports_and_addresses(tmp_path: Path) -> None:
    runner = CliRunner()
    result = runner.invoke(application(), ["graph", "ipsec-vpn", "-w", str(tmp_path / "vpn.svg")])
    assert result.exit_code == 0, result.output
    svg = (tmp_path / "vpn.svg").read_text()
    for text in ("R-A", "10.0.10.10/24", "Fa0/0", "Sniffer1", "</svg>"):
        assert text in svg
    markdown = runner.invoke(application(), ["graph", "ipsec-vpn", "--mermaid"]).output
    assert markdown.startswith("graph LR\n")
    assert '"Fa0/0 - port0"' in markdown
    assert "┌" in runner.invoke(application(), ["graph", "office", "--text"]).output


def test_a_ring_of_cables_is_drawn_once_each(tmp_path: Path) -> None:
    nodes = "\n".join(f"  SW{number}: {{model: catalyst-2960-24tt}}" for number in (1, 2, 3))
    cables = "\n".join(
        f'  - endpoints: ["SW{a}:Fa0/{b}", "SW{b}:Fa0/{a}"]' for a, b in ((1, 2), (2, 3), (3, 1))
    )
    (tmp_path / "lab.yaml").write_text(f"name: ring\nnodes:\n{nodes}\nlinks:\n{cables}\n")
    drawing = Drawing(Lab.load(tmp_path, seed=1))
    text = "\n".join(drawing.text())
    assert text.count("(catalyst-2960-24tt") == 3
    assert sum(text.count(f"Fa0/{a} ╌╌ Fa0/{b}") for a in (1, 2, 3) for b in (1, 2, 3)) == 3
    assert "\n".join(drawing.svg()).count('<path class="cable"') == 3


def test_pieces_of_a_block_wait_for_the_rest(tmp_path: Path) -> None:
    writer = RotatingWriter(tmp_path / "x.pcapng", 100)
    writer.write(struct.pack("<II", 0x0A0D0D0A, 28))
    assert not writer.files
    writer.close()


def test_ike_and_ipsec_through_a_translating_router_come_once_and_can_be_opened() -> None:
    lab = Lab.load("tests/scenarios/nat-traversal/lab.yaml", seed=3)
    lab.boot()
    captures = {target: Capture(lab, target) for target in ("all", "cables")}
    session = lab.session("PC-A")
    assert session is not None
    session.start()
    lab.clock.watch(session)
    for _ in range(2):
        session.receive(b"ping 192.168.2.1\r")
        lab.run_until(lambda: not session.waiting, 600)
    lab.clock.unwatch(session)
    assert b"Received = 4" in session.output()

    def hidden(target: str) -> list[bytes]:
        captures[target].close()
        frames = [each.data for each in packets(captures[target].read())]
        return [frame for frame in frames if dissect(frame).summary.protocol in ("ISAKMP", "IPSec")]

    once, copied = hidden("all"), hidden("cables")
    assert len(once) > 14
    assert len(copied) == 2 * len(once)
    assert len({frame[42:] for frame in once}) == len(once)
    for frames in (once, copied):
        decryptor = LabDecryptor(lab.exported_keys)
        opened = [dissect(frame, decryptor).decrypted for frame in frames]
        esp = [
            text
            for frame, text in zip(frames, opened, strict=True)
            if dissect(frame).summary.protocol == "IPSec"
        ]
        assert esp
        assert all(esp)
