"""Two engines over a fake link: everything that may happen between two routers."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from ike_pair import AES_SHA, LAN_A, LAN_B, A, B, Pair, policy

from iosemu.ike import events, trace
from iosemu.ike.admission import AdmissionLimits, Denial
from iosemu.ike.engine import Engine
from iosemu.ike.header import Header, NotifyType
from iosemu.ike.proposals import Mismatch
from iosemu.ike.retransmit import SETTLING
from iosemu.ike.types import (
    AhSuite,
    AhTransform,
    AuthAlgorithm,
    Authentication,
    Datagram,
    Encapsulation,
    Encryption,
    Endpoint,
    EspSuite,
    EspTransform,
    Hash,
    Phase2Proposal,
    ProtocolId,
    Refusal,
)


def agree(pair: Pair) -> None:
    one, two = pair.children()
    assert one.inbound == two.outbound
    assert one.outbound == two.inbound
    assert one.proposal == two.proposal
    assert (one.lifetime_seconds, one.lifetime_kilobytes) == (two.lifetime_seconds, two.lifetime_kilobytes)


def test_main_and_quick_mode(pair: Pair) -> None:
    pair.initiate()
    for side in (pair.r1, pair.r2):
        assert side.table() == [("QM_IDLE", 1001, "ACTIVE")]
        assert (side.sa.initiator, side.sa.responder) == (A, B)
        assert side.sa.remaining(pair.now) == 86400
        assert not side.of(events.BadMessage)
    agree(pair)
    assert len(pair.wire) == 9
    assert len(pair.r2.of(events.ChildConfirmed)) == 1
    assert pair.r1.of(trace.InitialContactSent)
    assert pair.r2.of(events.InitialContact)


def test_states_and_fsm_are_those_of_debug(pair: Pair) -> None:
    pair.initiate()
    sent = [(e.sa.role.value, e.sa.state.value) for e in pair.r1.of(trace.PacketSent)][:3]
    assert sent == [("I", "MM_NO_STATE"), ("I", "MM_SA_SETUP"), ("I", "MM_KEY_EXCH")]
    sent = [(e.sa.role.value, e.sa.state.value) for e in pair.r2.of(trace.PacketSent)][:3]
    assert sent == [("R", "MM_SA_SETUP"), ("R", "MM_KEY_EXCH"), ("R", "MM_KEY_EXCH")]
    changes = [(e.minor, e.old, e.new) for e in pair.r1.of(trace.StateChange) if e.node is None]
    assert changes == [
        ("IKE_SA_REQ_MM", "IKE_READY", "IKE_I_MM1"),
        ("IKE_MM_EXCH", "IKE_I_MM1", "IKE_I_MM2"),
        ("IKE_PROCESS_MAIN_MODE", "IKE_I_MM2", "IKE_I_MM2"),
        ("IKE_PROCESS_COMPLETE", "IKE_I_MM2", "IKE_I_MM3"),
        ("IKE_MM_EXCH", "IKE_I_MM3", "IKE_I_MM4"),
        ("IKE_PROCESS_MAIN_MODE", "IKE_I_MM4", "IKE_I_MM4"),
        ("IKE_PROCESS_COMPLETE", "IKE_I_MM4", "IKE_I_MM5"),
        ("IKE_MM_EXCH", "IKE_I_MM5", "IKE_I_MM6"),
        ("IKE_PROCESS_MAIN_MODE", "IKE_I_MM6", "IKE_I_MM6"),
        ("IKE_PROCESS_COMPLETE", "IKE_I_MM6", "IKE_P1_COMPLETE"),
        ("IKE_PHASE1_COMPLETE", "IKE_P1_COMPLETE", "IKE_P1_COMPLETE"),
    ]
    nodes = [(e.minor, e.new) for e in pair.r2.of(trace.StateChange) if e.node is not None]
    assert nodes[-2:] == [("IPSEC_INSTALL_DONE", "IKE_QM_R_QM2"), ("IKE_QM_EXCH", "IKE_QM_PHASE2_COMPLETE")]


@pytest.mark.parametrize("group", [1, 2, 5, 14, 15, 16, 19, 20, 21, 24])
def test_groups(pair: Pair, group: int) -> None:
    for side in (pair.r1, pair.r2):
        side.configuration.suites = [policy(group=group)]
    pair.initiate()
    agree(pair)


@pytest.mark.parametrize(("encryption", "bits"), [(1, 0), (5, 0), (7, 128), (7, 192), (7, 256)])
@pytest.mark.parametrize("hash_", list(Hash))
def test_ciphers_and_hashes(pair: Pair, encryption: int, bits: int, hash_: Hash) -> None:
    suite = policy(encryption=Encryption(encryption), key_bits=bits, hash=hash_)
    pair.r1.configuration.suites = pair.r2.configuration.suites = [suite]
    pair.initiate()
    agree(pair)


@pytest.mark.parametrize(
    "proposal",
    [
        Phase2Proposal(EspSuite(EspTransform.DES, 0, AuthAlgorithm.HMAC_MD5)),
        Phase2Proposal(EspSuite(EspTransform.NULL, 0, AuthAlgorithm.HMAC_SHA512)),
        Phase2Proposal(EspSuite(EspTransform.AES_GCM_16, 256, AuthAlgorithm.NONE)),
        Phase2Proposal(EspSuite(EspTransform.AES_GMAC, 128, AuthAlgorithm.NONE)),
        Phase2Proposal(None, AhSuite(AhTransform.SHA256)),
        Phase2Proposal(EspSuite(EspTransform.TRIPLE_DES, 0, AuthAlgorithm.NONE), AhSuite(AhTransform.MD5)),
        replace(AES_SHA, encapsulation=Encapsulation.TRANSPORT),
    ],
)
def test_proposals(pair: Pair, proposal: Phase2Proposal) -> None:
    pair.r2.configuration.proposals = (proposal,)
    pair.initiate(proposals=(proposal,))
    agree(pair)
    one, _ = pair.children()
    assert one.proposal == proposal
    assert len(one.inbound) == (2 if proposal.ah and proposal.esp else 1)


def test_second_transform_set_is_taken(pair: Pair) -> None:
    other = Phase2Proposal(EspSuite(EspTransform.TRIPLE_DES, 0, AuthAlgorithm.HMAC_MD5))
    pair.initiate(proposals=(other, AES_SHA))
    agree(pair)
    assert pair.children()[0].proposal == AES_SHA


@pytest.mark.parametrize("group", [1, 2, 14, 19])
def test_pfs(pair: Pair, group: int) -> None:
    pair.r2.configuration.pfs = group
    pair.initiate(pfs_group=group)
    agree(pair)
    assert pair.children()[0].pfs_group == group


def test_pfs_only_on_the_initiator_is_accepted(pair: Pair) -> None:
    pair.initiate(pfs_group=2)
    agree(pair)


def test_smaller_lifetimes_win(pair: Pair) -> None:
    pair.r1.configuration.suites = [policy(lifetime=86400)]
    pair.r2.configuration.suites = [policy(lifetime=600)]
    pair.r2.configuration.lifetime = (1200, 2560)
    pair.initiate()
    agree(pair)
    one, _ = pair.children()
    assert (one.lifetime_seconds, one.lifetime_kilobytes) == (1200, 2560)
    assert pair.r1.sa.lifetime == pair.r2.sa.lifetime == 600


def test_policy_is_chosen_by_the_responders_priority(pair: Pair) -> None:
    weak, strong = policy(10, encryption=Encryption.DES, key_bits=0), policy(20)
    pair.r1.configuration.suites = [weak, strong]
    pair.r2.configuration.suites = [replace(strong, priority=1), replace(weak, priority=2)]
    pair.initiate()
    assert pair.r1.sa.policy == strong
    checks = [(e.transform, e.policy.priority, e.mismatch) for e in pair.r2.of(trace.PolicyCheck)]
    assert checks == [(1, 1, Mismatch.ENCRYPTION), (2, 1, None)]
    agree(pair)


def test_peer_unreachable(pair: Pair) -> None:
    pair.filter = lambda datagram: None
    pair.initiate()
    assert pair.r1.table() == [("MM_NO_STATE", 0, "ACTIVE")]
    pair.advance(59.9)
    assert pair.r1.table() == [("MM_NO_STATE", 0, "ACTIVE")]
    assert [e.time for e in pair.r1.of(trace.PacketSent)] == [0, 10, 20, 30, 40, 50]
    pair.advance(0.2)
    assert pair.r1.table() == [("MM_NO_STATE", 0, "ACTIVE (deleted)")]
    assert pair.r1.of(events.PhaseOneDeleted)[0].reason == "Death by retransmission P1"
    assert pair.r1.of(events.RequestFailed)[0].request.tag == "map 10"
    pair.initiate()
    assert pair.r1.table() == [("MM_NO_STATE", 0, "ACTIVE (deleted)"), ("MM_NO_STATE", 0, "ACTIVE")]
    pair.advance(60)
    assert len(pair.r1.engine.sas) == 1


@pytest.mark.parametrize(
    ("change", "mismatch"),
    [
        ({"encryption": Encryption.TRIPLE_DES, "key_bits": 0}, Mismatch.ENCRYPTION),
        ({"hash": Hash.MD5}, Mismatch.HASH),
        ({"group": 5}, Mismatch.GROUP),
        ({"key_bits": 128}, Mismatch.KEY_LENGTH),
        ({"authentication": Authentication.RSA_SIG}, Mismatch.AUTHENTICATION),
    ],
)
def test_policy_mismatch(pair: Pair, change: dict[str, object], mismatch: Mismatch) -> None:
    pair.r2.configuration.suites = [policy(**change)]
    pair.initiate()
    assert [e.mismatch for e in pair.r2.of(trace.PolicyCheck)] == [mismatch]
    assert pair.r2.of(trace.OfferRefused)[0].phase == 1
    assert pair.r2.table() == [("MM_NO_STATE", 0, "ACTIVE (deleted)")]
    assert pair.r1.table() == [("MM_NO_STATE", 0, "ACTIVE")]
    assert pair.r1.of(events.ModeFailure)[0].mode == "Informational"
    (notify,) = pair.r1.of(trace.NotifyReceived)
    assert notify.type == NotifyType.NO_PROPOSAL_CHOSEN
    assert not notify.authenticated
    pair.advance(60)
    assert pair.r1.table() == [("MM_NO_STATE", 0, "ACTIVE (deleted)")]


def test_no_key_at_the_initiator(pair: Pair) -> None:
    pair.r1.configuration.key = None
    pair.initiate()
    assert not pair.wire
    assert pair.r1.table() == []
    assert not pair.r1.of(trace.KeyLookup)[0].found
    assert pair.r1.of(events.RequestFailed)


def test_no_key_at_the_responder(pair: Pair) -> None:
    pair.r2.configuration.key = None
    pair.initiate()
    assert pair.r2.of(trace.PolicyCheck)[0].mismatch is Mismatch.NO_KEY
    assert pair.r1.table() == [("MM_NO_STATE", 0, "ACTIVE")]


def test_wrong_key_stalls_in_key_exchange(pair: Pair) -> None:
    pair.r2.configuration.key = b"OTHER"
    pair.initiate()
    for side in (pair.r1, pair.r2):
        assert side.table() == [("MM_KEY_EXCH", 1001, "ACTIVE")]
    (bad,) = pair.r2.of(events.BadMessage)
    assert bad.peer == Endpoint(A)
    assert pair.r2.sa.fsm == "IKE_R_MM5"
    pair.advance(30)
    assert pair.r1.table() == [("MM_KEY_EXCH", 1001, "ACTIVE")]
    assert len(pair.r2.of(events.BadMessage)) > 2
    pair.advance(30)
    for side in (pair.r1, pair.r2):
        assert side.table() == [("MM_NO_STATE", 1001, "ACTIVE (deleted)")]
        assert side.sa.delete_reason == "Death by retransmission P1"
    pair.initiate()
    assert pair.r1.table()[-1] == ("MM_KEY_EXCH", 1002, "ACTIVE")
    assert pair.r1.table()[0] == ("MM_NO_STATE", 1001, "ACTIVE (deleted)")


@pytest.mark.parametrize(
    ("spoil", "refusal"),
    [
        ("transform", Refusal.TRANSFORM_MISMATCH),
        ("proxy", Refusal.PROXY_MISMATCH),
        ("pfs", Refusal.PFS_MISMATCH),
        ("mode", Refusal.TRANSFORM_MISMATCH),
    ],
)
def test_quick_mode_refused(pair: Pair, spoil: str, refusal: Refusal) -> None:
    changes: dict[str, object] = {}
    if spoil == "transform":
        changes["proposals"] = (Phase2Proposal(EspSuite(EspTransform.DES, 0, AuthAlgorithm.HMAC_SHA)),)
    elif spoil == "mode":
        changes["proposals"] = (replace(AES_SHA, encapsulation=Encapsulation.TRANSPORT),)
    elif spoil == "proxy":
        changes["local_selector"] = LAN_B
    else:
        pair.r2.configuration.pfs = 2
    pair.initiate(**changes)
    assert pair.r2.of(trace.ProposalRefused)[0].refusal is refusal
    for side in (pair.r1, pair.r2):
        assert side.table() == [("QM_IDLE", 1001, "ACTIVE")]
        assert not side.of(events.ChildUp)
    (failed,) = pair.r1.of(events.RequestFailed)
    assert failed.refusal == NotifyType.NO_PROPOSAL_CHOSEN
    assert any(e.reason == "Delete Larval" and e.error for e in pair.r1.of(trace.NodeDeleted))
    assert any(e.reason == "QM rejected" for e in pair.r2.of(trace.NodeDeleted))
    pair.initiate(**changes)
    assert len(pair.r1.of(events.RequestFailed)) == 2


def test_every_single_loss_is_repaired() -> None:
    for lost in range(9):
        pair = Pair()

        def drop(datagram: object, pair: Pair = pair, lost: int = lost) -> object:
            return None if len(pair.wire) == lost + 1 else datagram

        pair.filter = drop  # type: ignore[assignment]
        pair.initiate()
        pair.advance(25)
        agree(pair)
        assert len(pair.r2.of(events.ChildConfirmed)) == 1, lost
        for side in (pair.r1, pair.r2):
            assert side.table() == [("QM_IDLE", 1001, "ACTIVE")], lost
            assert not side.of(events.RequestFailed)


def test_lost_quick_mode_kills_the_sa(pair: Pair) -> None:
    pair.initiate()
    pair.filter = lambda datagram: None
    pair.initiate()
    pair.advance(61)
    assert pair.r1.sa.delete_reason == "Death by retransmission P2"
    (failed,) = pair.r1.of(events.RequestFailed)
    assert failed.reason == "Phase 2 err count exceeded"


def test_requests_queue_and_are_not_repeated(pair: Pair) -> None:
    held = []
    pair.filter = lambda datagram: held.append(datagram)
    pair.initiate()
    pair.initiate()
    assert not pair.r1.of(trace.RequestAttached)
    pair.initiate(local_selector=LAN_B, remote_selector=LAN_A)
    assert len(pair.r1.of(trace.RequestAttached)) == 1
    pair.r2.configuration.flows.append((LAN_A, LAN_B))
    pair.filter = lambda datagram: datagram
    pair.advance(10)
    assert len(pair.r1.of(events.ChildUp)) == len(pair.r2.of(events.ChildUp)) == 2


def test_rekey_uses_the_sa_that_is_there(pair: Pair) -> None:
    pair.initiate()
    pair.advance(3570)
    pair.initiate()
    first, second = (event.child for event in pair.r1.of(events.ChildUp))
    assert first.conn_id == second.conn_id == 1001
    assert first.inbound[0].spi != second.inbound[0].spi
    assert len(pair.wire) == 12


def test_rekey_from_the_responder(pair: Pair) -> None:
    pair.initiate()
    pair.r2.engine.initiate(pair.back(), pair.now)
    pair.settle()
    assert len(pair.r1.engine.sas) == 1
    assert len(pair.r1.of(events.ChildUp)) == 2
    assert pair.r2.of(events.ChildUp)[1].child.initiator


def test_simultaneous_initiation(pair: Pair) -> None:
    pair.r1.engine.initiate(pair.request(), 0.0)
    pair.r2.engine.initiate(pair.back(), 0.0)
    pair.settle()
    for side in (pair.r1, pair.r2):
        assert [sa.status for sa in side.engine.sas if sa.up] == ["ACTIVE"] * 2
        assert len(side.of(events.ChildUp)) == 2


def test_delete_sa_tells_the_peer(pair: Pair) -> None:
    pair.initiate()
    assert pair.r1.engine.delete_sa(pair.now, conn_id=1001) == 1
    pair.settle()
    for side in (pair.r1, pair.r2):
        assert side.table() == [("MM_NO_STATE", 1001, "ACTIVE (deleted)")]
    pair.advance(60)
    assert not pair.r1.engine.sas
    assert not pair.r2.engine.sas
    pair.initiate()
    assert pair.r1.sa.conn_id == 1002


def test_delete_child_tells_the_peer(pair: Pair) -> None:
    pair.initiate()
    one, _ = pair.children()
    spi = one.inbound[0].spi
    assert pair.r1.engine.delete_child(A, B, ProtocolId.ESP, [spi], pair.now)
    pair.settle()
    (deleted,) = pair.r2.of(events.ChildDeleted)
    assert (deleted.protocol, deleted.spis) == (3, (spi,))
    pair.r1.engine.drop(pair.now, A)
    assert not pair.r1.engine.delete_child(A, B, ProtocolId.ESP, [spi], pair.now)
    pair.settle()
    assert pair.r1.of(trace.DeleteNotSent)
    assert pair.r2.sa.up


def test_lifetime_expiry_and_renewal(pair: Pair) -> None:
    pair.r1.configuration.suites = [policy(lifetime=600)]
    pair.initiate()
    pair.advance(599)
    assert pair.r1.sa.up
    pair.advance(2)
    for side in (pair.r1, pair.r2):
        assert side.table() == [("MM_NO_STATE", 1001, "ACTIVE (deleted)")]
    assert pair.r1.of(trace.LifetimeExpired)
    pair.r1.configuration.children = True
    pair.initiate()
    assert pair.r1.table()[1] == ("QM_IDLE", 1002, "ACTIVE")
    assert len(pair.r1.of(trace.InitialContactSent)) == 1


def test_initial_contact_replaces_what_a_rebooted_peer_forgot(pair: Pair) -> None:
    pair.initiate()
    pair.advance(5)
    pair.r1.engine.drop(pair.now, A)
    pair.initiate()
    assert pair.r2.table() == [("MM_NO_STATE", 1001, "ACTIVE (deleted)"), ("QM_IDLE", 1002, "ACTIVE")]


def test_message_for_an_unknown_sa(pair: Pair) -> None:
    pair.initiate()
    pair.r2.engine.drop(pair.now, B)
    pair.advance(61)
    pair.initiate()
    assert pair.r2.of(events.NoSa)


def test_periodic_dpd(pair: Pair) -> None:
    pair.r1.configuration.dpd = (10, 2, True)
    pair.initiate()
    pair.advance(35)
    assert [e.time for e in pair.r1.of(trace.DpdSent)] == [10, 20, 30]
    pair.filter = lambda datagram: None
    pair.advance(30)
    assert [e.time for e in pair.r1.of(trace.DpdSent)][3:] == [40, 42, 44, 46, 48, 50]
    (dead,) = pair.r1.of(events.PeerDead)
    assert dead.time == 52
    assert pair.r1.sa.delete_reason == "P1 errcounter exceeded (PEERS_ALIVE_TIMER)"


def test_dpd_on_demand(pair: Pair) -> None:
    pair.r1.configuration.dpd = (10, 3, False)
    pair.initiate()
    pair.advance(100)
    assert not pair.r1.of(trace.DpdSent)
    pair.r1.engine.traffic_received(B, pair.now)
    pair.r1.engine.traffic_sent(B, pair.now + 1)
    pair.settle()
    assert not pair.r1.of(trace.DpdSent)
    pair.advance(20)
    pair.r1.engine.traffic_sent(B, pair.now)
    pair.settle()
    assert len(pair.r1.of(trace.DpdSent)) == 1
    pair.advance(50)
    assert len(pair.r1.of(trace.DpdSent)) == 1
    assert pair.r1.sa.up


def test_invalid_spi_is_told(pair: Pair) -> None:
    pair.initiate()
    assert pair.r2.engine.invalid_spi(B, A, ProtocolId.ESP, 0x12345678, pair.now)
    pair.settle()
    (told,) = pair.r1.of(events.InvalidSpi)
    assert (told.spi, told.authenticated) == (0x12345678, True)


def through_nat(pair: Pair) -> None:
    outside = {500: 1024, 4500: 4501}
    inside = {outer: inner for inner, outer in outside.items()}

    def translate(datagram: object) -> object:
        source, destination = datagram.source, datagram.destination
        if source.address == A:
            return replace(datagram, source=Endpoint(NAT, outside[source.port]))
        return replace(datagram, destination=Endpoint(A, inside[destination.port]))

    pair.filter = translate  # type: ignore[assignment]


NAT = A.__class__("203.0.113.9")


@pytest.mark.parametrize("aggressive", [False, True])
def test_nat_traversal(pair: Pair, aggressive: bool) -> None:
    through_nat(pair)
    pair.r1.configuration.nat_interval = 20
    pair.initiate(aggressive=aggressive)
    pair.advance(0.1)
    one, two = pair.children()
    assert one.proposal.encapsulation is Encapsulation.UDP_TUNNEL
    assert pair.r1.sa.nat.local
    assert not pair.r1.sa.nat.peer
    assert pair.r2.sa.nat.peer
    assert (one.local, one.peer) == (Endpoint(A, 4500), Endpoint(B, 4500))
    assert (two.local, two.peer) == (Endpoint(B, 4500), Endpoint(NAT, 4501))
    assert [key.encryption_key for key in one.inbound] == [key.encryption_key for key in two.outbound]
    before = len(pair.wire)
    pair.advance(45)
    assert [datagram.data for datagram in pair.wire[before:]] == [b"\xff"] * 2


def test_nat_traversal_off(pair: Pair) -> None:
    through_nat(pair)
    pair.r2.configuration.nat = False
    pair.initiate()
    assert pair.children()[0].proposal.encapsulation is Encapsulation.TUNNEL
    assert pair.r1.sa.peer.port == 500


def test_aggressive_mode(pair: Pair) -> None:
    pair.initiate(aggressive=True)
    assert len(pair.wire) == 3, "the peer has a moment to take the last message of phase 1"
    assert pair.r1.engine.next_timer() == SETTLING
    pair.advance(0.1)
    agree(pair)
    assert len(pair.wire) == 6
    assert [Header.parse(datagram.data).exchange for datagram in pair.wire[:3]] == [4, 4, 4]
    assert pair.r2.of(events.PhaseOneUp)


def test_aggressive_mode_repairs_losses() -> None:
    for lost in range(6):
        pair = Pair()

        def drop(datagram: object, pair: Pair = pair, lost: int = lost) -> object:
            return None if len(pair.wire) == lost + 1 else datagram

        pair.filter = drop  # type: ignore[assignment]
        pair.initiate(aggressive=True)
        pair.advance(45)
        assert pair.r1.of(events.ChildUp), lost
        assert pair.r2.of(events.ChildConfirmed), lost


def test_aggressive_mode_with_a_wrong_key(pair: Pair) -> None:
    pair.r2.configuration.key = b"OTHER"
    pair.initiate(aggressive=True)
    assert pair.r1.of(events.BadMessage)[0].notify == NotifyType.AUTHENTICATION_FAILED
    assert pair.r1.table() == [("AG_INIT_EXCH", 1001, "ACTIVE")]
    pair.advance(70)
    assert pair.r1.sa.deleted
    assert pair.r2.sa.deleted


def test_aggressive_mode_disabled(pair: Pair) -> None:
    pair.r2.configuration.aggressive = False
    pair.initiate(aggressive=True)
    assert not pair.r2.engine.sas
    assert pair.r2.of(events.ModeFailure)[0].mode == "Aggressive"


def test_aggressive_mode_disabled_binds_the_initiator(pair: Pair) -> None:
    pair.r1.configuration.aggressive = False
    pair.initiate(aggressive=True)
    assert not pair.wire
    assert not pair.r1.engine.sas
    assert pair.r1.of(events.ModeFailure)[0].mode == "Aggressive"
    assert len(pair.r1.of(events.RequestFailed)) == 1


def test_a_request_is_asked_again(pair: Pair) -> None:
    pair.filter = lambda datagram: None
    pair.initiate()
    pair.r1.engine.initiate(pair.request(), 30.0, repeats=1)
    pair.settle()
    (repeated,) = pair.r1.of(trace.RequestRepeated)
    assert (repeated.count, repeated.sa.number) == (1, 1)
    assert len(pair.r1.of(trace.Requested)) == 1, "phase 1 has it already"
    pair.advance(61)
    pair.r1.engine.initiate(pair.request(), 70.0, repeats=2)
    pair.settle()
    assert pair.r1.of(trace.RequestRepeated)[1].sa is None
    assert len(pair.r1.of(trace.Requested)) == 2


def test_spis_of_what_was_never_made_are_given_back(pair: Pair) -> None:
    pair.initiate()
    pair.filter = lambda datagram: None
    pair.initiate(local_selector=LAN_B)
    taken = set(pair.r1.engine._machine._spis)
    assert len(taken) == 2
    pair.r1.engine.delete_sa(pair.now)
    assert len(pair.r1.engine._machine._spis) == 1


def earliest(engine: Engine) -> float | None:
    """The next timer, found by looking at everything."""
    times: list[float | None] = []
    for sa in engine.sas:
        times += [sa.expires, sa.purge_at, sa.quick_at, sa.dpd_next, sa.nat_keepalive_at]
        waiting = [sa.exchange.retransmission]
        for node in sa.nodes.values():
            times.append(node.purge_at)
            waiting.append(node.retransmission)
        times += [each.at for each in waiting if each is not None]
    return min((time for time in times if time is not None), default=None)


@pytest.mark.parametrize("aggressive", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_no_timer_is_forgotten(seed: int, aggressive: bool) -> None:
    chance = Random(seed)
    pair = Pair(seed)
    for side in (pair.r1, pair.r2):
        side.configuration.dpd = (10, 2, True)
        side.configuration.suites = [policy(group=1, lifetime=300)]
    pair.filter = lambda datagram: None if chance.random() < 0.2 else datagram
    for _ in range(60):
        match chance.randrange(4):
            case 0:
                pair.initiate(aggressive=aggressive)
            case 1:
                pair.r2.engine.initiate(pair.back(aggressive=aggressive), pair.now)
                pair.settle()
            case 2:
                pair.r1.engine.traffic_received(B, pair.now)
            case _:
                if chance.random() < 0.1:
                    pair.r2.engine.delete_sa(pair.now)
                    pair.settle()
        for side in (pair.r1, pair.r2):
            assert side.engine.next_timer() == earliest(side.engine)
        pair.advance(chance.choice([0.01, 1, 7, 31]))
        for side in (pair.r1, pair.r2):
            assert side.engine.next_timer() == earliest(side.engine)


def offers(pair: Pair, count: int) -> list[Datagram]:
    """First messages of as many initiators that will never answer."""
    pair.initiate()
    first = pair.wire[0]
    return [
        replace(
            first,
            source=Endpoint(A.__class__(0x0B000000 + number)),
            data=number.to_bytes(8, "big") + first.data[8:],
        )
        for number in range(1, count + 1)
    ]


def test_half_open_sas_are_limited_and_given_back(pair: Pair) -> None:
    spoofed = offers(pair, 1200)
    engine = pair.r2.engine
    pair.r2.configuration.limits = AdmissionLimits(negotiating=1000)
    pair.r2.log.clear()
    for datagram in spoofed:
        engine.receive(datagram.data, datagram.destination, datagram.source, pair.now)
    pair.settle()
    assert engine.sas.negotiating == 1000
    denied = pair.r2.of(events.SaDenied)
    assert len(denied) == 200
    assert denied[0].incoming
    assert denied[0].denial is Denial.NEGOTIATING_LIMIT
    assert (engine.admissions.incoming.asked, engine.admissions.incoming.denied) == (1201, 200)
    assert sum(sa.up for sa in engine.sas) == 1, "the tunnel stands"
    pair.advance(130)
    assert len(engine.sas) == 1
    assert engine.sas.negotiating == 0
    assert len(engine._machine.agenda) <= 2


def test_the_dead_are_limited(pair: Pair) -> None:
    spoofed = offers(pair, 1100)
    engine = pair.r2.engine
    pair.r2.configuration.key = None
    for datagram in spoofed:
        engine.receive(datagram.data, datagram.destination, datagram.source, pair.now)
    assert len(engine.sas) == 1001
    pair.settle()
    pair.advance(61)
    assert len(engine.sas) == 1


def test_established_sas_are_limited(pair: Pair) -> None:
    pair.r1.configuration.limits = pair.r2.configuration.limits = AdmissionLimits(sas=1)
    pair.initiate()
    agree(pair)
    other = A.__class__("10.0.10.30")
    pair.r1.engine.initiate(pair.request(peer=other), pair.now)
    pair.settle()
    (denied,) = pair.r1.of(events.SaDenied)
    assert (denied.incoming, denied.denial) == (False, Denial.SA_LIMIT)
    assert len(pair.r1.of(events.RequestFailed)) == 1


def test_two_hundred_spokes() -> None:
    hub = Pair().r2
    spokes = [Pair(seed).r1 for seed in range(200)]
    hub.configuration.suites = [policy(group=1)]
    for number, spoke in enumerate(spokes):
        address = A.__class__(f"10.9.{number}.1")
        spoke.configuration.suites = [policy(group=1)]
        spoke.engine.initiate(replace(Pair().request(), local=address), 0.0)
    ends = {A.__class__(f"10.9.{number}.1"): spoke for number, spoke in enumerate(spokes)}
    ends[B] = hub
    for _ in range(12):
        for side in ends.values():
            for datagram in side.engine.datagrams():
                target = ends[datagram.destination.address]
                target.engine.receive(datagram.data, datagram.destination, datagram.source, 0.0)
    assert sum(sa.up for sa in hub.engine.sas) == 200
    assert sum(isinstance(event, events.ChildConfirmed) for event in hub.engine.events()) == 200
