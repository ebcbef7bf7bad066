import pytest

from iosemu.box.rsa import EXPONENT, generate
from iosemu.box.system import SystemConfig
from iosemu.shell.loader import load


def change(terminal):
    terminal.type("conf t")
    terminal.type("ip domain-name x.test")
    terminal.type("end")


def test_reload_asks_to_save_and_restarts(terminal, router):
    change(terminal)
    assert terminal.type("reload") == "\nSystem configuration has been modified. Save? [yes/no]: "
    assert terminal.keys("maybe\r").endswith(
        "% Please answer 'yes' or 'no'.\r\nSystem configuration has been modified. Save? [yes/no]: "
    )
    assert terminal.keys("yes\r").endswith(
        "Building configuration...\r\n[OK]\r\nProceed with reload? [confirm]"
    )
    assert not router.reload_requested
    terminal.keys("\r")
    assert router.reload_requested
    assert b"ip domain name x.test" in router.nvram["startup-config"]
    assert router.syslog.messages[-1].text == "Reload requested by admin. Reload Reason: Reload Command."


def test_any_other_key_keeps_it_running(terminal, router):
    assert terminal.type("reload") == "Proceed with reload? [confirm]"
    assert terminal.keys("x") == "x\r\nRouter#"
    assert not router.reload_requested


def test_reload_in_time(terminal, router):
    terminal.type("reload in 1:30 maintenance")
    terminal.keys("\r")
    assert "(in 1 hour and 30 minutes)" in terminal.type("show reload")
    assert "Reload reason: maintenance" in terminal.type("show reload")
    terminal.pass_time(90 * 60 - 1)
    assert not router.reload_requested
    terminal.pass_time(2)
    assert router.reload_requested


def test_reload_at_a_time(terminal, router):
    terminal.type("reload at 00:10")
    terminal.keys("\r")
    terminal.pass_time(601)
    assert router.reload_requested


def test_reload_cancel(terminal, router):
    assert terminal.type("reload cancel") == "%No reload is scheduled.\nRouter#"
    terminal.type("reload in 5")
    terminal.keys("\r")
    assert "*** --- SHUTDOWN ABORTED ---\n***\n" in terminal.type("reload cancel")
    terminal.pass_time(400)
    assert not router.reload_requested
    assert terminal.type("show reload") == "No reload is scheduled.\nRouter#"


def test_erase(terminal, router):
    router.nvram["startup-config"] = b"x"
    assert terminal.type("write erase") == (
        "Erasing the nvram filesystem will remove all configuration files! Continue? [confirm]"
    )
    assert terminal.keys("\r") == "\r\n[OK]\r\nErase of nvram: complete\r\nRouter#"
    assert "startup-config" not in router.nvram
    assert terminal.type("show startup-config") == "startup-config is not present\nRouter#"


def test_rsa_keys(terminal, router):
    terminal.type("conf t")
    assert "hostname other than Router" in terminal.type("crypto key generate rsa")
    terminal.type("hostname R1")
    assert "define a domain-name first" in terminal.type("crypto key generate rsa")
    terminal.type("ip domain-name cisco")
    assert terminal.type("crypto key generate rsa") == (  # a box that SSH reaches has one
        "% You already have RSA keys defined named R1.cisco.\n"
        "% Do you really want to replace them? [yes/no]: "
    )
    assert terminal.keys("yes\r").replace("\r", "") == (
        "yes\nThe name for the keys will be: R1.cisco\n"
        "Choose the size of the key modulus in the range of 360 to 4096 for your\n"
        "  General Purpose Keys. Choosing a key modulus greater than 512 may take\n"
        "  a few minutes.\n\nHow many bits in the modulus [512]: "
    )
    assert terminal.keys("99\r").endswith(
        "% A decimal number between 360 and 4096.\r\nHow many bits in the modulus [512]: "
    )
    assert terminal.keys("1024\r").endswith(
        "% Generating 1024 bit RSA keys, keys will be non-exportable...\r\n"
    )
    assert terminal.pass_time(1) == "[OK] (elapsed time was 1 seconds)\r\n\r\nR1(config)#"
    assert router.rsa_keys["R1.cisco"].bits == 1024
    assert "Key name: R1.cisco\n" in terminal.type("do show crypto key mypubkey rsa")
    terminal.type("crypto key zeroize rsa")
    terminal.keys("yes\r")
    assert not router.rsa_keys


