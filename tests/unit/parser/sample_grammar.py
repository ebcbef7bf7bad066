"""A small grammar for the parser's tests."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

EXEC = """
mode: exec
title: "Exec commands:"
prompt: "{hostname}#"
help: {"no": Disable debugging functions}
commands:
  - syntax: show clock [detail]
    help: {show: Show running system information, clock: Display the system clock, detail: More}
    do: x.clock
  - syntax: show ip interface [brief | <name:interface> [brief]]
    help: {ip: IP information, interface: IP interface status, brief: Brief summary, name: Name}
    do: x.interface
  - syntax: show interfaces [<name:interface>] [status]
    help: {interfaces: Interface status, name: Name, status: Line status}
    do: x.interfaces
  - syntax: show monitor session (all | <number:1-66>)
    help: {monitor: SPAN, session: SPAN session, all: All sessions, number: SPAN session number}
    do: x.monitor
  - syntax: show running-config [interface <name:interface>]
    help: {running-config: Current operating configuration, interface: One interface, name: Name}
    privilege: 15
    do: x.running
  - syntax: configure [terminal]
    help: {configure: Enter configuration mode, terminal: From the terminal}
    privilege: 15
    do: x.configure
  - syntax: connect <target:host>
    help: {connect: Open a terminal connection, target: Address}
    do: x.connect
  - syntax: enable [<level:0-15> | view]
    help: {enable: Turn on privileged commands, level: Enable level, view: Set into the existing view}
    do: x.enable
  - syntax: debug crypto isakmp
    no: debug crypto isakmp
    help: {debug: Debugging functions, crypto: Cryptographic subsystem, isakmp: ISAKMP}
    do: x.debug
"""
CONFIG = """
mode: config
title: "Configure commands:"
prompt: "{hostname}(config)#"
commands:
  - syntax: shutdown
    help: {shutdown: Shutdown system elements}
    do: x.shutdown
  - syntax: logging <address:ipv4>
    help: {logging: Modify message logging facilities, address: IP address of the logging host}
    do: x.logging
  - syntax: interface <name:new-interface>
    help: {interface: Select an interface to configure, name: Name}
    do: x.name
  - syntax: interface range <names:interface-range>
    help: {range: interface range command, names: Names}
    do: x.names
  - syntax: access-list <number:standard-acl> action=(permit | deny) (any | host <address:ipv4>) [log]
    no: access-list <number:standard-acl>
    help: {access-list: Add an access list entry, number: ACL, permit: Yes, deny: No, any: Any source,
           host: One host, address: Address, log: Log matches}
    do: x.acl
  - syntax: transform <name:word> {esp-aes [128 | 256] | esp-sha | comp}
    help: {transform: Set, name: Tag, esp-aes: AES, 128: short, 256: long, esp-sha: SHA, comp: LZS}
    do: x.transform
  - syntax: peers <names:word>...
    help: {peers: Peers, names: Peer}
    do: x.names
  - syntax: hostname <name:word>
    kinds: [router]
    help: {hostname: Set system's network name, name: Name}
    do: x.name
  - syntax: ip forward
    status: accepted-only
    no: "false"
    help: {ip: Global IP configuration subcommands, forward: Forward}
"""
ISAKMP = """
mode: config-isakmp
title: ISAKMP commands
parent: config
edits: isakmp.Policy
commands:
  - syntax: encryption (des | 3des | aes [128 | 192 | 256])
    help: {encryption: Set encryption algorithm for protection suite, des: DES, 3des: Three key triple DES,
           aes: AES, aes 128: 128 bit keys., aes 192: 192 bit keys., aes 256: 256 bit keys.}
    set: encryption
    values: {des: DES, 3des: TRIPLE_DES, aes: AES_128, aes 128: AES_128, aes 192: AES_192, aes 256: AES_256}
    default: DES
    render: encr {words}
  - syntax: lifetime <seconds:60-86400>
    help: {lifetime: Set lifetime, seconds: lifetime in seconds}
    set: lifetime
    default: 86400
  - syntax: keepalive
    help: {keepalive: Keep alive}
    set: keepalive
  - syntax: compress
    help: {compress: Compress}
    set: compress
  - syntax: description <text:line>
    help: {description: Describe, text: Text}
    set: description
"""


class Encryption(Enum):
    DES = 1
    TRIPLE_DES = 2
    AES_128 = 3
    AES_192 = 4
    AES_256 = 5


@dataclass
class Policy:
    encryption: Encryption = Encryption.DES
    lifetime: int = 86400
    keepalive: bool = True
    compress: bool = False
    description: str | None = None
