"""What applets do to texts, and the mail that they send."""

from __future__ import annotations

from email import message_from_bytes

import pytest

from iosemu.lab.lab import Lab
from iosemu.shell.loader import load_lines
from iosemu.subjects.event_manager.service import EventManager
from iosemu.subjects.event_manager.strings import result
from iosemu.subjects.server.smtp import MailService

LAB = "tests/transcripts/event_manager/lab.yaml"


@pytest.mark.parametrize(
    ("kind", "words", "outcome"),
    [
        ("compare", ["a", "b"], "-1"),
        ("compare", ["b", "a"], "1"),
        ("equal", ["a", "A"], "0"),
        ("first", ["x", "axbx"], "1"),
        ("first", ["x", "axbx", "2"], "3"),
        ("last", ["x", "axbx"], "3"),
        ("last", ["x", "axbx", "2"], "1"),
        ("index", ["abc", "end-1"], "b"),
        ("index", ["abc", "9"], ""),
        ("length", [""], "0"),
        ("match", ["a*c?", "abbbcd"], "1"),
        ("range", ["abcdef", "1", "3"], "bcd"),
        ("range", ["abcdef", "end-1", "end"], "ef"),
        ("replace", ["abcdef", "1", "3"], "aef"),
        ("replace", ["abc", "9", "9", "x"], "abc"),
        ("tolower", ["ABC"], "abc"),
        ("toupper", ["abc", "1"], "aBc"),
        ("trim", ["xxaxx", "x"], "a"),
        ("trimright", ["a  "], "a"),
    ],
)
def test_functions_of_texts(kind: str, words: list[str], outcome: str) -> None:
    assert result(kind, words) == outcome


def test_options_of_comparisons() -> None:
    assert result("equal", ["Up", "uP"], nocase=True) == "1"
    assert result("equal", ["abcd", "abxx"], length=2) == "1"


@pytest.mark.parametrize(("kind", "words"), [("index", ["a", "x"]), ("range", ["a", "b", "c"])])
def test_places_are_numbers(kind: str, words: list[str]) -> None:
    with pytest.raises(ValueError, match="invalid"):
        result(kind, words)


def test_mail_arrives(capsys: pytest.CaptureFixture[str]) -> None:
    lab = Lab.load(LAB, seed=1)
    lab.boot()
    assert not load_lines(
        lab["R1"],
        lab.grammar,
        [
            "event manager applet MAIL",
            "event timer countdown time 1",
            'action 1.0 mail server "10.0.0.9" to "a@example.com b@example.com" from "r@example.com" '
            'cc "c@example.com" '
            'subject "It is down" body "Look at $_event_type_string"',
        ],
    )
    lab.scheduler.run_until(lab.scheduler.now + 10)
    found = lab["SRV"].service(MailService).received
    assert [each.recipients for each in found] == [("a@example.com", "b@example.com", "c@example.com")]
    parsed = message_from_bytes(found[0].data)
    assert parsed["Subject"] == "It is down"
    assert parsed["Cc"] == "c@example.com"
    assert str(parsed.get_payload()).strip() == "Look at timer countdown"


def test_two_policies_that_call_each_other_end() -> None:
    lab = Lab.load(LAB, seed=1)
    lab.boot()
    assert not load_lines(
        lab["R1"],
        lab.grammar,
        [
            "event manager applet A",
            "event none maxrun 1",
            "action 1.0 policy B",
            "event manager applet B",
            "event none maxrun 1",
            "action 1.0 policy A",
            "event manager applet START",
            "event timer countdown time 1",
            "action 1.0 policy A",
        ],
    )
    lab.scheduler.run_until(lab.scheduler.now + 60)
    ran = lab["R1"].service(EventManager).ran
    assert ran["A"][0] + ran["B"][0] == 8
    told = [message.text for message in lab["R1"].syslog.messages if message.facility == "HA_EM"]
    assert told == ["Error executing applet B statement 1.0"]
