"""The states of a connection and how it moves between them (RFC 9293 3.3.2, figure 5)."""

from __future__ import annotations

from enum import Enum, auto


class State(Enum):
    """A connection's state; the value is the name IOS prints."""

    CLOSED = "CLOSED"
    LISTEN = "LISTEN"
    SYN_SENT = "SYNSENT"
    SYN_RECEIVED = "SYNRCVD"
    ESTABLISHED = "ESTAB"
    FIN_WAIT_1 = "FINWAIT1"
    FIN_WAIT_2 = "FINWAIT2"
    CLOSE_WAIT = "CLOSEWAIT"
    CLOSING = "CLOSING"
    LAST_ACK = "LASTACK"
    TIME_WAIT = "TIMEWAIT"


class Trigger(Enum):
    """What moves a connection: the arrows' labels in figure 5."""

    PASSIVE_OPEN = auto()
    ACTIVE_OPEN = auto()
    SYN = auto()
    """A SYN without an ACK of ours came in."""
    SYN_ACK = auto()
    """A SYN came in together with the ACK of ours."""
    ACK_OF_SYN = auto()
    CLOSE = auto()
    FIN = auto()
    """All data of the peer and its FIN are here."""
    ACK_OF_FIN = auto()
    TIME_WAIT_OVER = auto()
    DELETE = auto()
    """A reset in either direction or a timeout: the connection is gone at once."""


TRANSITIONS: dict[tuple[State, Trigger], State] = {
    (State.CLOSED, Trigger.PASSIVE_OPEN): State.LISTEN,
    (State.CLOSED, Trigger.ACTIVE_OPEN): State.SYN_SENT,
    (State.LISTEN, Trigger.SYN): State.SYN_RECEIVED,
    (State.LISTEN, Trigger.CLOSE): State.CLOSED,
    (State.SYN_SENT, Trigger.SYN): State.SYN_RECEIVED,  # simultaneous open, figure 8
    (State.SYN_SENT, Trigger.SYN_ACK): State.ESTABLISHED,
    (State.SYN_SENT, Trigger.CLOSE): State.CLOSED,
    (State.SYN_RECEIVED, Trigger.ACK_OF_SYN): State.ESTABLISHED,
    (State.SYN_RECEIVED, Trigger.CLOSE): State.FIN_WAIT_1,
    (State.ESTABLISHED, Trigger.CLOSE): State.FIN_WAIT_1,
    (State.ESTABLISHED, Trigger.FIN): State.CLOSE_WAIT,
    (State.FIN_WAIT_1, Trigger.ACK_OF_FIN): State.FIN_WAIT_2,
    (State.FIN_WAIT_1, Trigger.FIN): State.CLOSING,
    (State.FIN_WAIT_2, Trigger.FIN): State.TIME_WAIT,
    (State.CLOSE_WAIT, Trigger.CLOSE): State.LAST_ACK,
    (State.CLOSING, Trigger.ACK_OF_FIN): State.TIME_WAIT,
    (State.LAST_ACK, Trigger.ACK_OF_FIN): State.CLOSED,
    (State.TIME_WAIT, Trigger.TIME_WAIT_OVER): State.CLOSED,
    **{(state, Trigger.DELETE): State.CLOSED for state in State if state is not State.CLOSED},
}

SYNCHRONIZED = frozenset(State) - {State.CLOSED, State.LISTEN, State.SYN_SENT, State.SYN_RECEIVED}
"""Both sides know each other's sequence numbers (3.3.2)."""
MAY_SEND = frozenset({State.SYN_SENT, State.SYN_RECEIVED, State.ESTABLISHED, State.CLOSE_WAIT})
"""SEND is not an error (3.10.2)."""
MAY_RECEIVE_TEXT = frozenset({State.SYN_RECEIVED, State.ESTABLISHED, State.FIN_WAIT_1, State.FIN_WAIT_2})
"""The peer has not sent its FIN (3.10.7.4, seventh step)."""
FIN_SENT = frozenset({State.FIN_WAIT_1, State.CLOSING, State.LAST_ACK})
"""Our FIN is on its way and not acknowledged."""
