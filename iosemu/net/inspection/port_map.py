"""Port-to-application mapping: the names that policies use, with their transports and ports.

The names are those of `match protocol` in a capture of IOS; the ports are the ones that IANA's registry gives them.
"""

from __future__ import annotations

from iosemu.packets.ipv4 import Protocol

_TABLE = """\
802-11-iapp 3517 both|ace-svr 2335 both|aol 5190 both|appleqtc 458 both|bgp 179 both|biff 512 udp|bootpc 68 udp
bootps 67 udp|cddbp 888 tcp|cifs 3020 both|cisco-fna 130 both|cisco-net-mgmt 1741 both|cisco-svcs 1745 both
cisco-sys 132 both|cisco-tdp 711 both|cisco-tna 131 both|citrix 2512 both|citriximaclient 2598 both|clp 2567 both
creativepartnr 455 both|creativeserver 453 both|cuseeme 7648 both|daytime 13 both|dbase 217 both
dbcontrol_agent 3938 both|ddns-v3 2164 both|dhcp-failover 647 both|discard 9 both|dns 53 both|dnsix 90 both
echo 7 both|entrust-svc-handler 3223 both|entrust-svcs 709 both|exec 512 tcp|fcip-port 3225 both|finger 79 both
ftp 21 tcp|ftps 990 tcp|gdoi 848 udp|giop 683 both|gopher 70 both|gtpv0 3386 udp|gtpv1 2123 udp
h225ras 1719 udp|h323 1720 tcp|h323callsigalt 11720 both|hp-alarm-mgr 383 both|hp-collector 381 both
hp-managed-node 382 both|hsrp 1985 udp|http 80 tcp|https 443 tcp|ica 1494 both|icabrowser 1604 both|ident 113 both
igmpv3lite 465 udp|imap 143 tcp|imap3 220 tcp|imaps 993 tcp|ipass 2549 both|ipsec-msft 4500 udp|ipx 213 both
irc 194 both|irc-serv 529 both|ircs 994 tcp|ircu 6665 both|isakmp 500 udp|iscsi 860 both|iscsi-target 3260 both
kazaa 1214 both|kerberos 88 both|kermit 1649 both|l2tp 1701 udp|ldap 389 both|ldap-admin 3407 both|ldaps 636 both
login 513 tcp|lotusmtap 3007 both|lotusnote 1352 both|mgcp 2427 udp|microsoft-ds 445 both|ms-cluster-net 3343 both
ms-dotnetster 3126 both|ms-sna 1477 both|ms-sql 1433 both|ms-sql-m 1434 both|msexch-routing 691 both|msnmsgr 1863 tcp
msrpc 135 both|mysql 3306 both|n2h2server 9285 both|ncp 524 both|net8-cman 1830 both|netbios-dgm 138 both
netbios-ns 137 both|netbios-ssn 139 both|netshow 1755 tcp|netstat 15 both|nfs 2049 both|nntp 119 both|ntp 123 udp
oem-agent 3872 both|oracle 1525 both|oracle-em-vp 1809 both|oraclenames 1575 both|orasrv 1525 both
pcanywheredata 5631 both|pcanywherestat 5632 both|pop3 110 tcp|pop3s 995 tcp|pptp 1723 tcp|pwdgen 129 both
qmtp 209 both|r-winsock 1745 both|radius 1812 udp|rdb-dbs-disp 1571 both|realmedia 7070 both|realsecure 2998 both
router 520 udp|rsvd 168 both|rsvp-encap 1698 both|rsvp_tunnel 363 both|rtc-pm-port 3891 both|rtelnet 107 both
rtsp 554 both|send 169 both|shell 514 tcp|sip 5060 both|sip-tls 5061 both|skinny 2000 tcp|sms 2701 both|smtp 25 tcp
snmp 161 both|snmptrap 162 both|socks 1080 both|sql-net 150 both|sqlserv 118 both|sqlsrv 156 both|ssh 22 tcp
sshell 614 both|ssp 3249 both|streamworks 1558 udp|stun 3478 both|sunrpc 111 both|syslog 514 udp|syslog-conn 601 both
tacacs 49 both|tacacs-ds 65 both|tarantella 3144 both|telnet 23 tcp|telnets 992 tcp|tftp 69 udp|time 37 both
timed 525 both|tr-rsrb 1996 both|ttc 2483 both|uucp 540 both|vdolive 7000 tcp|vqp 1589 both|webster 765 both
who 513 udp|wins 1512 both|x11 6000 both|xdmcp 177 both|ymsgr 5050 tcp
"""
TRANSPORTS = {"tcp": int(Protocol.TCP), "udp": int(Protocol.UDP), "icmp": int(Protocol.ICMP)}


def _read() -> dict[str, frozenset[tuple[int, int]]]:
    found: dict[str, frozenset[tuple[int, int]]] = {}
    for row in _TABLE.replace("\n", "|").strip("|").split("|"):
        name, port, transports = row.split()
        numbers = ("tcp", "udp") if transports == "both" else (transports,)
        found[name] = frozenset((TRANSPORTS[each], int(port)) for each in numbers)
    found["radius"] |= {(TRANSPORTS["udp"], 1645), (TRANSPORTS["udp"], 1813), (TRANSPORTS["udp"], 1646)}
    return found


PORTS = _read()
"""The transports and ports of each application."""


def runs_over(name: str, protocol: int, port: int) -> bool:
    """Whether a packet of an IP protocol to a port is of a named application or transport."""
    transport = TRANSPORTS.get(name)
    return protocol == transport if transport is not None else (protocol, port) in PORTS[name]
