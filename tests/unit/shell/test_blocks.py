"""A configuration that is loaded: the lines of a refused head are refused with it, and land nowhere else."""

import pytest

from iosemu.box import running_config
from iosemu.parser.loader import Grammar
from iosemu.parser.renderer import Renderer
from iosemu.shell.loader import load
from tests.unit.shell.conftest import Terminal, make

HEADS = (
    "interface Vlan7",
    "interface Async1",
    "interface FastEthernet0/9",
    "crypto ikev2 keyring K",
    "router isis",
    "voice register global",
    "dial-peer voice 1 voip",
)
WANTED = ["interface FastEthernet0/1", " ip address 10.2.0.1 255.255.255.0", " duplex auto", " speed auto"]


def indented(head: str, between: str = "!\n") -> str:
    return (
        "hostname A\ninterface FastEthernet0/1\n ip address 10.2.0.1 255.255.255.0\n no shutdown\n"
        f"{between}{head}\n description mine\n ip address 10.9.0.1 255.255.255.0\n shutdown\n exit-x\n"
        f"{between}ip route 0.0.0.0 0.0.0.0 10.2.0.2\nend\n"
    )


def interface(text: str, grammar: Grammar) -> tuple[list[str], list[str], list[int]]:
    device = make("c2811", "12.4")
    errors = load(device, grammar, text)
    lines = running_config.body(device, Renderer(grammar))
    start = lines.index("interface FastEthernet0/1")
    return lines, lines[start : lines.index("!", start)], [error.number for error in errors]


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("between", ["", "!\n", "exit\n"])
def test_the_block_of_a_refused_head(head: str, between: str, grammar: Grammar) -> None:
    lines, block, refused = interface(indented(head, between), grammar)
    assert block == WANTED
    at = indented(head, between).split("\n").index(head) + 1
    assert refused == list(range(at, at + 5))
    assert "ip route 0.0.0.0 0.0.0.0 10.2.0.2" in lines


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("between", ["", "!\n", "exit\n"])
def test_it_needs_no_blanks_before_its_lines(head: str, between: str, grammar: Grammar) -> None:
    text = indented(head, between).replace("\n ", "\n").replace("exit-x\n", "")
    lines, block, refused = interface(text, grammar)
    assert block == WANTED
    at = text.split("\n").index(head) + 1
    assert refused == list(range(at, at + 4))
    assert "ip route 0.0.0.0 0.0.0.0 10.2.0.2" in lines
    assert "hostname A" in lines


def test_a_refused_line_within_a_block_closes_nothing(grammar: Grammar) -> None:
    for blank in (" ", ""):
        inner = ("frobnicate 3", "ip address 10.2.0.1 255.255.255.0", "no shutdown")
        text = "\n".join(["interface FastEthernet0/1", *(blank + line for line in inner)])
        _, block, refused = interface(text, grammar)
        assert block == WANTED
        assert refused == [2]


def test_blocks_within_blocks(grammar: Grammar) -> None:
    text = (
        "archive\n log config\n  logging enable\n nonsense here\n  hidekeys\n path flash:a\n"
        "interface FastEthernet0/1\n ip address 10.2.0.1 255.255.255.0\n no shutdown\n"
    )
    lines, block, refused = interface(text, grammar)
    assert block == WANTED
    assert refused == [4, 5]
    assert lines[lines.index("archive") :][:3] == ["archive", " log config", "  logging enable"]
    assert " path flash:a" in lines


def test_text_of_a_refused_command_is_no_configuration(grammar: Grammar) -> None:
    text = "hostname A\nmenu X title ^C\nhostname EVIL\n^C\nmacro name M\nhostname WORST\n@\n"
    device = make("c2811", "12.4")
    errors = load(device, grammar, text)
    assert device.hostname == "A"
    assert [error.number for error in errors] == [2, 5]


def test_what_a_box_prints_comes_back(grammar: Grammar) -> None:
    """After a block that is set off by blanks a line at the margin is one of the whole box."""
    text = "interface FastEthernet0/1\n ip address 10.2.0.1 255.255.255.0\n no shutdown\n!\ncrypto ipsec df-bit clear\n"
    lines, block, refused = interface(text, grammar)
    assert block == WANTED
    assert not refused
    assert "crypto ipsec df-bit clear" in lines


def test_in_a_session_it_is_as_on_the_box(grammar: Grammar) -> None:
    device = make("c2811", "12.4")
    terminal = Terminal(device, grammar)
    terminal.keys("configure terminal\ninterface FastEthernet0/1\n")
    shown = terminal.keys("interface Vlan7\nip address 10.9.0.1 255.255.255.0\n")
    assert shown.endswith("Router(config-if)#")
    assert "10.9.0.1" in terminal.keys("do show running-config interface FastEthernet0/1\n")
