"""What `--update` writes is read back as what the device printed, whatever that looks like."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transcript_fakes import FakeBench

from iosemu.testing.patterns import escape
from iosemu.testing.recording import Recording
from iosemu.testing.report import Report
from iosemu.testing.runner import Runner
from iosemu.testing.transcript import parse

NOTATION = (
    "-#- --length-- -----date/time------ path", "# x", "#", "#!", "@lab x", "...", "   ...", "\\", "\\...", "\\# x",
    "\\R1#", "R1#", "R1# show x", "R1>", "R1(config)#exit", "C:\\>dir", "{{int}}", "\\{{int}}", "{{{{", "{{space}}",
    "x {{", "Password:", "Password: x", "<Tab>", "\\<", "a\x0cb", "a\u2028b", "",
)  # fmt: skip

rows = st.one_of(
    st.sampled_from(NOTATION),
    st.lists(st.sampled_from((*"#@.\\{}<>: -1a", "{{", "...", "R1#", "{{int}}", "{{any=x}}")), max_size=8).map("".join),
    st.text(st.characters(blacklist_categories=("Cc", "Cs")), max_size=12),
)  # fmt: skip
answers = st.lists(rows, max_size=5)


def run(text: str, answer: list[str], *, update: bool = False) -> Report:
    output = "".join(row + "\n" for row in answer)
    bench = FakeBench(
        {"R1": {"show x": output, "prompt after show x": "Password: "}, "R2": {"show x": output}}
    )
    transcript = parse("@lab small\n" + text, Path("t.transcript"))
    return asyncio.run(Runner(transcript, bench, update=update).run())


@pytest.mark.parametrize(("device", "after"), [("R1", "Password:\n"), ("R1", ""), ("R2", "R2#\n")])
@given(before=answers.map(lambda lines: [escape(line) for line in lines]), answer=answers)
def test_an_updated_transcript_passes(device: str, after: str, before: list[str], answer: list[str]) -> None:
    if answer and not answer[-1].strip() and not after:
        answer = [*answer, "x"]
    text = f"@device {device}\n{device}#show x\n" + "".join(line + "\n" for line in before) + after
    report = run(text, answer, update=True)
    if any(failure.message != "the device answered otherwise" for failure in report.failures):
        return  # what stood there was no output
    again = run((report.updated or text).removeprefix("@lab small\n"), answer, update=True)
    assert again.passed, f"{report.updated or text}\n{again}"


@given(answer=answers, literal=st.booleans())
def test_a_recording_passes(answer: list[str], literal: bool) -> None:
    recording = Recording("R2", lab="small", literal=literal)
    recording.printed(b"R2#")
    for key in "show x":
        recording.typed(key.encode())
        recording.printed(key.encode())
    recording.typed(b"\r")
    recording.printed(("\r\n" + "".join(row + "\r\n" for row in answer) + "R2#").encode())
    report = run(recording.text().removeprefix("@lab small\n"), answer)
    assert report.passed, f"{recording.text()}\n{report}"
