import pytest

from iosemu.box.line_config import LinesConfig
from iosemu.box.system import SystemConfig
from iosemu.box.vtys import allocate_vty
from iosemu.shell.loader import load
from iosemu.subjects.access.authentication import admits, authenticate, key_fits, line_admits
from tests.unit.shell.conftest import Terminal

USERS = "username admin privilege 15 secret admin\nusername low password 0 low\nenable secret cisco\n"


def vty(router, grammar, **options):
    line = allocate_vty(router, options.get("username", "admin"), "10.0.0.5")
    assert line is not None
    return Terminal(router, grammar, line=line, origin="10.0.0.5", **options)


def test_local_users(router, grammar):
    load(router, grammar, USERS)
    assert authenticate(router, "admin", "admin") == 15
    assert authenticate(router, "low", "low") == 1
    assert authenticate(router, "low", "wrong") is None
    assert authenticate(router, "nobody", "") is None


@pytest.mark.parametrize(
    ("methods", "password", "privilege"),
    [
        ("local", "admin", 1),
        ("local", "cisco", None),
        ("enable", "cisco", 1),
        ("line", "vtypass", 1),
        ("group radius local", "admin", 1),
        ("group tacacs+ none", "anything", 1),
        ("none", "anything", 1),
    ],
)
def test_aaa_login_methods(router, grammar, methods, password, privilege):
    assert not load(router, grammar, USERS + "line vty 0 4\n password vtypass\n")
    assert not load(router, grammar, f"aaa new-model\naaa authentication login default {methods}\n")
    assert authenticate(router, "admin", password) == privilege


def test_exec_authorization_gives_the_level_of_the_account(router, grammar):
    load(router, grammar, USERS + "aaa new-model\naaa authorization exec default local\n")
    assert authenticate(router, "admin", "admin") == 15


def test_a_named_list_serves_its_lines(router, grammar):
    text = (
        USERS
        + "aaa new-model\naaa authentication login REMOTE enable\nline vty 0 4\n login authentication REMOTE\n"
    )
    assert not load(router, grammar, text)
    assert authenticate(router, "admin", "admin") is None
    assert authenticate(router, "admin", "cisco") == 1
    shown = Terminal(router, grammar, rows=0).type("show running-config | section vty|aaa")
    assert "aaa authentication login REMOTE enable\n" in shown
    assert "line vty 0 4\n login authentication REMOTE\n" in shown


def test_enable_with_aaa(router, grammar):
    load(router, grammar, USERS + "aaa new-model\naaa authentication enable default none\n")
    terminal = vty(router, grammar, username="low", privilege=1)
    assert terminal.type("enable") == "Router#"
    load(router, grammar, "aaa authentication enable default enable\n")
    terminal.type("disable")
    terminal.type("enable")
    terminal.keys("a\rb\rc\r")
    assert "".join(terminal.pass_time(1) for _ in range(3)).endswith("% Access denied\r\n\r\nRouter>")


def test_no_enable_password_on_a_vty(router, grammar):
    terminal = vty(router, grammar, username="low", privilege=1)
    assert terminal.type("enable") == "% No password set\nRouter>"


def test_access_class_filters_addresses(router, grammar):
    load(router, grammar, "access-list 5 permit 10.0.0.0 0.0.0.255\nline vty 0 4\n access-class 5 in\n")
    assert admits(router, "10.0.0.7")
    assert not admits(router, "192.0.2.1")


def test_access_class_keeps_vrfs_out_unless_it_says_vrf_also(router, grammar):
    vty = router.config.of(LinesConfig).vty[0]
    load(router, grammar, "access-list 5 permit 10.0.0.0 0.0.0.255\nline vty 0 4\n access-class 5 in\n")
    assert line_admits(router, vty, "10.0.0.7")
    assert not line_admits(router, vty, "10.0.0.7", "RED")
    load(router, grammar, "line vty 0 4\n access-class 5 in vrf-also\n")
    assert line_admits(router, vty, "10.0.0.7", "RED")
    assert not line_admits(router, vty, "192.0.2.1", "RED")
    load(router, grammar, "line vty 0 4\n no access-class 5 in vrf-also\n")
    assert line_admits(router, vty, "192.0.2.1", "RED")


def test_the_sixth_session_is_refused(router, grammar):
    for _ in range(5):
        assert allocate_vty(router, "admin", "10.0.0.5") is not None
    assert allocate_vty(router, "admin", "10.0.0.5") is None
    router.lines.vty[2].free()
    assert allocate_vty(router, "admin", "10.0.0.5") is router.lines.vty[2]


def test_transport_input_none_keeps_everybody_out(router, grammar):
    load(router, grammar, "line vty 0 4\n transport input none\n")
    assert allocate_vty(router, "admin", "10.0.0.5") is None


