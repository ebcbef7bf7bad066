"""The commands that are accepted without behaviour: a new one is a decision, and is told to the user."""

from pathlib import Path

from iosemu.lab import resources
from iosemu.parser.command import Command

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "commands" / "README.md"
ACCEPTED_ONLY = """
config: aaa accounting <rest:line>
config: aaa authorization (commands | config-commands | network) <rest:line>
config: aaa authorization console
config: aaa session-id common
config: boot <rest:line>
config: boot-end-marker
config: boot-start-marker
config: clock summer-time <rest:line>
config: control-plane
config: dot11 syslog
config: ip cef
config: ip classless
config: ip dhcp use <rest:line>
config: ip forward-protocol <rest:line>
config: ip http <rest:line>
config: ip source-route
config: ip ssh (source-interface | rsa | dh | logging | maxstartups | break-string | port | dscp | precedence) [<rest:line>]
config: ip subnet-zero
config: ip tcp <rest:line>
config: ipv6 cef
config: license udi <rest:line>
config: memory-size iomem <percent:0-50>
config: mmi <rest:line>
config: multilink bundle-name <rest:line>
config: ntp <rest:line>
config: redundancy
config: resource policy
config: scheduler allocate <interrupt:400-60000> <process:100-4000>
config: service <name:word>
config: shutdown <rest:line>
config: snmp <rest:line>
config: snmp-server <rest:line>
config: snmp-server community <name:word> [mode=(ro | rw)] [<number:word>]
config: system mtu <rest:line>
config: version <rest:line>
config: vlan internal allocation policy order=(ascending | descending)
config-archive-log-cfg: hidekeys
config-archive-log-cfg: logging enable
config-archive-log-cfg: notify syslog
config-if: ip rip triggered
config-if: ip tcp adjust-mss <octets:500-1460>
config-if: ip tcp header-compression [<rest:line>]
config-if: ntp broadcast [<rest:line>]
config-if: ntp disable [<rest:line>]
config-if: ntp multicast [<rest:line>]
config-if: snmp ifindex persist
config-if: snmp trap link-status
config-line: session-limit <count:0-4294967295>
config-line: session-timeout <minutes:0-35791>
config-router-rip: flash-update-threshold <value:0-30>
config-router-rip: input-queue <value:0-1024>
config-router-rip: output-delay <value:8-50>
exec: access-enable [host] [timeout <minutes:1-9999>]
"""  # noqa: E501 - syntax is not broken
KEEPERS = ("kept.", "aaa.keep", "ssh.keep")
"""Handlers that only put the line away."""


def commands() -> list[Command]:
    return [command for mode in resources.grammar().modes.values() for command in mode.commands]


def test_all_of_them_are_listed_here() -> None:
    found = sorted(f"{each.mode}: {each.syntax}" for each in commands() if each.status == "accepted-only")
    assert found == sorted(ACCEPTED_ONLY.split("\n")[1:-1])


def test_what_is_only_put_away_says_so() -> None:
    silent = [each.syntax for each in commands() if (each.do or "").startswith(KEEPERS) and not each.status]
    assert silent == []


def test_the_reference_tells_the_user() -> None:
    text = PAGE.read_text("utf-8")
    assert "## Accepted without behaviour" in text
    for line in ACCEPTED_ONLY.split("\n")[1:-1]:
        mode, _, syntax = line.partition(": ")
        assert f"| {mode} | `{syntax.replace('|', chr(92) + '|')}` |" in text
