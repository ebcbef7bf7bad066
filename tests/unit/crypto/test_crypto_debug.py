"""Debug lines: success and failures, in the forms of several releases."""

import pytest
from crypto_vpn import Vpn
from typed import configure

from iosemu.box.system import SystemConfig
from iosemu.handling.context import Context
from iosemu.ip.stack import IpStack
from iosemu.subjects.crypto.commands import debug as crypto_debug
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig, PolicyEncryption
from iosemu.subjects.crypto.debug.line import Kind, Line, mainline, modern, technology
from iosemu.subjects.crypto.debug.reporter import Debug
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.debugging import commands as debugging


def debugged(image: str = "15.1") -> Vpn:
    vpn = Vpn(image)
    for router in (vpn.a, vpn.b):
        for subject in ("isakmp", "ipsec", "engine"):
            crypto_debug.debug(Context(router, None, None), subject)
    return vpn


def in_order(log: list[str], *wanted: str) -> None:
    """The lines stand in the log in this order, others between them."""
    at = 0
    for line in wanted:
        assert line in log[at:], f"{line!r} is not after line {at}:\n" + "\n".join(log[at:])
        at = log.index(line, at) + 1


def test_a_negotiation_of_the_initiator():
    vpn = debugged().up()
    in_order(
        vpn.log(vpn.a),
        "IPSEC(sa_request): ,",
        "  (key eng. msg.) OUTBOUND local= 10.0.10.10:500, remote= 10.0.10.20:500,",
        "    local_proxy= 192.168.1.0/255.255.255.0/256/0,",
        "ISAKMP: Created a peer struct for 10.0.10.20, peer port 500",
        "ISAKMP: local port 500, remote port 500",
        "ISAKMP:(0):found peer pre-shared key matching 10.0.10.20",
        "ISAKMP:(0): constructed NAT-T vendor-rfc3947 ID",
        "ISAKMP:(0): constructed NAT-T vendor-02 ID",
        "ISAKMP:(0):Old State = IKE_READY  New State = IKE_I_MM1 ",
        "ISAKMP:(0): beginning Main Mode exchange",
        "ISAKMP:(0): sending packet to 10.0.10.20 my_port 500 peer_port 500 (I) MM_NO_STATE",
        "ISAKMP (0:0): received packet from 10.0.10.20 dport 500 sport 500 Global (I) MM_NO_STATE",
        "ISAKMP:(0): processing SA payload. message ID = 0",
        "ISAKMP:(0): vendor ID is NAT-T RFC 3947",
        "ISAKMP : Scanning profiles for xauth ...",
        "ISAKMP:      life duration (VPI) of  0x0 0x1 0x51 0x80 ",
        "ISAKMP:(0):atts are acceptable. Next payload is 0",
        "ISAKMP:(0):Returning Actual lifetime: 86400",
        "ISAKMP:(0):Old State = IKE_I_MM2  New State = IKE_I_MM3 ",
        "crypto_engine: Create DH shared secret",
        "ISAKMP:(1001): speaking to another IOS box!",
        "ISAKMP:received payload type 20",
        "ISAKMP (0:1001): No NAT Found for self or peer",
        "ISAKMP:(1001):Send initial contact",
        "ISAKMP (0:1001): ID payload ",
        "crypto_engine: Encrypt IKE packet",
        "ISAKMP:(0):: peer matches *none* of the profiles",
        "ISAKMP:(1001):SA has been authenticated with 10.0.10.20",
        "ISAKMP:(1001):Old State = IKE_I_MM6  New State = IKE_P1_COMPLETE ",
        "ISAKMP:(1001):QM Initiator gets spi",
        "ISAKMP:(1001): sending packet to 10.0.10.20 my_port 500 peer_port 500 (I) QM_IDLE      ",
        "ISAKMP:(1001):atts are acceptable.",
        "ISAKMP:(1001): Creating IPSec SAs",
        "IPSEC(crypto_ipsec_create_ipsec_sas): Map found CMAP, 10",
        "IPSEC(create_sa): sa created,",
        "crypto_engine: Create IPSec SA (by keys)",
        "ISAKMP:(1001):Old State = IKE_QM_IPSEC_INSTALL_AWAIT  New State = IKE_QM_PHASE2_COMPLETE",
    )


