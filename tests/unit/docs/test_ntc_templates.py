"""Other people's templates read what the boxes print: a record at least, with something in it."""

from __future__ import annotations

import pytest
import yaml

pytest.importorskip("ntc_templates")
import fidelity
from ntc_templates.parse import parse_output

RECORD = yaml.safe_load(fidelity.RECORD.read_text(encoding="utf-8"))["tools"]["ntc-templates"]["results"]
READ = sorted(command for command, verdict in RECORD.items() if verdict == fidelity.READ)
LEAST = 60
"""Templates that are known to find something; a new one is added by `python docs/fidelity.py --quick`."""


def test_no_fewer_templates_read_something_than_before() -> None:
    assert len(READ) >= LEAST


@pytest.mark.parametrize("command", READ)
def test_a_template_finds_a_record_with_fields(boxes: fidelity.Boxes, command: str) -> None:
    best: list[str] = []
    for printed in boxes.answers(fidelity.COMMANDS.get(command, command)):
        try:
            records = parse_output("cisco_ios", command, printed)
        except Exception:  # noqa: BLE001 - a template that does not know this box's release fails as it likes
            continue
        for record in records:
            filled = [name for name, value in record.items() if value]
            assert all(isinstance(value, str | list) for value in record.values())
            best = max(best, filled, key=len)
        if len(best) > 1:
            break
    assert len(best) >= min(2, len(best) or 1)
    assert best, f"no box prints for {command} what its template finds something in"
