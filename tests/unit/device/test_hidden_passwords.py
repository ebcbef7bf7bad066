"""`service password-encryption` hides every clear password, and whoever needs it still knows it."""

from ip_network import Network
from session import configure, run

from iosemu.subjects.aaa_servers.config import ServersConfig, clear_key
from iosemu.subjects.bgp.config import BgpConfig

TYPED = """
radius-server key ask
tacacs-server host 10.0.0.1 key tell
aaa group server radius GROUP
server-private 10.0.0.3 key apart
exit
ip ftp password hush
username anna password 0 hers
enable password low
line vty 0 4
password onlines
key chain K
key 1
key-string chained
router bgp 65000
neighbor 10.0.0.9 remote-as 65001
neighbor 10.0.0.9 password signed
neighbor 10.0.0.8 remote-as 65001
neighbor 10.0.0.8 password 7 0822455D0A16
end
"""
CLEAR = ("ask", "tell", "apart", "hush", "hers", "low", "onlines", "chained", "signed")


def test_all_are_hidden_at_once_and_those_that_come_later() -> None:
    network = Network()
    configure(network, network.a, TYPED)
    told = run(network, network.a, "show running-config")
    assert [word for word in CLEAR if word not in told] == []
    configure(network, network.a, "service password-encryption\nip ftp password later\nend")
    told = run(network, network.a, "show running-config")
    assert [word for word in (*CLEAR, "later") if f" {word}\n" in told] == []
    assert told.count("password 7 ") >= 6
    servers = network.a.config.of(ServersConfig)
    assert clear_key(servers.radius_key) == b"ask"
    router = network.a.config.of(BgpConfig).router
    assert router is not None
    passwords = {
        str(address): each.password.clear for address, each in router.neighbors.items() if each.password
    }
    assert passwords == {"10.0.0.9": "signed", "10.0.0.8": "cisco"}
    configure(network, network.a, "no service password-encryption\nend")
    assert run(network, network.a, "show running-config").count("password 7 ") == told.count("password 7 ")