def test_a_negotiation_of_the_responder():
    vpn = debugged("12.4").up()
    in_order(
        vpn.log(vpn.b),
        "ISAKMP (0:0): received packet from 10.0.10.10 dport 500 sport 500 Global (N) NEW SA",
        "ISAKMP:(0):Old State = IKE_READY  New State = IKE_R_MM1 ",
        "ISAKMP:(0):Checking ISAKMP transform 1 against priority 10 policy",
        "ISAKMP:(0):Old State = IKE_R_MM2  New State = IKE_R_MM3 ",
        "ISAKMP:(1001): vendor ID is DPD",
        "ISAKMP:(1001):Process initial contact,",
        "ISAKMP:(1001):Old State = IKE_R_MM5  New State = IKE_P1_COMPLETE ",
        "IPSEC(validate_proposal_request): proposal part #1,",
        "  (key eng. msg.) INBOUND local= 10.0.10.20, remote= 10.0.10.10,",
        "    local_proxy= 192.168.2.0/255.255.255.0/0/0 (type=4),",
        "(ipsec_process_proposal)Map Accepted: CMAP, 10",
        "ISAKMP:(1001):QM Responder gets spi",
        "IPSEC(key_engine_enable_outbound): rec'd enable notify from ISAKMP",
    )


def test_the_first_differing_attribute_is_named():
    vpn = debugged()
    vpn.b.config.of(IsakmpConfig).policies[10].encryption = PolicyEncryption.DES
    vpn.apply()
    vpn.ping(1)
    in_order(
        vpn.log(vpn.b),
        "ISAKMP:(0):Encryption algorithm offered does not match policy!",
        "ISAKMP:(0):atts are not acceptable. Next payload is 0",
        "ISAKMP:(0):no offers accepted!",
        "ISAKMP:(0): phase 1 SA policy not acceptable! (local 10.0.10.20 remote 10.0.10.10)",
        "ISAKMP (0:0): incrementing error counter on sa, attempt 1 of 5: construct_fail_ag_init",
        'ISAKMP:(0):deleting SA reason "Phase1 SA policy proposal not accepted" state (R) MM_NO_STATE '
        "(peer 10.0.10.10)",
        "ISAKMP (0:0): FSM action returned error: 2",
        "ISAKMP:(0):Old State = IKE_R_MM1  New State = IKE_R_MM1 ",
        "ISAKMP:(0):Old State = IKE_R_MM1  New State = IKE_DEST_SA ",
    )
    in_order(
        vpn.log(vpn.a),
        "ISAKMP:(0):Notify has no hash. Rejected.",
        "ISAKMP (0:0): Unknown Input IKE_MESG_FROM_PEER, IKE_INFO_NOTIFY:  state = IKE_I_MM1",
        "%CRYPTO-6-IKMP_MODE_FAILURE: Processing of Informational mode failed with peer at 10.0.10.20",
    )


def test_no_answer():
    vpn = debugged()
    vpn.apply(vpn.a)
    vpn.ping(1)
    vpn.run(130)
    in_order(
        vpn.log(vpn.a),
        "ISAKMP:(0): retransmitting phase 1 MM_NO_STATE...",
        "ISAKMP (0:0): incrementing error counter on sa, attempt 1 of 5: retransmit phase 1",
        "IPSEC(key_engine): request timer fired: count = 1,",
        "  (identity) local= 10.0.10.10:0, remote= 10.0.10.20:0,",
        "ISAKMP:(0):SA is still budding. Attached new ipsec request to it. (local 10.0.10.10, remote 10.0.10.20)",
        "ISAKMP: Error while processing KMI message 0, error 2.",
        "ISAKMP (0:0): incrementing error counter on sa, attempt 5 of 5: retransmit phase 1",
        "ISAKMP:(0):peer does not do paranoid keepalives.",
        'ISAKMP:(0):deleting SA reason "Death by retransmission P1" state (I) MM_NO_STATE (peer 10.0.10.20)',
        "ISAKMP:(0):Old State = IKE_I_MM1  New State = IKE_DEST_SA ",
        "ISAKMP:(0):purging SA., sa=668004E0, delme=668004E0",
    )


def test_a_wrong_key():
    vpn = debugged()
    configure(
        vpn.b, "no crypto isakmp key TEST1 address 10.0.10.10\ncrypto isakmp key OTHER address 10.0.10.10\n"
    )
    vpn.apply()
    vpn.ping(2)
    in_order(
        vpn.log(vpn.b),
        "ISAKMP: reserved not zero on ID payload!",
        "%CRYPTO-4-IKMP_BAD_MESSAGE: IKE message from 10.0.10.10 failed its sanity check or is malformed",
        "ISAKMP (0:1001): incrementing error counter on sa, attempt 1 of 5: reset_retransmission",
    )
    in_order(
        vpn.log(vpn.a),
        "ISAKMP:(1001): phase 1 packet is a duplicate of a previous packet.",
        "ISAKMP:(1001): retransmitting due to retransmit phase 1",
    )


