from crypto_vpn import Vpn

from iosemu.device.config.isakmp import PolicyEncryption
from iosemu.features import crypto_debug
from iosemu.features.context import Context


def test_a_negotiation_is_traced():
    vpn = Vpn()
    assert crypto_debug.debug(Context(vpn.a, None, None), "isakmp") == "Crypto ISAKMP debugging is on"
    crypto_debug.debug(Context(vpn.a, None, None), "ipsec")
    vpn.up()
    log = vpn.log(vpn.a)
    for line in (
        "ISAKMP:(0): beginning Main Mode exchange",
        "ISAKMP:(0): sending packet to 10.0.10.20 my_port 500 peer_port 500 (I) MM_NO_STATE",
        "ISAKMP (0:0): received packet from 10.0.10.20 dport 500 sport 500 Global (I) MM_NO_STATE",
        "ISAKMP:(0):atts are acceptable. Next payload is 0",
        "ISAKMP:(1001):SA has been authenticated with 10.0.10.20",
        "ISAKMP:(1001):QM Initiator gets spi",
        "IPSEC(create_sa): sa created,",
    ):
        assert line in log, line
    assert not any(line.startswith("ISAKMP") for line in vpn.log(vpn.b))


def test_the_first_differing_attribute_is_named():
    vpn = Vpn()
    vpn.b.config.isakmp.policies[10].encryption = PolicyEncryption.DES
    context = Context(vpn.b, None, None)
    crypto_debug.debug(context, "isakmp")
    vpn.apply()
    vpn.ping(1)
    log = vpn.log(vpn.b)
    assert "ISAKMP:(0):Encryption algorithm offered does not match policy!" in log
    assert "ISAKMP:(0):no offers accepted!" in log
    assert crypto_debug.undebug_all(context) == "All possible debugging has been turned off"
    assert list(crypto_debug.show_debugging(context)) == []
