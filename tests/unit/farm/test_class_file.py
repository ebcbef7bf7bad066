"""Class files: what they say, and where a fault is."""

from __future__ import annotations

from pathlib import Path

import pytest
from farming import class_file

from iosemu.farm.class_file import MOST, read
from iosemu.lab.errors import LabError


def test_students_by_name_number_and_table(tmp_path: Path) -> None:
    found = read(
        class_file(tmp_path, "seed: 7\nstudents:\n  - ada\n  - {name: ben, title: Ben B., seed: x}\n")
    )
    assert [(each.name, each.title, each.seed) for each in found.orders.values()] == [
        ("ada", "ada", "7/ada"), ("ben", "Ben B.", "x"),
    ]  # fmt: skip
    found = read(class_file(tmp_path, "students: {count: 3, name: s}\n"))
    assert list(found.orders) == ["s1", "s2", "s3"]
    assert {each.seed for each in found.orders.values()} == {None}
    (tmp_path / "s.csv").write_text("name,title,site\nada,Ada L.,1\n\nben,,2\n", encoding="utf-8-sig")
    found = read(class_file(tmp_path, "variables: {site: 0, as: 5}\nstudents: {csv: s.csv}\n"))
    assert [(each.title, each.variables) for each in found.orders.values()] == [
        ("Ada L.", {"site": "1", "as": 5}), ("ben", {"site": "2", "as": 5}),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("students: [a, {name: b c}]\n", "class.yaml:4: students[1].name: 'b c' is no name"),
        (
            "students: [a, {name: b, titel: x}]\n",
            "class.yaml:4: students[1].titel: there is no such key; do you mean",
        ),
        (
            "students: {count: 2, nam: x}\n",
            "class.yaml:4: students.nam: there is no such key; do you mean 'name'?",
        ),
        ("students: {csv: none.csv}\n", "class.yaml:4: students.csv: cannot read"),
        ("students: [a, b, a]\n", "class.yaml:4: students[2]: there is a student a already"),
        ("students: [teacher]\n", "class.yaml:4: students[0]: teacher is a teacher, too"),
        ("students: []\n", "class.yaml:4: students: there are none"),
        (f"students: {{count: {MOST + 1}}}\n", f"less than or equal to {MOST}"),
        ("students: [a]\nquotas: {cpu: 0}\n", "class.yaml:5: quotas.cpu: 0 is too little"),
        ("students: [a]\nquotas: {flash: much}\n", "class.yaml:5: quotas.flash: 'much' is not a size"),
        ("students: [a]\ntime: manual\n", "time: manual stands still"),
        (
            "students: [{name: a, lab: nowhere}]\n",
            "class.yaml:4: students[0].lab: there is no lab and no file",
        ),
        ("students: [{name: a, variables: {x: 1}, lab: bad.yaml}]\n", "students[0]: the lab of a:\n"),
    ],
)
def test_faults_have_a_place(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "bad.yaml").write_text("name: bad\nnodes:\n  R1: {model: c9}\n")
    with pytest.raises(LabError) as caught:
        read(class_file(tmp_path, text))
    assert fault in str(caught.value)


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ("title\nx\n", "s.csv has no column `name`"),
        ("name,title\na\n", "s.csv:2: 2 columns wanted"),
        ("name\na b\n", "s.csv:2: name: 'a b' is no name"),
        ("name\na\na\n", "s.csv:3: there is a student a already"),
        ("name\n", "s.csv has no students"),
    ],
)
def test_faults_of_a_table_have_a_line(tmp_path: Path, table: str, fault: str) -> None:
    (tmp_path / "s.csv").write_text(table)
    with pytest.raises(LabError) as caught:
        read(class_file(tmp_path, "students: {csv: s.csv}\n"))
    assert fault in str(caught.value)
