"""Tables look as on real boxes: the heading letter by letter, and what stands below it in its columns."""

from __future__ import annotations

import re
from typing import Any

import fidelity
import pytest
import yaml

HEADINGS: dict[str, list[dict[str, Any]]] = yaml.safe_load(
    (fidelity.DATA / "fidelity" / "headings.yaml").read_text()
)
_COLUMN = re.compile(r"\S+(?: \S+)*")
"""What is written without two blanks in between."""


def below(heading: str, printed: str) -> list[str]:
    """The lines under a heading up to the next blank one, without rules of dashes."""
    lines = [line.rstrip() for line in printed.splitlines()]
    rows = []
    for line in lines[lines.index(heading) + 1 :]:
        if not line.strip():
            break
        if not re.fullmatch(r"[-+ ]+", line):
            rows.append(line)
    return rows


def columns_without_values(heading: str, rows: list[str]) -> list[str]:
    """The columns of a heading under which no row has a value that begins or ends where the column does."""
    edges = {edge for row in rows for match in re.finditer(r"\S+", row) for edge in match.span()}
    return [match.group() for match in _COLUMN.finditer(heading) if not edges & set(match.span())]


@pytest.mark.parametrize(
    ("command", "heading", "loose"),
    [
        pytest.param(command, each["heading"], each.get("loose", []), id=f"{command}-{number}")
        for command, those in HEADINGS.items()
        for number, each in enumerate(those)
    ],
)
def test_a_heading_is_that_of_real_boxes(
    boxes: fidelity.Boxes, command: str, heading: str, loose: list[str]
) -> None:
    printed = [
        text for text in boxes.answers(command) if heading in (line.rstrip() for line in text.splitlines())
    ]
    assert printed, f"no box prints this heading for {command}"
    rows = [row for text in printed for row in below(heading, text)]
    if rows:
        assert set(columns_without_values(heading, rows)) <= set(loose)


def test_a_value_beside_its_column_is_noticed() -> None:
    heading = "Port      Name       Status"
    assert columns_without_values(heading, ["Fa0/1     PC         up"]) == []
    assert columns_without_values(heading, ["Fa0/1    PC         up"]) == ["Name", "Status"]