def test_transforms_that_differ():
    vpn = debugged()
    configure(vpn.b, "crypto ipsec transform-set TSET esp-3des esp-md5-hmac\n")
    vpn.apply()
    vpn.ping(1)
    in_order(
        vpn.log(vpn.b),
        "IPSEC(ipsec_process_proposal): transform proposal not supported for identity: ",
        "    {esp-aes esp-sha-hmac }",
        "ISAKMP:(1001): IPSec policy invalidated proposal with error 256",
        "ISAKMP:(1001): phase 2 SA policy not acceptable! (local 10.0.10.20 remote 10.0.10.10)",
        "ISAKMP:(1001):Sending NOTIFY PROPOSAL_NOT_CHOSEN protocol 3",
    )
    log = vpn.log(vpn.a)
    in_order(log, "ISAKMP:(1001): processing NOTIFY PROPOSAL_NOT_CHOSEN protocol 3")
    assert any(line.endswith('error TRUE reason "Delete Larval"') for line in log)


def test_identities_that_differ():
    vpn = debugged()
    configure(
        vpn.b,
        "no access-list 101\naccess-list 101 permit ip 192.168.2.0 0.0.0.255 192.168.9.0 0.0.0.255\n",
    )
    vpn.apply()
    vpn.ping(1)
    in_order(
        vpn.log(vpn.b),
        "map_db_find_best did not find matching map",
        "IPSEC(ipsec_process_proposal): proxy identities not supported",
        "ISAKMP:(1001): IPSec policy invalidated proposal with error 32",
    )


def test_no_key():
    vpn = debugged()
    vpn.a.config.of(IsakmpConfig).keys.clear()
    vpn.apply()
    vpn.ping(1)
    in_order(
        vpn.log(vpn.a),
        "ISAKMP:(0):No pre-shared key with 10.0.10.20!",
        "ISAKMP:(0): No Cert or pre-shared address key.",
        "ISAKMP:(0): construct_initial_message: Can not start Main mode",
        "ISAKMP: Unlocking peer struct 0x65312180 for isadb_unlock_peer_delete_sa(), count 0",
        "ISAKMP: Deleting peer node by peer_reap for 10.0.10.20: 65312180",
        "ISAKMP:(0):purging SA., sa=668004E0, delme=668004E0",
        "ISAKMP: Error while processing SA request: Failed to initialize SA",
        "ISAKMP: Error while processing KMI message 0, error 2.",
    )
    assert not any("paranoid" in line for line in vpn.log(vpn.a))


def test_initial_contact_is_told_before_and_done_after_the_authentication():
    vpn = debugged().up()
    in_order(
        vpn.log(vpn.b),
        "ISAKMP:(1001): processing HASH payload. message ID = 0",
        "ISAKMP:(1001): processing NOTIFY INITIAL_CONTACT protocol 1",
        "ISAKMP:(1001):SA authentication status:",
        "ISAKMP:(1001):SA has been authenticated with 10.0.10.10",
        "ISAKMP:(1001):Process initial contact,",
    )


def test_vendor_ids_are_passed_over_again_once_the_offer_was_judged():
    vpn = debugged().up()
    for router, state in ((vpn.a, "IKE_I_MM2"), (vpn.b, "IKE_R_MM1")):
        in_order(
            vpn.log(router),
            "ISAKMP:(0): vendor ID is NAT-T RFC 3947",
            "ISAKMP:(0):atts are acceptable. Next payload is 0",
            "ISAKMP:(0):Started lifetime timer: 86400.",
            "ISAKMP:(0): processing vendor id payload",
            "ISAKMP:(0): vendor ID seems Unity/DPD but major 69 mismatch",
            "ISAKMP:(0): vendor ID is NAT-T RFC 3947",
            f"ISAKMP:(0):Old State = {state}  New State = {state} ",
        )


def test_the_answer_to_a_quick_mode_is_processed_to_its_end():
    vpn = debugged().up()
    log = vpn.log(vpn.a)
    after = log[log.index("ISAKMP:(1001):atts are acceptable.") :]
    kinds = [line.split(" payload.")[0] for line in after if " payload. message ID" in line]
    assert kinds[:3] == [
        "ISAKMP:(1001): processing NONCE",
        "ISAKMP:(1001): processing ID",
        "ISAKMP:(1001): processing ID",
    ]


def test_a_shorter_lifetime_of_the_responder():
    vpn = debugged()
    vpn.b.config.of(IsakmpConfig).policies[10].lifetime = 600
    vpn.up()
    in_order(
        vpn.log(vpn.a),
        "ISAKMP:(1001): processing NOTIFY RESPONDER_LIFETIME protocol 1",
        "ISAKMP:(1001): processing responder lifetime",
        "ISAKMP:(1001): start processing isakmp responder lifetime",
        "ISAKMP:(1001): restart ike sa timer to 600 secs",
    )


