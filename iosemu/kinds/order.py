"""The order of the running configuration: that of IOS 12.4 to 15.2.

One line is one place; sections that share a place are parted by `|`. Sections that no subject has yet stand here,
too, so that a new subject finds its place.
"""

from __future__ import annotations

from dataclasses import replace

from iosemu.box.subject import Order
from iosemu.kinds.interface_order import INTERFACE_ORDER


def _places(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(name.strip() for name in line.split("|")) for line in text.split("\n") if line)


_HEAD = """\
version | service | service timestamps | service password-encryption | service dhcp | service config
platform
hostname
prompt
boot-start-marker | boot | boot-end-marker
vrf definition
card type
logging dmvpn | logging buffered
enable
"""
_CLOCK = """\
upgrade
exception
security authentication | security passwords
aaa new-model | aaa group server | aaa
clock timezone
clock summer-time
network-clock-participate | network-clock-select | clock calendar-valid | \
memory-size | resource | mmi | system mtu
"""
_FORWARDING = """\
ipv6 cef | ip options | ip gratuitous-arps | ip host-routing | ip arp proxy | ip source-route | \
ip subnet-zero | ip classless | ip icmp | ip cef | ip dhcp use | ip bootp | ip finger | ip telnet | \
ip reflexive-list | ip accounting-threshold | ip tcp
"""
_BANNERS = """\
banner
privilege
alias
line
"""

ROUTER = Order(
    places=_places(
        _HEAD
        + _CLOCK
        + """\
errdisable
no-exec
dot11
"""
        + _FORWARDING
        + """\
ip vrf
ip dhcp bootp | ip dhcp smart-relay | ip dhcp conflict | ip dhcp relay | ip dhcp excluded-address | ip dhcp ping
ip dhcp pool
ip dhcp class
ip dhcp-client
ip dhcp database
ip inspect
ip ips
ip audit | ip auth-proxy | ip admission
ip multicast-routing
ip nbar
ip flow-cache
ip domain | ip domain-list | ip domain-lookup | ip domain-name | ip host | ip name-server
login
ipv6 unicast-routing
mpls
subscriber
multilink
vpdn
isdn
frame-relay switching
cts
key chain
voice-card
voice call
voice rtp
voice service
voice class codec
voice class h323
voice class sip
voice class permanent
voice class busyout
voice class tone
voice class uri
voice register global
voice register pool
voice hunt-group
voice translation-rule
voice translation-profile
voice iec
voice source-group
voice statistics
voice dnis-map
application
dsp
fax
crypto pki token
crypto pki server
crypto pki trustpoint
crypto pki certificate
license | license boot
hw-module | transceiver | warm-reboot | parser
object-group
archive
file prompt | file verify
lacp
port-channel
spanning-tree
vtp
username
redundancy
controller
vlan
ip ftp
ip tftp
ip rcmd
ip ssh
track
parameter-map
class-map
policy-map
zone
zone-pair
crypto ikev2 name-mangler
crypto ikev2 authorization policy
crypto ikev2 proposal
crypto ikev2 policy
crypto ikev2 keyring
crypto ikev2 profile
crypto ikev2 client
crypto ikev2
crypto logging
crypto call admission
crypto keyring
crypto isakmp
crypto isakmp client
crypto isakmp profile
crypto ipsec
crypto ipsec profile
crypto ipsec client
crypto gdoi
crypto identity
crypto dynamic-map | crypto map
l2tp-class
pseudowire-class
bridge irb
bba-group
connect
interface
router eigrp
router isis
router ospfv3
router ospf
router rip
router bgp
virtual-service
ip local pool
ip forward-protocol | ip forward-protocol udp
ip as-path
ip bgp-community | ip community-list | ip extcommunity-list | ip route profile
ip http
ip dns
ip flow-export
ip flow-top-talkers
ip nat
ip routing | ip default-gateway | ip route
logging
ip sla
ip radius | ip tacacs
ip prefix-list
ip local policy
dialer-list
ipv6 route
ipv6 router
ipv6 ioam
ipv6 prefix-list
route-map
nls
kron
tftp-server
arp
arp access-list
ip access-list
access-list
priority-list | queue-list
mac access-list
mac address-table | mac-address-table
cdp
lldp tlv-select | lldp
snmp-server
tacacs-server
radius-server
tacacs server | radius server
ipv6 access-list
control-plane
bridge
voice-port
ccm-manager
mgcp
mgcp profile
dspfarm
dial-peer
sip-ua
gateway
gatekeeper
call-manager-fallback
telephony-service
"""
        + _BANNERS
        + """\
monitor session
scheduler
ntp
time-range
event manager
"""
    ),
    interface=INTERFACE_ORDER,
    last=("scheduler", "ntp"),
    style="router",
    tech_support=(
        "show clock",
        "show version",
        "show running-config",
        "show controllers",
        "show file systems",
        "show interfaces",
        "show ip interface",
        "show ip route",
        "show arp",
        "show access-lists",
        "show crypto isakmp sa",
        "show crypto ipsec sa",
        "show processes memory",
        "show processes cpu",
        "show memory statistics",
        "show environment",
        "show logging",
    ),
    processes=(
        "Chunk Manager",
        "Load Meter",
        "Check heaps",
        "Pool Manager",
        "Timers",
        "Exec",
        "ARP Input",
        "Logger",
        "TTY Background",
        "Net Background",
        "IP Input",
        "IP RIB Update",
        "SSH Process",
        "CEF: IPv4 proces",
        "Crypto IKMP",
        "Crypto IKEv2",
        "IPSEC key engine",
        "HLFM address lea",
        "Spanning Tree",
    ),
)

