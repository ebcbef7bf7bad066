"""Every listing that `?` can give: each row has its help and leads on."""

import pytest

from iosemu.parser.results import Help
from tests.unit.shell.conftest import Terminal, make

SAMPLES = {
    "A.B.C.D": "10.0.0.1",
    "WORD": "5",
    "LINE": "text",
    "H.H.H": "0000.0000.0001",
    "hh:mm:ss": "10:00:00",
    "hh:mm": "10:00",
    "MONTH": "May",
    "aa:nn": "1:1",
    "A.B.C.D/nn": "10.0.0.0/8",
    "Hex-data": "0102",
    "Hex-number": "49D1E6C0",
    "+/-<metric>": "+5",
}
DEEPEST = 5


def sample(row: str) -> str | None:
    """Something to type for a row; None for what is best left alone (interfaces go on without a blank)."""
    if row.startswith("<"):
        return row.strip("<>").partition("-")[0]
    if row in SAMPLES:
        return SAMPLES[row]
    odd = row == "|" or " " in row or row.isupper() or row.endswith("Ethernet")
    return None if odd else row


@pytest.mark.parametrize("model", ["c2911", "catalyst-2960-24tt"])
def test_every_row_has_help_and_leads_on(grammar, model):
    situation = Terminal(make(model), grammar).session.shell.situation()
    faults: list[str] = []
    seen: set[object] = set()

    def walk(mode: str, line: str, depth: int) -> None:
        found = grammar.modes[mode].help(line, situation)
        if not isinstance(found, Help) or not (found.rows or found.cr):
            faults.append(f"{mode}: {line!r}: {found}")
            return
        # options may come in any order: where the same is listed again, the same is behind it
        listed = (mode, tuple(line.split()[:2]), found.cr, tuple(found.rows))
        if listed in seen:
            return
        seen.add(listed)
        faults.extend(f"{mode}: {line!r}: {row} has no help" for row, text in found.rows if not text)
        if depth < DEEPEST:
            for row, _ in found.rows:
                word = sample(row)
                if word is not None:
                    walk(mode, f"{line}{word} ", depth + 1)

    for name, mode in grammar.modes.items():
        if name.startswith(("exec", "conf", "cfg", "ipsec")) and mode.help("", situation).rows:
            walk(name, "", 0)
    assert not faults