def test_a_line_without_exec_lets_nobody_in(router, grammar):
    load(router, grammar, "line vty 0 3\n no exec\n")
    assert allocate_vty(router, "admin", "10.0.0.5") is router.lines.vty[4]
    assert allocate_vty(router, "admin", "10.0.0.5") is None


def test_a_line_may_leave_banners_out(router, grammar):
    load(router, grammar, "banner motd #day#\nbanner exec #hello#\nline vty 0 4\n no motd-banner\n")
    terminal = vty(router, grammar)
    assert terminal.greeting == "\r\nhello\r\nRouter#"
    assert " no motd-banner\n" in terminal.type("show running-config | section vty")
    load(router, grammar, "line vty 0 4\n default motd-banner\n no exec-banner\n")
    assert vty(router, grammar).greeting == "\r\nday\r\nRouter#"


def test_exec_timeout(router, grammar):
    load(router, grammar, "line vty 0 4\n exec-timeout 2 30\n")
    terminal = vty(router, grammar)
    terminal.pass_time(149)
    assert not terminal.session.closed
    terminal.type("")
    terminal.pass_time(149)
    assert not terminal.session.closed
    terminal.pass_time(2)
    assert terminal.session.closed
    assert not router.lines.vty[0].busy


def test_no_exec_timeout_never_ends(router, grammar):
    load(router, grammar, "line vty 0 4\n no exec-timeout\n")
    terminal = vty(router, grammar)
    terminal.pass_time(1e6)
    assert not terminal.session.closed


def test_clear_line(router, grammar):
    victim, admin = vty(router, grammar), vty(router, grammar)
    admin.type("clear line vty 0")
    assert admin.keys("\r").endswith(" [OK]\r\nRouter#")
    victim.session.tick()
    assert victim.session.closed
    assert admin.type("clear line 515") == "% Not allowed to clear current line\nRouter#"


def test_send_reaches_other_lines(router, grammar):
    hearer, speaker = vty(router, grammar), vty(router, grammar)
    speaker.type("send *")
    assert speaker.keys("dinner\ris ready\x1a").endswith("Send message? [confirm]")
    speaker.keys("\r")
    hearer.session.tick()
    assert (
        "*** Message from tty515 to all terminals:\r\n***\r\ndinner\r\nis ready\r\n"
        in hearer.session.output().decode()
    )


def test_commands_can_be_moved_to_other_levels(router, grammar):
    load(router, grammar, USERS + "privilege exec level 5 show running-config\nenable secret level 5 five\n")
    terminal = vty(router, grammar, username="low", privilege=1, rows=0)
    assert "Invalid input" in terminal.type("show running-config")
    terminal.type("enable 5")
    assert terminal.keys("five\r").endswith("Router#")
    assert "hostname Router" in terminal.type("show running-config")
    assert "Invalid input" in terminal.type("configure terminal")
    assert terminal.type("show privilege") == "Current privilege level is 5\nRouter#"


def test_public_keys(router, grammar):
    load(
        router,
        grammar,
        USERS + "ip ssh pubkey-chain\n username admin\n  key-hash ssh-rsa " + "AB" * 16 + " me\n",
    )
    assert key_fits(router, "admin", "ab" * 16) == 15
    assert key_fits(router, "low", "ab" * 16) is None
    assert key_fits(router, "admin", "00" * 16) is None


HASHES = {
    "4 tnhtc92DXBhelxjYk8LWJrPV36S2i4ntXrpb4RFmfqY": "cisco",
    "4 2btjjy78REtmYkkW0csHUbJZOstRXoWdX1mGrmmfeHI": "hashcat",
    "5 $1$28772684$iEwNOgGugqO9.bIz5sk8k/": "hashcat",
    "8 $8$TnGX/fE4KGHOVU$pEhnEvxrvaynpi8j4f.EMHr6M.FzU8xnZnBr/tJdFWk": "hashcat",
    "9 $9$2MJBozw/9R3UsU$2lFhcKvpghcyw8deP25GOfyZaagyUOGBymkryvOdfo6": "hashcat",
}


@pytest.mark.parametrize("stored", HASHES)
def test_a_stored_secret_is_kept_as_it_is_and_checked(router, grammar, stored):
    text = f"username x privilege 15 secret {stored}\nenable secret {stored}\n"
    assert not load(router, grammar, text)
    shown = Terminal(router, grammar, rows=0).type("show running-config | include secret")
    assert shown.splitlines()[:2] == [f"enable secret {stored}", f"username x privilege 15 secret {stored}"]
    assert authenticate(router, "x", HASHES[stored]) == 15
    assert authenticate(router, "x", stored.split()[1]) is None
    assert router.config.of(SystemConfig).enable_secret[15].matches(HASHES[stored])


