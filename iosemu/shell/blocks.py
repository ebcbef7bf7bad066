"""The blocks of a configuration text, while it is typed: a line means what the block that it stands in says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from iosemu.parser.results import Match
from iosemu.shell.executor import Executor
from iosemu.shell.modes import Level

GLOBAL_HEADS = re.compile(
    r"""(?: interface | controller | line | router | vlan (?!\s+(?:internal|access-map\b.*\bno)) | vrf\s+definition
    | ip\s+(?: access-list | vrf | dhcp\s+pool | sla\s+\d | sla\s+monitor\s+\d ) | mac\s+access-list | arp\s+access-list
    | ipv6\s+(?: access-list | router | dhcp\s+pool ) | class-map | policy-map | route-map | parameter-map
    | crypto\s+(?: isakmp\s+(?:policy|profile|client\s+configuration\s+group) | keyring | map\s+\S+\s+\d+
      | ipsec\s+(?:transform-set|profile) | dynamic-map | identity | gdoi\s+group
      | ikev2\s+(?:proposal|policy|keyring|profile|authorization\s+policy|client\s+flexvpn)
      | (?:pki|ca)\s+(?:trustpoint|server|certificate\s+(?:chain|map|storage)|profile|token) )
    | aaa\s+(?:group\s+server|server\s+radius|attribute\s+list) | tacacs\s+server | radius\s+server | key\s+chain
    | object-group | object\s+network | time-range | track\s+\d | event\s+manager\s+applet | archive | redundancy
    | zone\s+security | zone-pair | flow\s+(?:record|exporter|monitor) | control-plane | dial-peer
    | voice(?:-port|\s+(?:class|service|register|translation-rule|translation-profile)) | ephone | ephone-dn
    | telephony-service | call-manager-fallback | sip-ua | gateway | gatekeeper | dspfarm | sccp\s+ccm\s+group
    | vpdn-group | vpdn-template | l2tp-class | pseudowire-class | bba-group | template | service-template
    | spanning-tree\s+mst\s+configuration | monitor\s+session\s+\d+\s+type | snmp\s+mib | dot1x\s+credentials
    | eap\s+profile | identity\s+(?:profile|policy) | webvpn | policy-list | community-list | appfw | map-class
    | frame-relay\s+map-class | mpls\s+traffic-eng\s+path | ntp\s+peer-group | l2\s+vfi | xconnect
    | bridge-domain | ethernet\s+evc | macro\s+name | rtr\s+\d | chat-group | regexp )(?:\s|$)""",
    re.VERBOSE | re.IGNORECASE,
)
"""Lines of IOS that open a block, whether this box has them or not."""
INNER_HEADS = re.compile(
    r"(?:address-family|class|vlan-range|af-interface|topology|group|log\s+config|service-family|peer)(?:\s|$)",
    re.IGNORECASE,
)
"""Those that open one inside a block."""
_MARK = "^C"


@dataclass(frozen=True, slots=True)
class _Open:
    """A block whose lines are being typed."""

    column: int
    """Where its head begins."""
    position: int
    """Of its mode in the stack."""
    level: Level
    closed_by_column: bool
    """Its lines stand further right than its head, so that the first one that does not is not of it."""


@dataclass(frozen=True, slots=True)
class _Refused:
    """A block whose head was refused."""

    number: int
    column: int
    flat: bool
    inner: bool


class Blocks:
    """Follows the blocks of `lines` while a loader types them at `executor`.

    IOS itself lets the lines of a refused head fall into whatever mode is open, and so does a session. A
    configuration that is loaded would be changed by it where nobody looks, so there they are refused too.
    """

    def __init__(self, executor: Executor, lines: Sequence[str]) -> None:
        self._executor = executor
        self._lines = lines
        self._open: list[_Open] = []
        self._base = len(executor.modes.levels) - 1
        self._refused: _Refused | None = None

    def refused_head(self, number: int) -> int | None:
        """The number of the refused head in whose block line `number` stands; None when it may be typed.

        0 stands for a line that only closes such a block.
        """
        refused = self._refused
        text, column = self._read(number)
        if refused is None or not text:
            return None
        if text[0] == "!":
            if refused.flat:
                self._refused = None
            return None
        if not refused.flat and column > refused.column:
            return refused.number
        if text.lower().startswith("exit"):
            self._refused = None
            return 0
        if refused.flat and not GLOBAL_HEADS.match(text) and (refused.inner or not self._outside(text)):
            return refused.number
        self._refused = None
        return None

    def before(self, number: int) -> None:
        """Leave the blocks that line `number` is outside of, where what is outside knows the line."""
        text, column = self._read(number)
        if not text or text[0] == "!" or text.lower().startswith(("exit", "end")):
            return
        last = None
        for each in reversed(self._open):
            if not each.closed_by_column or column > each.column:
                break
            last = each
        if last is None:
            return
        situation = self._executor.situation()
        outer = self._executor.modes.levels[last.position - 1]
        if isinstance(self._executor.grammar.modes[outer.mode].match(text, situation), Match):
            self._cut(last)

    def accepted(self, number: int) -> None:
        """Line `number` was typed: note the block that it may have opened."""
        levels = self._executor.modes.levels
        while self._open and (
            self._open[-1].position >= len(levels)
            or levels[self._open[-1].position] is not self._open[-1].level
        ):
            self._open.pop()
        known = self._open[-1].position if self._open else self._base
        if len(levels) - 1 > known:
            _, column = self._read(number)
            self._open.append(_Open(column, len(levels) - 1, levels[-1], self._indents(number, column)))

    def refuse(self, number: int) -> None:
        """Line `number` was refused: leave the blocks that it ends, and note the one that it opens."""
        text, column = self._read(number)
        while self._open and self._open[-1].closed_by_column and column <= self._open[-1].column:
            self._cut(self._open[-1])
        if self._following(number)[1] > column:
            self._refused = _Refused(number, column, flat=False, inner=False)
        elif GLOBAL_HEADS.match(text):
            if not self._open or column <= self._open[0].column:
                if self._open:
                    self._cut(self._open[0])
                self._refused = _Refused(number, column, flat=not self._indents(number, column), inner=False)
        elif self._open and INNER_HEADS.match(text) and not self._open[-1].closed_by_column:
            self._refused = _Refused(number, column, flat=True, inner=True)

    def text_end(self, number: int) -> str | None:
        """What ends the text that refused line `number` begins (a banner, a macro); None when it has none."""
        end = _text_end(self._read(number)[0].replace("\x03", _MARK))
        rest = self._lines[number:]
        return end if end and any(end in line.replace("\x03", _MARK) for line in rest) else None

    def _outside(self, text: str) -> bool:
        """What is typed at global configuration knows the line."""
        level = self._executor.modes.levels[self._base]
        return isinstance(
            self._executor.grammar.modes[level.mode].match(text, self._executor.situation()), Match
        )

    def _cut(self, block: _Open) -> None:
        self._executor.modes.cut(block.position - 1)
        del self._open[self._open.index(block) :]

    def _read(self, number: int) -> tuple[str, int]:
        line = self._lines[number - 1]
        text = line.strip()
        return text, len(line) - len(line.lstrip())

    def _following(self, number: int) -> tuple[str, int]:
        """The next line that is not empty, comments aside."""
        for at in range(number + 1, len(self._lines) + 1):
            text, column = self._read(at)
            if text and text[0] != "!":
                return text, column
        return "", 0

    def _indents(self, number: int, column: int) -> bool:
        """The block of the head at line `number` is set off by blanks, or is empty."""
        for at in range(number + 1, len(self._lines) + 1):
            text, own = self._read(at)
            if text:
                return own > column or text[0] == "!"
        return True


def _text_end(text: str) -> str | None:
    if text.lower().startswith("macro name "):
        return "@"
    if text.count(_MARK) == 1 and not text.startswith(_MARK):
        return _MARK
    banner = re.match(r"banner\s+[\w-]+\s+(\S)(.*)", text, re.IGNORECASE)
    if banner is not None and _MARK not in text and banner[1] not in banner[2]:
        return banner[1]
    return None
