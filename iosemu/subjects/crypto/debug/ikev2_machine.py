"""`debug crypto ikev2 internal`: the states that an IKE SA passes, and what it does in them."""

from __future__ import annotations

from iosemu.ikev2.events import SaSnapshot, Step, Told
from iosemu.ikev2.sa import Role, State

STATES = {
    (State.INIT_SENT, Role.INITIATOR): "I_WAIT_INIT",
    (State.AUTH_SENT, Role.INITIATOR): "I_WAIT_AUTH",
    (State.INIT_RECEIVED, Role.RESPONDER): "R_WAIT_AUTH",
}
"""The states of a negotiation, by role; the others have one name for both."""
OTHERS = {State.READY: "READY", State.REKEYED: "READY", State.CLOSING: "DELETE", State.GONE: "EXIT"}
EVENTS = {
    Step.INIT_BEGUN: "EV_INIT_SA",
    Step.OFFERED: "EV_BLD_MSG",
    Step.INIT_VERIFIED: "EV_VERIFY_MSG",
    Step.NAT_CHECKED: "EV_CHK_NAT_T",
    Step.KEYS_MADE: "EV_GEN_SKEYID",
    Step.INIT_DONE: "EV_COMPLETED_INIT",
    Step.KEY_SEARCH: "EV_GET_PRESHR_KEY",
    Step.AUTH_MADE: "EV_GEN_AUTH",
    Step.SIGNED: "EV_GEN_AUTH",
    Step.PEER_IDENTIFIED: "EV_RECV_AUTH",
    Step.PROFILE_FOUND: "EV_GET_POLICY_BY_PEERID",
    Step.AUTH_PASSED: "EV_VERIFY_AUTH",
    Step.SIGNATURE_PASSED: "EV_VERIFY_AUTH",
    Step.AUTH_FAILED: "EV_AUTH_FAIL",
    Step.ESTABLISHED: "EV_INSERT_IKE",
    Step.CHILD_DONE: "EV_LOAD_IPSEC",
    Step.CHILD_BEGUN: "EV_INIT_CREATE_CHILD",
    Step.CHILD_REFUSED: "EV_NO_PROP_CHOSEN",
    Step.CHILD_REKEY_BEGUN: "EV_REKEY_IPSEC",
    Step.IKE_REKEY_BEGUN: "EV_REKEY_IKE",
    Step.LIVENESS_SENT: "EV_SEND_DPD",
    Step.LIVENESS_RECEIVED: "EV_RECV_INFO_REQ",
    Step.DELETING_CHILD: "EV_DELETE_IPSEC",
    Step.DELETING_SA: "EV_DELETE",
    Step.DELETE_RECEIVED: "EV_RECV_DEL",
    Step.CHILD_DELETE_RECEIVED: "EV_RECV_DEL",
    Step.ACKNOWLEDGED: "EV_RECV_INFO_ACK",
    Step.RETRANSMITTING: "EV_RE_XMT",
    Step.RETRANSMISSIONS_OVER: "EV_RE_XMT_EXCEED",
    Step.FAILED: "EV_FAIL",
    Step.DELETED: "EV_FREE_SA",
}


def trace_line(event: Told, sa: SaSnapshot) -> str | None:
    """The line of a step; None for one that is no event of the state machine."""
    name = EVENTS.get(event.step)
    if name is None:
        return None
    state = STATES.get((sa.state, sa.role)) or OTHERS.get(sa.state, "IDLE")
    spis = f"I_SPI={sa.spi_i.hex().upper()} R_SPI={sa.spi_r.hex().upper()}"
    role = "I" if sa.role is Role.INITIATOR else "R"
    return f"SM Trace-> SA: {spis} ({role}) MsgID = {sa.message_id:08X} CurState: {state} Event: {name}"
