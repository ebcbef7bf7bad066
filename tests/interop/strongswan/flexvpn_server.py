"""What every FlexVPN server of these tests has, and every client of it."""

from __future__ import annotations

from strongswan_peer import ADDRESS

PROPOSAL = """crypto ikev2 proposal X
 encryption aes-cbc-256
 integrity sha256
 group 14
crypto ikev2 policy X
 proposal X
"""
TEMPLATE = """crypto ipsec transform-set TSET esp-aes esp-sha-hmac
crypto ipsec profile CLIENTS
 set transform-set TSET
 set ikev2-profile P
interface Loopback0
 ip address 172.16.0.1 255.255.255.255
interface Virtual-Template1 type tunnel
 ip unnumbered Loopback0
 tunnel source FastEthernet0/0
 tunnel mode ipsec ipv4
 tunnel protection ipsec profile CLIENTS
interface FastEthernet0/0
 ip address 10.9.0.1 255.255.255.0
interface FastEthernet0/1
 ip address 192.168.1.254 255.255.255.0
"""
"""The interfaces of clients, and those of R-A; profile P names the template."""


def client(own: str, server: str) -> str:
    """The connection of strongSwan: how it proves itself, and how the server has to."""
    return f"""
ra {{
  version = 2
  local_addrs = {ADDRESS}
  remote_addrs = 10.9.0.1
  encap = yes
  vips = 0.0.0.0
  proposals = aes256-sha256-modp2048
  local {{ {own} }}
  remote {{ {server} }}
  children {{ net {{
    remote_ts = 192.168.1.0/24
    esp_proposals = aes128-sha1
  }} }}
}}"""