@pytest.mark.parametrize("bits", [360, 512, 1023, 1024])
def test_rsa_key_pairs_undo_each_other(router, bits):
    key = generate("x", bits, router.rng, 0.0)
    assert key.bits == bits
    assert pow(pow(4711, EXPONENT, key.modulus), key.private, key.modulus) == 4711


def test_rsa_key_is_read_by_others(router):
    from cryptography.hazmat.primitives.serialization import load_der_public_key, load_ssh_public_key

    key = generate("x", 1024, router.rng, 0.0)
    assert load_der_public_key(key.der()).public_numbers().n == key.modulus
    import base64

    line = b"ssh-rsa " + base64.b64encode(key.wire())
    assert load_ssh_public_key(line).public_numbers().n == key.modulus


def test_tcl_writes_files_and_runs_commands(terminal, router):
    assert terminal.type("tclsh") == "Router(tcl)#"
    assert terminal.keys('puts [open "flash:f" w+] {\r').endswith("+>")
    assert terminal.keys("hostname X\rinterface Loopback1\r}\r").endswith("Router(tcl)#")
    assert router.flash["f"] == b"\nhostname X\ninterface Loopback1\n\n"
    assert terminal.type("set a [expr 3 * 4]") == "12\nRouter(tcl)#"
    assert terminal.type('puts "a is $a"') == "a is 12\nRouter(tcl)#"
    assert terminal.type("puts $nothing") == 'can\'t read "nothing": no such variable\nRouter(tcl)#'
    assert terminal.type("show privilege") == "Current privilege level is 15\nRouter(tcl)#"
    assert terminal.type('puts [exec "show privilege"]') == "Current privilege level is 15\nRouter(tcl)#"
    assert terminal.type("foreach n {1 2} { puts $n }") == "1\n2\nRouter(tcl)#"
    assert terminal.type('set h [open "flash:f" r]') != ""
    assert "interface Loopback1" in terminal.type("read $h")
    assert terminal.type('ios_config "hostname FromTcl"') == "FromTcl(tcl)#"
    assert terminal.type("bogus word") == (
        " " * 13 + "^\n% Invalid input detected at '^' marker.\n\nFromTcl(tcl)#"
    )
    assert terminal.type("tclquit") == "FromTcl#"


def test_configure_memory_and_copy_merge(terminal, router):
    router.nvram["startup-config"] = b"hostname Saved\nbogus\nend\n"
    assert terminal.type("configure memory").endswith("Saved#")
    router.flash["more"] = b"ip domain-name merged.test\nend\n"
    assert terminal.type("copy flash:more running-config") == "Destination filename [running-config]? "
    terminal.keys("\r")
    assert "31 bytes copied in " in terminal.pass_time(1)
    assert router.config.of(SystemConfig).domain_name == "merged.test"
    assert router.config.of(SystemConfig).hostname == "Saved"


BAD = b"""version 15.1
hostname Other
interface FastEthernet0/0
 bogus too
frobnicate X
 description mine
end
"""


def test_replace_reports_lines_that_cannot_be(terminal, router):
    router.flash["bad"] = BAD
    shown = terminal.type("configure replace flash:bad force")
    lines = "interface FastEthernet0/0\n bogus too\nfrobnicate X\n description mine\n"
    assert (
        "The rollback configlet from the last pass is listed below:\n********\n!List of Rollback Commands:\n"
        f"{lines}end\n********\n\n\nRollback aborted after 5 passes\n"
        f"The following commands are failed to apply to the IOS image.\n********\n{lines}********\n"
    ) in shown
    assert shown.endswith("Other#")
    assert "description" not in terminal.type("show running-config interface FastEthernet0/0")


def test_replace_goes_back_upon_an_error(terminal, router):
    load(router, terminal.session.shell.grammar, "archive\n path flash:kept\n")
    terminal.type("terminal length 0")
    before = terminal.type("show running-config | begin hostname")
    router.flash["bad"] = BAD
    shown = terminal.type("configure replace flash:bad force revert trigger error")
    [kept] = [name for name in router.flash if name.startswith("kept")]
    assert shown.endswith(
        "Failed to apply command bogus too\nAborting Rollback.\n\n"
        f"Rollback failed.Reverting back to the original configuration: flash:{kept}\n"
        "Total number of passes: 1\nRollback Done\n\nRouter#"
    )
    assert terminal.type("show running-config | begin hostname") == before
    assert terminal.type("show archive config rollback timer").startswith(
        "%No Rollback Confirmed Change pending"
    )


