from pathlib import Path

import pytest

from iosemu.testing.errors import TranscriptError
from iosemu.testing.keys import typed
from iosemu.testing.transcript import (
    Advance,
    Close,
    SetLink,
    Terminal,
    UseDevice,
    UseLab,
    WaitUntil,
    duration,
    parse,
)


@pytest.mark.parametrize(
    ("raw", "directive"),
    [
        ("@lab ipsec-vpn", UseLab("ipsec-vpn")),
        ("@lab ./my/lab.yaml time=real", UseLab("./my/lab.yaml", "real")),
        ("@device R-A", UseDevice("R-A")),
        ("@device R-A as cisco/cisco", UseDevice("R-A", "cisco", "cisco")),
        ("@advance 1h30m", Advance(5400)),
        ("@link R-A:Fa0/0 down", SetLink("R-A:Fa0/0", "down")),
        ("@terminal 80x24", Terminal(80, 24)),
        ("@close", Close()),
        ("@close R-A", Close("R-A")),
        (
            "@wait until R-B: show crypto isakmp sa contains QM_IDLE within 2m",
            WaitUntil("show crypto isakmp sa", "contains", "QM_IDLE", "R-B", 120),
        ),
        (
            "@wait until show crypto isakmp sa lacks MM_NO_STATE",
            WaitUntil("show crypto isakmp sa", "lacks", "MM_NO_STATE"),
        ),
    ],
)
def test_directives(raw: str, directive: object) -> None:
    assert parse(raw, Path("t")).lines[0].directive == directive


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("@lba x", "@lba is no directive: use one of @lab, @device"),
        ("@lab", "name a lab"),
        ("@lab x time=slow", "time=real"),
        ("@device", "'@device R-A"),
        ("@device R-A as cisco", "as cisco/cisco"),
        ("@advance soon", "is no duration"),
        ("@link R-A down", "@link R-A:Fa0/0 down"),
        ("@terminal 80", "80x24"),
        ("@wait for it", "until show crypto isakmp sa contains"),
        ("@wait until show x matches (", "regular expression"),
        ("@close a b", "at most one"),
        ("\n\nR-A#show clock", "before any '@device NAME'"),
        ("@device R-A\nR-A#show clock\n{{tyme}}", "is no pattern"),
    ],
)
def test_errors_name_the_place_and_the_remedy(text: str, says: str) -> None:
    with pytest.raises(TranscriptError) as caught:
        parse(text, Path("some.transcript"))
    assert says in str(caught.value)
    assert str(caught.value).startswith(f"some.transcript:{len(text.splitlines())}: ")


def test_comments_are_not_prompts_or_counters() -> None:
    lines = parse("# title\n#\n@device R-A\n#pkts encaps: 4\n\\# text", Path("t")).lines
    assert [line.comment for line in lines] == [True, True, False, False, False]


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("500ms", 0.5), ("1h30m", 5400), ("1d", 86400), ("2w", 1209600)]
)
def test_durations(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "data", "ends"),
    [
        ("show clock", b"show clock\r", True),
        ("show run<Tab>", b"show run\t", False),
        ("show ?", b"show ?", False),
        ("descr why\\?", b"descr why\x16?\r", True),
        ("<Ctrl-Z>", b"\x1a", False),
        ("exit<ctrl-z>", b"exit\x1a", False),
        ("ping 10.0.0.1<Enter>", b"ping 10.0.0.1\r", False),
        ("<Ctrl-Shift-6>", b"\x1e", False),
        ("<Up>", b"\x1b[A", False),
        ("<Ctrl-A>no <Ctrl-E>x", b"\x01no \x05x\r", True),
        ("a \\<Tab>", b"a <Tab>\r", True),
        ("clear {{=id}}", b"clear 1001\r", True),
    ],
)
def test_typed(text: str, data: bytes, ends: bool) -> None:
    keys = typed(text, {"id": "1001"})
    assert keys.data == data
    assert keys.ends_line is ends


@pytest.mark.parametrize("text", ["<Crtl-Z>", "{{=nobody}}"])
def test_what_cannot_be_typed(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no key|has bound"):
        typed(text, {})
