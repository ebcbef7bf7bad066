"""A lab file or a script from somebody else takes neither the machine nor its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from iosemu.lab import labfile, templates
from iosemu.lab.errors import LabError
from iosemu.lab.lab import Lab
from iosemu.shell.executor import Executor

NODE = "name: x\nnodes:\n  R:\n    model: c2811\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "lab.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (NODE + "    config: \x00\n", r"lab.yaml:5: .*#x0000"),
        ("name: x\nnodes: " + "[" * 500 + "]" * 500, r"lab.yaml:2: nested too deeply"),
        ("name: x\nnodes: " + "[" * 100000 + "]" * 100000, r"lab.yaml:2: .*nesting depth"),
        (NODE + "    variables: {day: 2024-99-99}\n", r"lab.yaml:5: '2024-99-99' is no value"),
        (NODE + f"    variables: {{n: {'9' * 5000}}}\n", r"lab.yaml:5: .* is no value"),
        (NODE + '    config: "../../etc/passwd"\n', r"lab.yaml:5: .*--allow-outside-configs"),
        (NODE + "    config: /etc/passwd\n", r"lab.yaml:5: .*--allow-outside-configs"),
        (NODE + '    config: "a\\0b"\n', r"lab.yaml:5: .*NUL"),
        ('extends: "a\\0b"\n' + NODE, r"lab.yaml:1: .*NUL"),
        (NODE.replace("R:", '"R{{ a }}-{{ b }}":') + "    for: {a: 1..200, b: 1..200}\n", r"lab.yaml:\d+: .*10000"),
        (
            "name: x\nnodes:\n" + "".join(
                f'  "N{n}-{{{{ i }}}}":\n    model: c2811\n    for: {{i: 1..9000}}\n' for n in range(3)
            ),
            r"lab.yaml:\d+: .*20000 entries",
        ),
    ],
)  # fmt: skip
def test_the_message_names_file_and_line(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(LabError, match=message):
        labfile.read(write(tmp_path, text))


def test_a_tower_of_lab_files(tmp_path: Path) -> None:
    for number in range(1500):
        (tmp_path / f"{number}.yaml").write_text(f"extends: {number + 1}.yaml\nname: x\n")
    with pytest.raises(LabError, match=r"\.yaml:1: extends: more than 20"):
        labfile.read(tmp_path / "0.yaml")


def test_a_link_out_of_the_folder_is_outside(tmp_path: Path) -> None:
    folder = tmp_path / "lab"
    folder.mkdir()
    (tmp_path / "secret").write_text("hostname S\n")
    (folder / "r.cfg").symlink_to(tmp_path / "secret")
    path = write(folder, NODE + "    config: r.cfg\n")
    with pytest.raises(LabError, match="allow-outside-configs"):
        labfile.read(path)
    assert labfile.read(path, outside_configs=True).config_text("R") == "hostname S\n"


@pytest.mark.parametrize(
    "text",
    [
        "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
        "{% for i in range(90000) %}" + "x" * 100 + "{% endfor %}",
        "{{ 9 ** 99999 }}",
        "{{ 'x' * 10 ** 9 }}",
        "{{ 10 ** 9 * 'x' }}",
        "{{ 'x'.ljust(10 ** 9) }}",
        "{{ 'x' | center(1000000000) }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ 'x' | indent(1000000000) }}",
        "{% set ns = namespace(x='x' * 1000) %}{% for i in range(40) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        "{% set ns = namespace(x='x' * 1000) %}{% for i in range(40) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        "{% set x %}" + "x" * 1000 + "{% endset %}" + "{% set x %}{{ x }}{{ x }}{% endset %}" * 40,
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(40) }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    ],
)
def test_a_template_ends(text: str) -> None:
    with pytest.raises(LabError, match=r"^here: "):
        templates.render(text, {}, "here")


def test_a_template_of_use_is_rendered() -> None:
    text = "{% for i in range(3) %}{% set n = i ~ '-' ~ loop.index %}"
    text += "{{ n | upper }}{{ 'a' * 2 }} {% endfor %}{{ 2 ** 8 }}"
    assert templates.render(text, {}, "here") == "0-1aa 1-2aa 2-3aa 256"


@pytest.fixture(scope="module")
def tcl() -> Executor:
    lab = Lab.load("ipsec-vpn", seed=3)
    lab.boot(settle=0)
    return Executor(lab["R-A"], lab.grammar, privilege=15)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("expr " + "9" * 5000 + " + 1", "integer value too large to represent"),
        ("expr 9223372036854775807 + 1", "-9223372036854775808"),
        ("foreach a {" + "1 " * 200 + "} {foreach b {" + "1 " * 200 + "} {expr 1 + 1}}", "too many commands"),
        ("set x " + "[" * 500 + "]" * 500, "too many nested"),
        (
            "set x xxxxxxxxxx; foreach a {" + "1 " * 40 + "} {set x $x$x}; expr 1 + 1",
            "unable to alloc memory",
        ),
    ],
)
def test_a_script_ends(tcl: Executor, line: str, answer: str) -> None:
    for text in ("tclsh", line):
        said = [item for item in tcl.steps(text) if isinstance(item, str)]
    list(tcl.steps("tclquit"))
    assert answer in "\n".join(said)