@pytest.mark.parametrize("text", ["", "hostname X\nend\n", "version 15.1\nhostname X\n", "hello", "end\n"])
def test_a_file_that_is_no_whole_configuration_replaces_nothing(terminal, router, text):
    router.flash["bad"] = text.encode()
    shown = terminal.type("configure replace flash:bad force")
    assert shown == "%The input file is not a valid config file.\nRouter#"
    if text and "end" not in text:  # an empty file compares with nothing: it is what NAPALM leaves behind
        assert terminal.type("show archive config incremental-diffs flash:bad") == (
            "%The input file is not a valid config file.\n!Error: cfgdiff returned error 5\nRouter#"
        )


def test_a_user_is_not_removed_by_one_line(terminal, router):
    load(router, terminal.session.shell.grammar, "username bob secret x\n")
    terminal.type("configure terminal")
    question = (
        "This operation will remove all username related configurations with same name."
        "Do you want to continue? [confirm]"
    )
    assert terminal.type("no username bob") == question
    terminal.keys("n")
    assert "bob" in router.config.of(SystemConfig).users
    assert terminal.type("no username bob") == question
    terminal.keys("\r")
    assert "bob" not in router.config.of(SystemConfig).users


def test_archive_at_write_memory(terminal, router):
    load(router, terminal.session.shell.grammar, "archive\n path flash:kept\n maximum 2\n write-memory\n")
    for _ in range(3):
        terminal.type("write memory")
    assert len([name for name in router.flash if name.startswith("kept-")]) == 2
    assert "There are currently 2 archive configurations saved." in terminal.type("show archive")


def test_archive_by_itself_every_so_often(terminal, router):
    grammar = terminal.session.shell.grammar
    load(router, grammar, "archive\n path flash:kept\n time-period 60\n")
    assert "archive\n path flash:kept\n time-period 60\n" in terminal.type(
        "show running-config | section archive"
    )

    def kept() -> int:
        return len([name for name in router.flash if name.startswith("kept-")])

    terminal.pass_time(3599)
    assert kept() == 0
    terminal.pass_time(2)
    assert kept() == 1
    load(router, grammar, "archive\n time-period 30\n")
    terminal.pass_time(3600)
    assert kept() == 3
    load(router, grammar, "archive\n no time-period\n")
    terminal.pass_time(7200)
    assert kept() == 3


def test_archive_settings_come_back(terminal, router):
    text = (
        "archive\n log config\n  logging enable\n  hidekeys\n path flash:kept\n maximum 5\n time-period 5\n"
    )
    assert not load(router, terminal.session.shell.grammar, text)
    terminal.type("terminal length 0")
    assert text in terminal.type("show running-config")
    assert not load(router, terminal.session.shell.grammar, "no archive\n")
    assert "archive" not in terminal.type("show running-config")


def test_the_header_tells_who_changed_and_who_saved(terminal):
    terminal.type("terminal length 0")
    change(terminal)
    terminal.type("write memory")
    shown = terminal.type("show running-config")
    assert (
        "!\n! Last configuration change at 00:00:00 UTC Thu Jan 1 2026 by admin\n"
        "! NVRAM config last updated at 00:00:00 UTC Thu Jan 1 2026 by admin\nversion 15.1\n"
    ) in shown
    assert terminal.type("reload") == "Proceed with reload? [confirm]"


def test_marks_stand_where_subjects_have_nothing_to_say(terminal):
    terminal.type("terminal length 0")
    shown = terminal.type("show running-config")
    assert "boot-end-marker\n!\n!\n" in shown
    assert "\nredundancy\n" + "!\n" * 9 + "interface FastEthernet0/0\n" in shown
    assert "\ncontrol-plane\n!\n!\n!\nline con 0\n" in shown
    assert "\nscheduler allocate 20000 1000\nend\n" in shown
    size = len(shown.partition(" bytes\n")[2].partition("\nend\n")[0]) + len("\nend\n")
    assert f"Current configuration : {size} bytes\n" in shown


def test_a_source_that_is_no_full_name_is_looked_up_first(terminal):
    terminal.keys("ping\r\r10.0.0.1\r\r\r\ry\r")
    assert terminal.keys("Loop0\r").endswith('Translating "Loop0"...domain server (255.255.255.255)')
    shown = terminal.pass_time(4)
    assert shown.startswith("\r\n\r\n% Invalid source. Must use same-VRF IP address or full interface name")
    assert shown.endswith("Router#")