def test_a_delete():
    vpn = debugged().up()
    vpn.a.service(CryptoEngine).clear()
    vpn.a.service(CryptoEngine).clear_isakmp()
    vpn.run(1)
    log = vpn.log(vpn.b)
    in_order(
        log,
        "IPSEC(key_engine_delete_sas): rec'd delete notify from ISAKMP",
        "ISAKMP:(1001):peer does not do paranoid keepalives.",
    )
    assert any(line.startswith("ISAKMP:(1001): processing DELETE payload. message ID = ") for line in log)


def test_dead_peer_detection():
    vpn = debugged()
    for router in (vpn.a, vpn.b):
        configure(router, "crypto isakmp keepalive 10 2 periodic\n")
    vpn.up()
    vpn.run(12)
    assert any("Sending NOTIFY DPD/R_U_THERE protocol 1" in line for line in vpn.log(vpn.a))
    assert any("DPD/R_U_THERE_ACK received from peer 10.0.10.20" in line for line in vpn.log(vpn.a))
    vpn.b.service(CryptoEngine).stop()
    vpn.b.service(IpStack).bind_udp(500, None, vrf=None)
    vpn.run(40)
    assert "ISAKMP:(1001):DPD incrementing error counter (1/5)" in vpn.log(vpn.a)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (
            mainline,
            [
                "ISAKMP (0:2): beginning",
                "ISAKMP (0:2): received packet",
                "ISAKMP: local port",
                "ISAKMP (0:2): refused",
            ],
        ),
        (
            technology,
            [
                "ISAKMP:(2): beginning",
                "ISAKMP (0:2): received packet",
                "ISAKMP: local port",
                "ISAKMP:(2):refused",
            ],
        ),
        (
            modern,
            [
                "ISAKMP: (2):beginning",
                "ISAKMP-PAK: (2):received packet",
                "ISAKMP: (0):local port",
                "ISAKMP-ERROR: (2):refused",
            ],
        ),
    ],
)
def test_prefixes_by_release(form, expected):
    lines = [
        Line("beginning", Kind.SA, 2, spaced=True),
        Line("received packet", Kind.PACKET, 2),
        Line("local port", Kind.GENERAL),
        Line("refused", Kind.ERROR, 2),
    ]
    assert [form(line) for line in lines] == expected


def test_debug_goes_on_and_off():
    vpn = Vpn()
    context = Context(vpn.b, None, None)
    assert isinstance(vpn.b.service(CryptoEngine).debug, Debug)
    assert crypto_debug.debug(context, "isakmp") == "Crypto ISAKMP debugging is on"
    assert crypto_debug.debug(context, "engine") == "Crypto Engine debugging is on"
    assert "  Crypto ISAKMP debugging is on" in list(debugging.show_debugging(context))
    undone = Context(vpn.b, None, None, words=("undebug", "crypto", "engine"))
    assert crypto_debug.debug(undone, "engine") == "Crypto Engine debugging is off"
    assert debugging.undebug_all(context) == "All possible debugging has been turned off"
    assert list(debugging.show_debugging(context)) == []
    vpn.up()
    assert not any(line.startswith("ISAKMP") for line in vpn.log(vpn.b))


def test_a_message_of_several_lines_has_one_time_stamp():
    vpn = debugged().up()
    vpn.a.config.of(SystemConfig).clock_set = True
    shown = [message.stamped for message in vpn.a.syslog.messages]
    for head, *more in (
        ("IPSEC(sa_request): ,", "  (key eng. msg.) OUTBOUND local= 10.0.10.10:500, remote= 10.0.10.20:500,"),
        ("ISAKMP:(1001):SA authentication status:", "\tauthenticated"),
        ("ISAKMP:(1001):Old State = IKE_I_MM5  New State = IKE_I_MM6 ", ""),
        ("ISAKMP (0:1001): ID payload ", "\tnext-payload : 8", "\ttype         : 1 "),
    ):
        at = next(index for index, line in enumerate(shown) if line.endswith(f": {head}"))
        assert shown[at + 1 : at + 1 + len(more)] == more


def test_debug_names_the_connections_that_are_shown():
    vpn = debugged().up()
    (pair,) = vpn.a.service(CryptoEngine).sadb
    created = [line.rsplit(" ", 1)[1] for line in vpn.log(vpn.a) if "sa_conn_id=" in line]
    assert created == [str(sa.conn_id) for sa in (*pair.inbound, *pair.outbound)]


def test_the_peer_goes_with_its_last_sa():
    vpn = debugged().up()
    vpn.a.service(CryptoEngine).clear_isakmp()
    in_order(
        vpn.log(vpn.a),
        "ISAKMP: Locking peer struct 0x65312180, refcount 1 for isakmp_initiator",
        "ISAKMP: Unlocking peer struct 0x65312180 for isadb_mark_sa_deleted(), count 0",
        "ISAKMP: Deleting peer node by peer_reap for 10.0.10.20: 65312180",
    )