@pytest.mark.parametrize("head", ["username x secret", "enable secret"])
@pytest.mark.parametrize(
    "stored",
    [
        "4 cisco",
        "4 tnhtc92DXBhelxjYk8LWJrPV36S2i4ntXrpb4RFmfq+",
        "5 cisco",
        "5 $1$abcd$00000000000000000000-0",
        "8 x",
        "9 x",
    ],
)
def test_a_secret_that_is_no_hash_is_refused(router, grammar, head, stored):
    terminal = Terminal(router, grammar)
    terminal.type("enable")
    terminal.type("configure terminal")
    assert terminal.type(f"{head} {stored}") == (
        "ERROR: The secret you entered is not a valid encrypted secret.\n"
        f"To enter an UNENCRYPTED secret, do not specify type {stored[0]} encryption.\n"
        "When you properly enter an UNENCRYPTED secret, it will be encrypted.\n"
        "Router(config)#"
    )
    assert not router.config.of(SystemConfig).enable_secret
    assert not router.config.of(SystemConfig).users


def test_a_hidden_password_that_is_none_is_refused(router, grammar):
    terminal = Terminal(router, grammar)
    terminal.type("enable")
    terminal.type("configure terminal")
    assert terminal.type("username x password 7 zz") == "Invalid encrypted password: zz\nRouter(config)#"


def test_a_clear_password_that_looks_like_a_type_reads_back(router, grammar):
    load(router, grammar, "enable password 0 5 gold rings\n")
    line = Terminal(router, grammar, rows=0).type("show running-config | include enable").splitlines()[0]
    load(router, grammar, line + "\n")
    assert router.config.of(SystemConfig).enable_password[15].matches("5 gold rings")


def test_service_password_encryption(router, grammar):
    load(
        router,
        grammar,
        "username x password 0 clear\nline vty 0 4\n password open\nservice password-encryption\n",
    )
    shown = Terminal(router, grammar, rows=0).type("show running-config | include password")
    assert "username x password 7 " in shown
    assert "clear" not in shown
    assert "open" not in shown
    assert authenticate(router, "x", "clear") == 1


def test_aliases(router, grammar):
    load(router, grammar, "alias exec sib show ip interface brief\n")
    terminal = Terminal(router, grammar)
    assert terminal.type("sib").startswith("Interface ")
    assert terminal.type("show aliases").startswith("Exec mode aliases:\n  h                     help\n")
    assert "  sib                   show ip interface brief\n" in terminal.type("show aliases")


def test_show_users_and_show_line(router, grammar):
    terminal = vty(router, grammar)
    assert terminal.type("show users") == (
        "    Line       User       Host(s)              Idle       Location\n"
        "*514 vty 0     admin      idle                 00:00:00 10.0.0.5\n\n"
        "  Interface    User               Mode         Idle     Peer Address\n\nRouter#"
    )
    assert " 515 vty 1                                     00:00:00\n" in terminal.type("show users all")
    assert "*  514  514 VTY              -    -      -    -    -     1" in terminal.type("show line")


def test_dir_and_free_space(router, grammar):
    terminal = vty(router, grammar)
    ((software, data),) = router.flash.items()
    router.flash["a"] = b"12345"
    router.flash["d/b"] = b"1"
    assert terminal.type("dir") == (
        "Directory of flash:/\n\n"
        f"    1  -rw-    {len(data)}   Jan 1 2026 00:00:00 +00:00  {software}\n"
        "    2  -rw-           5   Jan 1 2026 00:00:00 +00:00  a\n"
        "    3  drw-           0   Jan 1 2026 00:00:00 +00:00  d\n\n"
        f"64225280 bytes total ({64225274 - len(data)} bytes free)\nRouter#"
    )
    assert terminal.type("dir flash:/x").startswith("%Error opening flash:/x (File not found)")
    router.flash["full"] = bytes(router.flash.free)
    assert "No space left" in terminal.type("show clock | redirect flash:more")


def test_show_logging(router, grammar):
    load(router, grammar, "logging buffered 8192\nlogging host 10.0.0.9\n")
    terminal = vty(router, grammar, rows=0)
    router.log("SYS", 5, "TEST", "hello")
    shown = terminal.type("show logging")
    assert "    Buffer logging:  level debugging, " in shown
    assert "        Logging to 10.0.0.9  (udp port 514, audit disabled,\n              link up),\n" in shown
    assert "Log Buffer (8192 bytes):\n\n" in shown
    assert "%SYS-5-TEST: hello\n" in shown


def test_send_to_one_line(router, grammar):
    hearer, speaker = vty(router, grammar), vty(router, grammar)
    for command, to in (("send vty 0", "vty0"), ("send 514", "tty514")):
        speaker.type(command)
        speaker.keys("hello\x1a\r")
        hearer.session.tick()
        assert f"*** Message from tty515 to {to}:" in hearer.session.output().decode()
    speaker.session.tick()
    assert not speaker.session.output()
