from ipaddress import IPv4Address

from iosemu.ip.stack import IpStack
from iosemu.lab.lab import Lab
from iosemu.subjects.logging.config import LoggingConfig, LogHost


def test_messages_travel_to_the_host():
    lab = Lab.load("ipsec-vpn", seed=1)
    lab.boot()
    router, host = lab["R-A"], lab["PC-A"]
    heard: list[bytes] = []
    host.service(IpStack).bind_udp(514, lambda packet, datagram, interface: heard.append(datagram.payload))
    router.log("SYS", 5, "BEFORE", "nobody is told")
    collector = LogHost(IPv4Address("192.168.1.1"))
    router.config.of(LoggingConfig).hosts[collector.key] = collector
    router.log("SYS", 5, "LOST", "as every first packet, this one waits for ARP in vain")
    lab.advance(5)
    router.log("SYS", 5, "TEST", "hello")
    router.log("SYS", 7, "DEBUG", "below the trap level")
    lab.advance(5)
    assert len(heard) == 1
    assert heard[0].startswith(b"<189>")
    assert heard[0].endswith(b": %SYS-5-TEST: hello")
    assert list(router.config.of(LoggingConfig).sent) == [collector.key]
