"""SNMP against net-snmp: walks and sets by the lab's own port and through a TAP device, traps at snmptrapd."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from namespace_lab import beside, lacking, run, typed, until

from iosemu import SyncLab
from iosemu.lab.resources import grammar
from iosemu.shell.loader import load
from iosemu.subjects.snmp.service import SnmpAgent

PROGRAMS = lacking("snmpwalk", "snmpset", "snmpget", namespaces=False)
TRAPS = lacking("snmpwalk", "snmptrapd", "ip")
CONFIG = """hostname R1
snmp-server community public RO
snmp-server community keys RW
snmp-server view ONLY system included
snmp-server view ONLY ifEntry.*.1 included
snmp-server community few view ONLY RO
snmp-server location rack 7
snmp-server group G3 v3 priv read v1default write v1default
snmp-server group G2 v3 auth
snmp-server group G1 v3 noauth read ONLY
snmp-server user strong G3 v3 auth sha authpassword priv aes 128 privpassword
snmp-server user old G3 v3 auth md5 authpassword priv des privpassword
snmp-server user signed G2 v3 auth sha authpassword
snmp-server user plain G1 v3
interface FastEthernet0/0
 description to the world
 ip address 192.168.7.1 255.255.255.0
 no shutdown
"""


@pytest.fixture
def agent(tmp_path: Path, lab_factory: Callable[..., SyncLab]) -> tuple[SyncLab, str]:
    lines = [line for line in CONFIG.splitlines() if "snmp-server user" not in line]
    (tmp_path / "R1.cfg").write_text("\n".join(lines) + "\nend\n")
    (tmp_path / "lab.yaml").write_text(
        "name: agent\nmanagement: {snmp: 20161}\nnodes: {R1: {model: c2811, config: R1.cfg}}\n"
    )
    lab = lab_factory(str(tmp_path / "lab.yaml"))
    users = "\n".join(line for line in CONFIG.splitlines() if "snmp-server user" in line)
    lab["R1"].configure(users)
    host, port = lab.snmp_address("R1")
    return lab, f"{host}:{port}"


def ask(program: str, *words: str) -> str:
    done = run(program, "-m", "", "-On", "-t", "5", "-r", "1", *words)
    return done.stdout + done.stderr


@pytest.mark.skipif(bool(PROGRAMS), reason=PROGRAMS)
def test_walks_on_the_port_of_the_lab(agent: tuple[SyncLab, str]) -> None:
    _lab, where = agent
    first = ask("snmpwalk", "-v", "1", "-c", "public", where, "1.3.6.1.2.1.1")
    assert ".1.3.6.1.2.1.1.2.0 = OID: .1.3.6.1.4.1.9.1.576" in first
    assert '.1.3.6.1.2.1.1.5.0 = STRING: "R1"' in first
    assert '.1.3.6.1.2.1.1.6.0 = STRING: "rack 7"' in first
    whole = ask("snmpbulkwalk", "-v", "2c", "-c", "public", where, "1.3")
    for expected in (
        '.1.3.6.1.2.1.2.2.1.2.1 = STRING: "FastEthernet0/0"',
        ".1.3.6.1.2.1.31.1.1.1.6.1 = Counter64: ",
        '.1.3.6.1.2.1.31.1.1.1.18.1 = STRING: "to the world"',
        ".1.3.6.1.2.1.4.20.1.1.192.168.7.1 = IpAddress: 192.168.7.1",
        '.1.3.6.1.2.1.47.1.1.1.1.13.1 = STRING: "CISCO2811"',
        '.1.3.6.1.4.1.9.9.48.1.1.1.2.1 = STRING: "Processor"',
        ".1.3.6.1.4.1.9.9.109.1.1.1.1.8.1 = Gauge32: ",
    ):
        assert expected in whole, expected
    assert "not increasing" not in whole
    assert whole.count("\n") > 200
    few = ask("snmpwalk", "-v", "2c", "-c", "few", where, "1.3")
    assert ".1.3.6.1.2.1.2.2.1.8.1 =" in few
    assert ".1.3.6.1.2.1.2.2.1.8.2 =" not in few
    assert ".1.3.6.1.2.1.4" not in few
    assert "Timeout" in ask(
        "snmpget", "-v", "2c", "-c", "wrong", "-r", "0", "-t", "1", where, "1.3.6.1.2.1.1.5.0"
    )


@pytest.mark.skipif(bool(PROGRAMS), reason=PROGRAMS)
def test_sets(agent: tuple[SyncLab, str]) -> None:
    lab, where = agent
    contact = "1.3.6.1.2.1.1.4.0"
    assert '"Ann"' in ask("snmpset", "-v", "2c", "-c", "keys", where, contact, "s", "Ann")
    assert "snmp-server contact Ann" in lab["R1"].cli("show running-config")
    assert "noAccess" in ask("snmpset", "-v", "2c", "-c", "public", where, contact, "s", "Bob")
    assert "noSuchName" in ask("snmpset", "-v", "1", "-c", "public", where, contact, "s", "Bob")
    assert "wrongType" in ask("snmpset", "-v", "2c", "-c", "keys", where, contact, "i", "5")
    assert "notWritable" in ask("snmpset", "-v", "2c", "-c", "keys", where, "1.3.6.1.2.1.1.3.0", "t", "5")
    # all or nothing
    both = (contact, "s", "Carl", "1.3.6.1.2.1.2.2.1.7.1", "i", "9")
    assert "wrongValue" in ask("snmpset", "-v", "2c", "-c", "keys", where, *both)
    assert "snmp-server contact Ann" in lab["R1"].cli("show running-config")
    ask("snmpset", "-v", "2c", "-c", "keys", where, "1.3.6.1.2.1.2.2.1.7.1", "i", "2")
    assert "administratively down" in lab["R1"].cli("show ip interface brief")
    assert "Illegal operation" in lab["R1"].cli("show snmp")


@pytest.mark.skipif(bool(PROGRAMS), reason=PROGRAMS)
@pytest.mark.parametrize(
    ("user", "words"),
    [
        ("strong", ("-l", "authPriv", "-a", "SHA", "-A", "authpassword", "-x", "AES", "-X", "privpassword")),
        ("old", ("-l", "authPriv", "-a", "MD5", "-A", "authpassword", "-x", "DES", "-X", "privpassword")),
        ("signed", ("-l", "authNoPriv", "-a", "SHA", "-A", "authpassword")),
        ("plain", ("-l", "noAuthNoPriv")),
    ],
)
def test_users_of_version_3(agent: tuple[SyncLab, str], user: str, words: tuple[str, ...]) -> None:
    _lab, where = agent
    said = ask("snmpwalk", "-v", "3", "-u", user, *words, where, "1.3.6.1.2.1.1")
    assert '.1.3.6.1.2.1.1.5.0 = STRING: "R1"' in said, said


@pytest.mark.skipif(bool(PROGRAMS), reason=PROGRAMS)
def test_who_is_refused_by_version_3(agent: tuple[SyncLab, str]) -> None:
    _lab, where = agent
    name = "1.3.6.1.2.1.1.5.0"
    signed = ("-l", "authNoPriv", "-a", "SHA")
    assert "Unknown user name" in ask("snmpget", "-v", "3", "-u", "nobody", "-l", "noAuthNoPriv", where, name)
    wrong = ask("snmpget", "-v", "3", "-u", "signed", *signed, "-A", "anotherone", where, name)
    assert "Authentication failure" in wrong
    low = ask("snmpget", "-v", "3", "-u", "strong", *signed, "-A", "authpassword", where, name)
    assert "authorizationError" in low
    mute = ask(
        "snmpget", "-v", "3", "-u", "strong", "-l", "authPriv", "-a", "SHA", "-A", "authpassword", "-x", "AES",
        "-X", "wrongpassword", "-t", "1", "-r", "0", where, name,
    )  # fmt: skip
    assert "Timeout" in mute or "Decryption" in mute


@pytest.mark.skipif(bool(TRAPS), reason=TRAPS)
async def test_through_a_cable(tmp_path: Path) -> None:
    router = """snmp-server community public RO
