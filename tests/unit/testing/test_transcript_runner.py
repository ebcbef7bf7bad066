import asyncio
from pathlib import Path

import pytest
from transcript_fakes import FakeBench

from iosemu.testing.errors import TranscriptError
from iosemu.testing.report import Report
from iosemu.testing.runner import Runner
from iosemu.testing.transcript import parse

DEVICES = {
    "R1": {
        "show clock": "*00:00:01.000 UTC Mon Mar 1 1993\n",
        "show x": "one\ntwo 22\n\nthree\n",
        "tab show run": "show running-config ",
        "show running-config | include monitor": "monitor session 1\n",
        "sh cl?": "clock\n\n",
        "prompt after configure terminal": "R1(config)#",
        "prompt after enable": "Password: ",
        "prompt after cisco": "R1#",
        "copy run start": "",
        "prompt after copy run start": "Destination filename [startup-config]? ",
        "message": "%LINK-3-UPDOWN: down\n",
    },
    "PC": {"prompt": "C:\\>", "ping": "Pinging\n"},
}


def run(text: str, bench: FakeBench | None = None, *, update: bool = False) -> Report:
    transcript = parse("@lab small\n" + text, Path("t.transcript"))
    return asyncio.run(Runner(transcript, bench or FakeBench(DEVICES), update=update).run())


@pytest.mark.parametrize(
    "text",
    [
        "@device R1\nR1#show clock\n*{{time}} UTC {{date}}\nR1#\n",
        "@device R1\nR1#show clock\n*{{time}} UTC {{date}}\n\n\n# the end\n",
        "@device R1\nR1#show x\none\ntwo {{int}}\n\nthree\nR1#show clock\n...\n",
        "@device R1\nR1#show x\none\n...\nR1#",
        "@device R1\nR1#show run<Tab>\nR1#show running-config | include monitor\nmonitor session 1\nR1#",
        "@device R1\nR1#sh cl?\nclock\n\nR1#sh clock\nR1#",
        "@device R1\nR1#configure terminal\nR1(config)#<Ctrl-Z>\nR1#show clock\n...\nR1#",
        "@device R1\nR1#enable\nPassword: cisco\nR1#show clock\n...\n",
        "@device R1\nR1#copy run start\nDestination filename [startup-config]?\n",
        "@device PC\nC:\\>ping\nPinging\n\n@device R1\nR1#show clock\n...\n@device PC\nC:\\>ping\nPinging\n",
        "@device R1\nR1#\nR1#\nR1#show clock\n...\n",
        "@device R1\n@advance 1h\n%LINK-3-UPDOWN: down\nR1#show clock\n...\n",
        "@device R1\n@advance 1h\nR1#show clock\n...\n",
        "@device R1\n\nR1#\n\nR1#show clock\n...\n",
        "@device R1\n@wait until show x contains two\n@wait until PC: ping matches ^Ping\n",
    ],
)
def test_a_good_transcript_passes(text: str) -> None:
    report = run(text)
    assert report.passed, str(report)


def test_a_difference_names_its_line_and_shows_both_sides() -> None:
    report = run("@device R1\nR1#show x\none\ntwo x\n\nthree\nR1#show clock\n...\n")
    assert [failure.line for failure in report.failures] == [5]
    text = str(report)
    assert "t.transcript:5: the device answered otherwise" in text
    assert "after: R1#show x" in text
    assert any("two x" in row and "|" in row and "two 22" in row for row in text.splitlines())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("@device R1\nR1#show x\none\nR1#", "answered otherwise"),
        ("@device R1\nR1#show x\none\ntwo 22\n\nthree\nextra\nR1#", "answered otherwise"),
        (
            "@device R1\nR1#configure terminal\nR1#show x\n",
            "'R1(config)#': write it behind that prompt, or above it what leads to the other one",
        ),
        (
            "@device R1\nR1#configure terminal\nR1#show x\n",
            "typed at another prompt than the device shows, 'R1(config)#'",
        ),
        ("@device R1\n@wait until show x lacks two within 5s\n", "never lacks 'two'"),
    ],
)
def test_a_failure_is_told(text: str, says: str) -> None:
    assert says in str(run(text))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("@device R9\n", "t.transcript:2: the lab has no device 'R9': it has R1, PC"),
        ("@lab big\n", "t.transcript:2: there is no lab 'big'"),
        ("@device R1\n@close\nR1#show x\n", "t.transcript:4: no session is open"),
        ("@device R1\nR1#<Tabb>\n", "t.transcript:3: <Tabb> is no key"),
        ("@wait until show x contains y\n", "no device is named"),
    ],
)
def test_what_cannot_be_carried_out(text: str, says: str) -> None:
    with pytest.raises(TranscriptError) as caught:
        run(text)
    assert says in str(caught.value)


def test_directives_reach_the_bench() -> None:
    bench = FakeBench(DEVICES)
    run("@terminal 132x24\n@device R1 as cisco/secret\n@link R1:Fa0/0 down\n@advance 2m\n", bench)
    assert bench.log == ["lab small fast", "open R1 cisco/secret 132x24", "link R1:Fa0/0 down", "advance 120"]


UPDATES = [
    (
        "@device R1\nR1#show x\none\ntwo {{int}}\nold\nR1#\n",
        "@device R1\nR1#show x\none\ntwo {{int}}\n\nthree\nR1#\n",
    ),
    (
        "@device R1\nR1#show x\nR1#show x\n",
        "@device R1\nR1#show x\none\ntwo 22\n\nthree\nR1#show x\none\ntwo 22\n\nthree\n",
    ),
    ("@device R1\nR1#show x\nONE\n...\nR1#\n", "@device R1\nR1#show x\none\n...\nR1#\n"),
    (
        "@device R1\nR1#show x\n@device PC\nC:\\>\n",
        "@device R1\nR1#show x\none\ntwo 22\n\nthree\n@device PC\nC:\\>\n",
    ),
]


@pytest.mark.parametrize(("before", "after"), UPDATES)
def test_update_rewrites_text_and_keeps_patterns(before: str, after: str) -> None:
    report = run(before, update=True)
    assert report.updated == "@lab small\n" + after
    assert run(after).passed


def test_update_leaves_a_good_transcript_alone() -> None:
    assert run("@device R1\nR1#show clock\n...\nR1#\n", update=True).updated is None


def test_the_echo_is_checked() -> None:
    class Mute(FakeBench):
        async def open(self, *arguments):  # type: ignore[no-untyped-def]
            channel = await super().open(*arguments)
            original = channel.send

            async def send(data: bytes) -> None:
                await original(data.replace(b"clock", b"clokc"))

            channel.send = send
            return channel

    assert "echoed 'R1#show clokc'" in str(run("@device R1\nR1#show clock\nR1#", Mute(DEVICES)))
