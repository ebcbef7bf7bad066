"""Answers of a lab's own to commands that the grammar lacks."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from iosemu.lab.commands.application import application
from iosemu.lab.errors import LabError
from iosemu.lab.lab import Lab

LAB = """name: own
answers: answers
nodes:
  R1: {model: c2811, startup: "hostname Edge\\ninterface Fa0/0\\n ip address 10.0.0.1 255.255.255.0\\n no shutdown\\n"}
  SW: {model: catalyst-2960-24tt}
"""
COMMANDS = """mode: exec
commands:
  - syntax: show frobnicator summary
    help: {frobnicator: Frobnicators, summary: In few words}
    answer: summary.txt
  - syntax: show frobnicator <address:ipv4> [detail]
    help: {frobnicator: Frobnicators, <address>: Of which, detail: In many words}
    kinds: [router]
    answer: one.j2
  - syntax: clear frobnicator
    help: {clear: Reset functions, frobnicator: Frobnicators}
    privilege: 15
    answer: nothing.txt
"""
ONE = """Frobnicator {{ address }} of {{ hostname }}{{ " (" ~ model ~ ")" if detail }}
{% for each in interfaces if each.address %}
  {{ each.name }} {{ each.address }}/{{ each.mask }} {{ each.line }}
{% endfor %}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "answers").mkdir()
    (tmp_path / "lab.yaml").write_text(LAB)
    (tmp_path / "answers" / "frob.yaml").write_text(COMMANDS)
    (tmp_path / "answers" / "summary.txt").write_text("2 frobnicators\n\n  all well\n")
    (tmp_path / "answers" / "nothing.txt").write_text("")
    (tmp_path / "answers" / "one.j2").write_text(ONE)
    return tmp_path


def made(folder: Path) -> Lab:
    lab = Lab.load(folder / "lab.yaml", seed=1)
    lab.boot(settle=0)
    return lab


def typed(lab: Lab, line: str, device: str = "R1", privilege: int = 15) -> str:
    session = lab.session(device, privilege=privilege)
    assert session is not None
    session.run(line)
    return session.output().decode().replace("\r", "")


def test_texts_and_templates(folder: Path) -> None:
    lab = made(folder)
    assert typed(lab, "show frobnicator summary") == "2 frobnicators\n\n  all well\n"
    assert typed(lab, "sh frob 10.9.9.9") == (
        "Frobnicator 10.9.9.9 of Edge\n  FastEthernet0/0 10.0.0.1/255.255.255.0 down\n"
    )
    assert "of Edge (c2811)" in typed(lab, "show frobnicator 10.9.9.9 detail")
    assert typed(lab, "clear frobnicator") == ""


def test_they_are_commands_as_all_others(folder: Path) -> None:
    lab = made(folder)
    assert typed(lab, "show frobnicator summary | include all") == "  all well\n"
    assert "% Invalid input detected" in typed(lab, "clear frobnicator", privilege=1)
    assert "% Invalid input detected" in typed(lab, "show frobnicator 1.2.3")
    assert "% Incomplete command." in typed(lab, "show frobnicator")
    assert "% Invalid input detected" in typed(lab, "show frobnicator 10.9.9.9", "SW")
    assert "2 frobnicators" in typed(lab, "show frobnicator summary", "SW")
    session = lab.session("R1")
    assert session is not None
    session.start()
    session.receive(b"show frob?")
    assert "frobnicator" in session.output().decode()


def test_other_labs_do_not_have_them(folder: Path) -> None:
    made(folder)
    other = Lab.load("ipsec-vpn", seed=1)
    other.boot(settle=0)
    session = other.session("R-A")
    assert session is not None
    session.run("show frobnicator summary")
    assert "% Invalid input detected" in session.output().decode()


def test_check_marks_them(folder: Path) -> None:
    run = CliRunner().invoke(application(), ["check", str(folder / "lab.yaml")])
    assert run.exit_code == 0
    assert f"{folder}/answers/frob.yaml:3: show frobnicator summary: the lab's own answer\n" in run.output
    assert run.output.count("the lab's own answer") == 3


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ missing }}", "'missing' is undefined"),
        (
            "{% for i in range(90000) %}{% for j in range(90000) %}x{% endfor %}{% endfor %}",
            "more than 20000 steps",
        ),
        ("{% for i in range(10000) %}{{ 'x' * 1000 }}{% endfor %}", "characters"),
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "unsafe"),
        ("{{ 9 ** 99999 }}", "bits"),
        ("{{ 1 / 0 }}", "division by zero"),
    ],
)
def test_a_template_that_fails_is_told_on_the_terminal(folder: Path, template: str, said: str) -> None:
    (folder / "answers" / "one.j2").write_text(template)
    printed = typed(made(folder), "show frobnicator 10.9.9.9")
    assert printed.startswith("% one.j2: ")
    assert said in printed


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("mode: exec", "mode: config", r"frob.yaml:1: mode: write mode: exec or mode: pc"),
        ("answer: nothing.txt", "do: files.erase", r"commands\[2\].do: unknown here"),
        (
            "answer: nothing.txt",
            "answer: ../../secret",
            r"commands\[2\].answer: ../../secret is not in the folder",
        ),
        (
            "answer: nothing.txt",
            "answer: none.txt",
            r"commands\[2\].answer: none.txt: No such file or directory",
        ),
        ("<address:ipv4>", "<address:nonsense>", "unknown type 'nonsense'"),
        ("help: {clear: Reset functions, frobnicator: Frobnicators}\n", "help: {}\n", "frobnicator"),
        ("commands:", "comands:", "unknown here; a file of answers has mode, help and commands"),
    ],
)
def test_what_is_wrong_is_told_when_the_lab_loads(folder: Path, old: str, new: str, said: str) -> None:
    path = folder / "answers" / "frob.yaml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(LabError, match=said):
        Lab.load(folder / "lab.yaml")


def test_what_iosemu_answers_itself_is_refused(folder: Path) -> None:
    (folder / "answers" / "frob.yaml").write_text(
        "mode: exec\ncommands:\n"
        "  - {syntax: show clock, help: {clock: Display the system clock}, answer: summary.txt}\n"
    )
    with pytest.raises(LabError, match="show clock: iosemu answers this itself"):
        Lab.load(folder / "lab.yaml")


def test_links_lead_nowhere(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret"
    outside.write_text("secret")
    (folder / "answers" / "nothing.txt").unlink()
    (folder / "answers" / "nothing.txt").symlink_to(outside)
    with pytest.raises(LabError, match="is not in the folder"):
        Lab.load(folder / "lab.yaml")
    (folder / "lab.yaml").write_text(LAB.replace("answers: answers", f"answers: {outside.parent}"))
    with pytest.raises(LabError, match="is not in the lab's folder"):
        Lab.load(folder / "lab.yaml")


def test_a_template_with_a_fault_is_told_with_its_line(folder: Path) -> None:
    (folder / "answers" / "one.j2").write_text("fine\n{% if %}\n")
    with pytest.raises(LabError, match=r"one\.j2:2: "):
        Lab.load(folder / "lab.yaml")


def test_a_large_file_is_refused(folder: Path) -> None:
    (folder / "answers" / "summary.txt").write_text("x" * 1_000_001)
    with pytest.raises(LabError, match="more than 1000000 octets"):
        Lab.load(folder / "lab.yaml")