snmp-server group G v3 priv
snmp-server enable traps
snmp-server host 192.168.7.2 version 2c public
snmp-server host 192.168.7.2 informs version 2c second
snmp-server host 192.168.7.2 first"""
    async with beside(tmp_path, "iosn", router) as (lab, namespace, _serving):
        box = lab["R1"]
        said = await namespace.ask(
            "snmpwalk", "-m", "", "-v", "2c", "-c", "public", "192.168.7.1", "1.3.6.1.2.1.2"
        )
        assert "FastEthernet0/1" in said
        log = tmp_path / "traps"
        (tmp_path / "snmptrapd.conf").write_text("disableAuthorization yes\n")
        namespace.start(
            *(
                "snmptrapd",
                "-f",
                "-n",
                "-On",
                "-m",
                "",
                "-M",
                "",
                "-C",
                "-c",
                str(tmp_path / "snmptrapd.conf"),
            ),
            *("-Lf", str(log), "udp:192.168.7.2:162"),
            log=tmp_path / "said",
        )
        await until(lambda: namespace.listens(162) and log.exists() and "NET-SNMP version" in log.read_text())
        lab.clock.catch_up()
        load(box, grammar(), "interface FastEthernet0/1\n shutdown\n")
        lab.clock.poke()  # what is due now does not wait for the next event
        await until(lambda: log.read_text().count("FastEthernet0/1") >= 3)
        told = log.read_text()
        assert ".1.3.6.1.6.3.1.1.5.3" in told  # linkDown
        assert "TRAP, SNMP v1, community first" in told
        agent = box.service(SnmpAgent)
        await until(lambda: not agent.notifier.informs)
        await namespace.ask(
            "snmpget", "-m", "", "-v", "2c", "-c", "bad", "-r", "0", "-t", "1", "192.168.7.1", "1.3.6.1"
        )
        await until(lambda: ".1.3.6.1.6.3.1.1.5.5" in log.read_text())  # authenticationFailure
        assert agent.agent.counters.bad_communities == 1


ENGINE = "80001f8804696f73656d7531"


@pytest.mark.skipif(bool(TRAPS), reason=TRAPS)
async def test_informs_of_version_3(tmp_path: Path) -> None:
    """snmptrapd decides about keys and time: the router learns its clock from a report, and sends again."""
    router = f"""snmp-server group G v3 priv
