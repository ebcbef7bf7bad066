"""Configurations in the style of real ones: all is understood, can be read again, and survives a reload."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from iosemu.box.device import Device
from iosemu.lab import resources
from iosemu.lab.lab import Lab
from iosemu.lab.survey import box_for

FOLDER = Path(__file__).parents[2] / "data" / "configurations"
FILES = sorted(FOLDER.rglob("*.cfg"))
SPELLINGS = [
    (re.compile(r"ip domain-(lookup|name)"), r"ip domain \1"),
    (re.compile(r"^logging (?=\d)"), "logging host "),
    (re.compile(r"^mac-address-table "), "mac address-table "),
    (re.compile(r"^(match identity address \S+) 255\.255\.255\.255"), r"\1"),
]
"""Releases differ in how they print these; what they mean is the same."""


SUBJECTS = {
    "access", "acl", "archive", "arp", "arp_inspection", "crypto", "dhcp_snooping", "discovery", "errdisable",
    "etherchannel", "event_manager", "files", "firewall", "hosts", "interface", "ip", "kept", "lines",
    "logging", "mac_table", "mls_qos", "mqc", "nat", "ospf", "port_acl", "port_security", "private_vlan",
    "routed_port", "routing", "snmp", "source_guard", "span", "spanning_tree", "switchport", "system", "tunnel",
    "vlan", "vlan_map",
}  # fmt: skip
"""Those whose lines are in the files; whoever adds a subject adds lines of it, and its name."""


def box(path: Path) -> Lab:
    """A box with one of them; its folder tells the model, and perhaps the image."""
    model, _, image = path.parent.name.partition(".")
    lab = box_for(path, path.read_text(), model, image or None)
    lab.boot(settle=0)
    return lab


def typed(lab: Lab, command: str) -> list[str]:
    session = lab.session("Box")
    assert session is not None
    session.run(command)
    return session.output().decode().replace("\r", "").splitlines()


def spelled(text: str) -> str:
    for pattern, replacement in SPELLINGS:
        text = pattern.sub(replacement, text)
    return text


def blocks(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each line with the head of its block; the text of a banner belongs to its head."""
    head, banner = "", False
    for line in lines:
        text = spelled(" ".join(line.split()))
        if banner:
            banner = "^C" not in line
            yield head, text
            continue
        if not text or text.startswith("!") or text == "end":
            continue
        if not line[0].isspace():
            head = text
            banner = text.startswith("banner") and text.count("^C") == 1
        yield (head if line[0].isspace() else ""), text


def test_there_are_enough() -> None:
    """At least 40, and some for every model that comes along."""
    assert len(FILES) >= 40
    assert {path.parent.name.partition(".")[0] for path in FILES} == set(resources.models())


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_reads_back_and_survives_a_reload(path: Path) -> None:
    lab = box(path)
    assert lab.errors["Box"] == []
    if not lab["Box"].composition.config_mode:
        return  # it has no running configuration
    shown = typed(lab, "show running-config")
    missing = [pair for pair in blocks(path.read_text().splitlines()) if pair not in set(blocks(shown))]
    assert missing == []
    typed(lab, "write memory")
    lab.stop("Box")
    assert lab.start("Box") == []
    again = typed(lab, "show running-config")
    assert list(blocks(again)) == list(blocks(shown))


def test_the_subjects_are_in_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever adds a subject adds lines of it here."""
    seen: set[str] = set()
    told = Device.configured

    def configured(self: Device, subject: str, target: object) -> None:
        seen.add(subject)
        told(self, subject, target)

    monkeypatch.setattr(Device, "configured", configured)
    for path in FILES:
        box(path)
    assert seen >= SUBJECTS
