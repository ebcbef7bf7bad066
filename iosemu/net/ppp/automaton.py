"""The option negotiation automaton (RFC 1661 section 4): what each event does in each state."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum


@dataclass(frozen=True, slots=True)
class Limits:
    """The restart timer, the counters (section 4.6) and how long a proof is waited for, as IOS has them."""

    retry: float = 2.0
    """Seconds."""
    configure: int = 10
    terminate: int = 2
    failure: int = 5
    authentication: float = 10.0
    """Seconds."""


class State(IntEnum):
    """Section 4.2."""

    INITIAL = 0
    STARTING = 1
    CLOSED = 2
    STOPPED = 3
    CLOSING = 4
    STOPPING = 5
    REQ_SENT = 6
    ACK_RCVD = 7
    ACK_SENT = 8
    OPENED = 9


class Event(Enum):
    """Section 4.3, as the table calls them."""

    UP = "Up"
    DOWN = "Down"
    OPEN = "Open"
    CLOSE = "Close"
    TIMEOUT_MORE = "TO+"
    TIMEOUT_LAST = "TO-"
    GOOD_REQUEST = "RCR+"
    BAD_REQUEST = "RCR-"
    ACK = "RCA"
    NAK = "RCN"
    TERMINATE_REQUEST = "RTR"
    TERMINATE_ACK = "RTA"
    UNKNOWN_CODE = "RUC"
    REJECT_PERMITTED = "RXJ+"
    REJECT_FATAL = "RXJ-"
    ECHO = "RXR"


class Action(Enum):
    """Section 4.4."""

    THIS_LAYER_UP = "tlu"
    THIS_LAYER_DOWN = "tld"
    THIS_LAYER_STARTED = "tls"
    THIS_LAYER_FINISHED = "tlf"
    INITIALIZE_RESTART_COUNT = "irc"
    ZERO_RESTART_COUNT = "zrc"
    SEND_CONFIGURE_REQUEST = "scr"
    SEND_CONFIGURE_ACK = "sca"
    SEND_CONFIGURE_NAK = "scn"
    SEND_TERMINATE_REQUEST = "str"
    SEND_TERMINATE_ACK = "sta"
    SEND_CODE_REJECT = "scj"
    SEND_ECHO_REPLY = "ser"


_TABLE = """
      0     1          2              3               4      5      6            7            8            9
Up    2     irc,scr/6  -              -               -      -      -            -            -            -
Down  -     -          0              tls/1           0      1      1            1            1            tld/1
Open  tls/1 1          irc,scr/6      3               5      5      6            7            8            9
Close 0     tlf/0      2              2               4      4      irc,str/4    irc,str/4    irc,str/4    tld,irc,str/4
TO+   -     -          -              -               str/4  str/5  scr/6        scr/6        scr/8        -
TO-   -     -          -              -               tlf/2  tlf/3  tlf/3        tlf/3        tlf/3        -
RCR+  -     -          sta/2          irc,scr,sca/8   4      5      sca/8        sca,tlu/9    sca/8        tld,scr,sca/8
RCR-  -     -          sta/2          irc,scr,scn/6   4      5      scn/6        scn/7        scn/6        tld,scr,scn/6
RCA   -     -          sta/2          sta/3           4      5      irc/7        scr/6        irc,tlu/9    tld,scr/6
RCN   -     -          sta/2          sta/3           4      5      irc,scr/6    scr/6        irc,scr/8    tld,scr/6
RTR   -     -          sta/2          sta/3           sta/4  sta/5  sta/6        sta/6        sta/6        tld,zrc,sta/5
RTA   -     -          2              3               tlf/2  tlf/3  6            6            8            tld,scr/6
RUC   -     -          scj/2          scj/3           scj/4  scj/5  scj/6        scj/7        scj/8        scj/9
RXJ+  -     -          2              3               4      5      6            6            8            9
RXJ-  -     -          tlf/2          tlf/3           tlf/2  tlf/3  tlf/3        tlf/3        tlf/3        tld,irc,str/5
RXR   -     -          2              3               4      5      6            7            8            ser/9
"""
"""Section 4.1: actions and the next state; `-` cannot happen, or is left out."""

Cell = tuple[tuple[Action, ...], State]


def _read(table: str) -> dict[tuple[Event, State], Cell]:
    cells: dict[tuple[Event, State], Cell] = {}
    for line in table.strip().splitlines()[1:]:
        word, *row = line.split()
        for state, text in zip(State, row, strict=True):
            if text != "-":
                actions, _, after = text.rpartition("/")
                names = actions.split(",") if actions else []
                cells[Event(word), state] = tuple(Action(name) for name in names), State(int(after))
    return cells


TABLE = _read(_TABLE)
"""By event and state; a pair that is missing changes nothing."""