SWITCH = replace(
    ROUTER,
    places=_places(
        _HEAD
        + _CLOCK
        + """\
username
license boot
switch
"""
        + _FORWARDING
        + """\
ip dhcp snooping
ip dhcp bootp | ip dhcp smart-relay | ip dhcp conflict | ip dhcp relay | ip dhcp excluded-address | ip dhcp ping
ip dhcp pool
ip dhcp database
ip dhcp class
ip dhcp-client
ip source binding
ip arp inspection
ip domain | ip domain-list | ip domain-lookup | ip domain-name | ip host | ip name-server
login
mls
ip vrf
key chain
archive
file prompt | file verify
vtp
vlan
crypto pki trustpoint
crypto pki certificate
dot1x
ip ftp | ip tftp
cts | ip admission
ip ssh
errdisable
udld
lacp
port-channel
spanning-tree
vlan access-map
vlan filter
vlan internal
lldp tlv-select
track
class-map
policy-map
macro
archive tar
object-group
interface
router eigrp
router ospf
router rip
router bgp
ip forward-protocol | ip forward-protocol udp
ip as-path
ip bgp-community | ip community-list | ip extcommunity-list
ip dns
ip http
ip routing | ip default-gateway | ip route
logging
ip sla
ip radius | ip tacacs
ip prefix-list
ip local policy
tftp-server
arp
arp access-list
ip access-list
access-list
mac access-list
route-map
kron
mac address-table | mac-address-table
cdp
lldp
snmp-server
tacacs-server
radius-server
tacacs server | radius server
vstack
control-plane
"""
        + _BANNERS
        + """\
monitor session
scheduler
ntp
time-range
event manager
"""
    ),
    after_dates="!",
    style="switch",
    tech_support=(
        "show clock",
        "show version",
        "show running-config",
        "show file systems",
        "show interfaces",
        "show interfaces status",
        "show interfaces trunk",
        "show vlan",
        "show spanning-tree",
        "show mac address-table",
        "show processes memory",
        "show processes cpu",
        "show memory statistics",
        "show logging",
    ),
)