snmp-server engineID remote 192.168.7.2 {ENGINE}
snmp-server enable traps config
snmp-server inform timeout 2 retries 20
snmp-server host 192.168.7.2 informs version 3 priv ann
snmp-server host 192.168.7.2 informs version 3 auth bob udp-port 162
snmp-server host 192.168.7.2 informs version 3 noauth eve"""
    async with beside(tmp_path, "iosi", router) as (lab, namespace, _serving):
        box, log = lab["R1"], tmp_path / "traps"
        (tmp_path / "snmptrapd.conf").write_text(
            f"exactEngineID 0x{ENGINE}\ncreateUser ann SHA authpassword AES privpassword\n"
            "createUser bob MD5 bobspassword\ncreateUser eve\n"
            "authUser log ann priv\nauthUser log bob auth\nauthUser log eve noauth\n"
        )
        namespace.start(
            *("snmptrapd", "-f", "-n", "-On", "-m", "", "-M", "", "-C"),
            *("-c", str(tmp_path / "snmptrapd.conf"), "-Lf", str(log), "udp:192.168.7.2:162"),
            log=tmp_path / "said",
        )
        await until(lambda: namespace.listens(162) and log.exists() and "NET-SNMP version" in log.read_text())
        lab.clock.catch_up()
        load(
            box,
            grammar(),
            "snmp-server user ann G remote 192.168.7.2 v3 auth sha authpassword priv aes 128 privpassword\n"
            "snmp-server user bob G remote 192.168.7.2 v3 auth md5 bobspassword\n"
            "snmp-server user eve G remote 192.168.7.2 v3\n",
        )
        box.log("SYS", 5, "CONFIG_I", "Configured from console by console")
        lab.clock.poke()
        await until(lambda: log.read_text().count(".1.3.6.1.4.1.9.9.43.2.0.1") >= 3)
        notifier = box.service(SnmpAgent).notifier
        await until(lambda: not notifier.informs)
        shown = typed(lab, "show snmp sessions")
        assert shown.count("1 Responses (0 errors)") == 3
        (engine,) = notifier.engines.values()
        assert engine.boots > 0
