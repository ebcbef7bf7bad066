"""The commands that are accepted without behaviour: a new one is a decision, and is told to the user."""

from pathlib import Path

from iosemu.lab import resources
from iosemu.parser.command import Command

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "commands" / "README.md"
ACCEPTED_ONLY = """
ca-trustpoint: usage kind=(ike | ssl-client | ssl-server)
cs-server: database archive form=(pem | pkcs12) [password <phrase:word>]
config-flow-top-talkers: cache-timeout <milliseconds:1-3600000>
config-gateway: emulate <rest:line>
config-gateway: security <rest:line>
config-gateway: timer <rest:line>
config-gk: endpoint <rest:line>
config-gk: gw-type-prefix <rest:line>
config-gk: shutdown
config-gk: zone <rest:line>
config-if: carrier-delay <count:0-60>
config-if: hold-queue <count:0-4096> direction=(in | out)
config-if: ip rip triggered
config-if: ip route-cache [cef]
config-if: ip tcp header-compression [<rest:line>]
config-if: ip virtual-reassembly [direction=(in | out)]
config-if: media-type kind=(rj45 | sfp | auto-select)
config-if: mop kind=(enabled | sysid)
config-if: negotiation auto
config-if: snmp ifindex persist
config-line: absolute-timeout <rest:line>
config-line: accounting connection <rest:line>
config-line: activation-character
config-line: autoselect <rest:line>
config-line: data-character-bits <rest:line>
config-line: databits <rest:line>
config-line: escape-character <rest:line>
config-line: exec-character-bits <rest:line>
config-line: flowcontrol <rest:line>
config-line: international
config-line: ip netmask-format <rest:word>
config-line: location <rest:line>
config-line: logout-warning <rest:line>
config-line: modem <rest:line>
config-line: notify
config-line: padding <rest:line>
config-line: parity <rest:line>
config-line: rotary <rest:line>
config-line: rxspeed <rest:line>
config-line: special-character-bits <rest:line>
config-line: terminal-type <rest:line>
config-line: txspeed <rest:line>
config-mgcp-profile: max1 <rest:line>
config-mgcp-profile: package <rest:line>
config-mgcp-profile: timeout <rest:line>
config-radius-server: automate-tester <rest:line>
config-radius-server: non-standard
config-route-map: set level level=(level-1 | level-2 | level-1-2 | stub-area | backbone)
config-server-tacacs: single-connection
config-sg: attribute <rest:line>
config-sip-ua: authentication <rest:line>
config-sip-ua: registrar <rest:line>
config-sip-ua: retry <rest:line>
config-sip-ua: sip-server <rest:line>
config-sip-ua: timers <rest:line>
config-voicecard: codec <rest:line>
config-voicecard: dsp <rest:line>
config-voicecard: dspfarm
config: aaa accounting kind=(network | connection | delay-start | nested | send | session-duration | suppress | resource | auth-proxy | identity | gigawords) [<rest:line>]
config: aaa authorization kind=(configuration | reverse-access | auth-proxy | credential-download) <rest:line>
config: aaa authentication kind=(suppress) <rest:line>
config: aaa session-id common
config: boot-end-marker
config: boot-start-marker
config: ccm-manager <rest:line>
config: clock calendar-valid
config: control-plane
config: crypto map <name:word> redundancy replay-interval inbound <inbound:0-10000> outbound <outbound:1000-10000>
config: cts logging verbose
config: dialer-list <rest:line>
config: dot11 syslog
config: exception <rest:line>
config: file verify auto
config: gatekeeper
config: gateway
config: hw-module <rest:line>
config: ip access-list logging interval <count:0-2147483647>
config: ip accounting-threshold <count:0-4294967295>
config: ip admission <rest:line>
config: ip arp proxy disable
config: ip audit <rest:line>
config: ip auth-proxy <rest:line>
config: ip bootp server
config: ip cef
config: ip cef load-sharing algorithm <rest:line>
config: ip classless
config: ip dhcp use vrf (connected | remote)
config: ip domain lookup source-interface <interface:interface>
config: ip domain retry <count:0-100>
config: ip domain round-robin
config: ip domain timeout <count:1-3600>
config: ip finger [rfc-compliant]
config: ip forward-protocol (any-local-broadcast | nd | sdns | spanning-tree | turbo-flood)
config: ip ftp passive
config: ip gratuitous-arps
config: ip host-routing
config: ip http <rest:line>
config: ip ips notify <rest:line>
config: ip nat service alg protocol=(tcp | udp) dns
config: ip nat service fullrange protocol=(tcp | udp) port <port:1-65535>
config: ip nat service kind=(H225 | ras | mgcp | netmeeting-directory | append-ldap-search-res | dns-reset-ttl | dns-v6 | nbar)
config: ip nat service kind=(enable-mib | enable-sym-port | gatekeeper | allow-multipart | allow-h323-even-rtp-ports | allow-sip-even-rtp-ports | allow-skinny-even-rtp-ports | mib)
config: ip nat service list <access_list:1-199> (ESP spi-match | IKE preserve-port | ftp tcp port <port:1-65535>)
config: ip nat service rtsp port <port:1-65535>
config: ip nat service sip protocol=(tcp | udp) port <port:1-65535>
config: ip nat service skinny tcp port <port:1-65535>
config: ip options mode=(drop | ignore)
config: ip rcmd <rest:line>
config: ip route profile
config: ip source-route
config: ip ssh (rsa | dh | logging | maxstartups | break-string | port | dscp | precedence) [<rest:line>]
config: ip subnet-zero
config: ip tcp <rest:line>
config: ipv6 cef
config: ipv6 ioam timestamp
config: isdn switch-type <rest:word>
config: license accept end user agreement
config: license udi <rest:line>
config: logging cns-events [<rest:line>]
config: logging delimiter [<rest:line>]
config: logging discriminator <rest:line>
config: logging esm <rest:line>
config: logging event <rest:line>
config: logging exception <count:4096-2147483647>
config: logging history <rest:line>
config: logging message-counter <rest:line>
config: logging persistent [<rest:line>]
config: logging queue-limit <rest:line>
config: logging rate-limit <rest:line>
config: logging reload <rest:line>
config: logging snmp-authfail
config: logging userinfo
config: memory-size iomem <percent:0-50>
config: mgcp <rest:line>
config: mgcp profile <name:word>
config: mls qos srr-queue direction=(input) kind=(cos-map) queue <queue:1-2> [threshold <threshold:1-3>] <values:0-7>...
config: mls qos srr-queue direction=(input) kind=(dscp-map) queue <queue:1-2> [threshold <threshold:1-3>] <values:0-63>...
config: mls qos srr-queue input bandwidth <w1:1-100> <w2:1-100>
config: mls qos srr-queue input buffers <p1:0-100> <p2:0-100>
config: mls qos srr-queue input priority-queue <queue:1-2> bandwidth <weight:0-40>
config: mls qos srr-queue input threshold <queue:1-2> <first:1-100> <second:1-100>
config: mmi <rest:line>
config: multilink bundle-name <rest:line>
config: multilink virtual-template <count:1-200>
config: network-clock-participate <rest:line>
config: network-clock-select <rest:line>
config: ntp (update-calendar | allow | clock-period | maxdistance | mindistance | panic | passive | orphan | logging-level) [<rest:line>]
config: parser <rest:line>
config: platform <rest:line>
config: radius-server kind=(attribute | vsa | domain-stripping | load-balance | source-ports) <rest:line>
config: redundancy
config: resource policy
config: scheduler allocate <interrupt:400-60000> <process:100-4000>
config: scheduler interval <count:500-30000>
config: scheduler max-task-time <count:1-30000>
config: security authentication failure rate <count:1-1024> [log]
config: service <name:word>
config: shutdown <rest:line>
config: sip-ua
config: snmp <rest:line>
config: snmp-server <kind:snmp-setting> [<rest:line>]
config: snmp-server enable traps <kind:snmp-trap-kind> [<rest:line>]
config: snmp-server enable traps ospf kind=(errors | retransmit | lsa | rate-limit | cisco-specific) [<rest:line>]
config: system mtu <rest:line>
config: tacacs-server directed-request
config: tacacs-server kind=(packet | cache | administration | dns-alias-lookup) [<rest:line>]
config: transceiver type all
config: udld word=(enable | aggressive)
config: upgrade fpd auto
config: version <rest:line>
config: vlan internal allocation policy order=(ascending | descending)
config: voice-card <slot:0-9>
config: vpdn enable
config: vstack [<rest:line>]
config: warm-reboot [<rest:line>]
exec: access-enable [host] [timeout <minutes:1-9999>]
"""  # noqa: E501 - syntax is not broken
KEEPERS = ("kept.", "aaa.keep", "ssh.keep")
"""Handlers that only put the line away."""


def commands() -> list[Command]:
    return [command for mode in resources.grammar().modes.values() for command in mode.commands]


def test_all_of_them_are_listed_here() -> None:
    found = sorted(f"{each.mode}: {each.syntax}" for each in commands() if each.status == "accepted-only")
    assert found == sorted(ACCEPTED_ONLY.split("\n")[1:-1])


def test_what_is_only_put_away_says_so() -> None:
    silent = [each.syntax for each in commands() if (each.do or "").startswith(KEEPERS) and not each.status]
    assert silent == []


def test_the_reference_tells_the_user() -> None:
    text = PAGE.read_text("utf-8")
    assert "## Accepted without behaviour" in text
    for line in ACCEPTED_ONLY.split("\n")[1:-1]:
        mode, _, syntax = line.partition(": ")
        assert f"| {mode} | `{syntax.replace('|', chr(92) + '|')}` |" in text
