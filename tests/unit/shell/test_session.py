from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.box.system import SystemConfig
from iosemu.shell.loader import load
from iosemu.shell.session import Session
from tests.unit.shell.conftest import Terminal, make


def test_prompt_and_hostname(terminal):
    assert terminal.greeting == "\r\nRouter#"
    assert terminal.type("configure terminal").endswith("End with CNTL/Z.\nRouter(config)#")
    name = "abcdefghijklmnopqrstuvwxyz"
    assert terminal.type(f"hostname {name}") == f"{name[:20]}(config)#"
    assert terminal.type("end") == f"{name}#"


def test_caret_stands_under_the_first_hopeless_character(terminal):
    terminal.type("conf t")
    assert terminal.type("show clock") == (
        " " * 17 + "^\n% Invalid input detected at '^' marker.\n\nRouter(config)#"
    )


def test_incomplete_and_ambiguous(terminal):
    assert terminal.type("terminal length") == "% Incomplete command.\n\nRouter#"
    assert terminal.type("ter l 0") == "Router#"
    assert terminal.type("c") == '% Ambiguous command:  "c"\nRouter#'


def test_do_repeats_the_invalid_line_without_do(terminal):
    terminal.type("conf t")
    assert terminal.type("do clock zzz") == (
        "clock zzz\n      ^\n% Invalid input detected at '^' marker.\n\nRouter(config)#"
    )
    assert terminal.type("do c") == '% Ambiguous command:  "do c"\nRouter(config)#'


def test_global_command_in_a_submode_changes_mode(terminal):
    terminal.type("conf t")
    assert terminal.type("line vty 0 4") == "Router(config-line)#"
    assert terminal.type("hostname X") == "X(config)#"
    terminal.type("line con 0")
    assert terminal.type("exit") == "X(config)#"
    assert terminal.type("line con 0") == "X(config-line)#"
    assert terminal.type("do show privilege") == "Current privilege level is 15\nX(config-line)#"


def test_control_z_runs_the_line_and_leaves(terminal):
    terminal.type("conf t")
    assert terminal.keys("hostname Z\x1a").endswith("^Z\r\nZ#")
    terminal.type("conf t")
    assert terminal.keys("hostname Y\x03").endswith("\r\nZ#")


def test_tab_prints_the_completed_line_on_a_new_one(terminal):
    assert terminal.keys("show run\t").endswith("\r\nRouter#show running-config ")
    assert terminal.keys("| in\t").endswith("\r\nRouter#show running-config | include ")


def test_help_returns_the_line(terminal):
    shown = terminal.keys("terminal ?")
    assert "  length         Set number of lines on a screen\r\n" in shown
    assert shown.endswith("\r\n\r\nRouter#terminal ")


def test_more_page_line_and_quit(terminal):
    first = terminal.keys("show running-config\r")
    assert first.endswith("\r\n --More-- ")
    assert first.count("\r\n") == 24  # the echoed line end and 23 lines
    one = terminal.keys("\r")
    assert one.startswith("\b" * 9 + " " * 8 + "\b" * 9)
    assert one.count("\r\n") == 1
    assert one.endswith(" --More-- ")
    assert terminal.keys("q") == "\b" * 9 + " " * 8 + "\b" * 9 + "Router#"


def test_pipes(terminal):
    terminal.type("terminal length 0")
    assert terminal.type("show run | include ^hostname") == "hostname Router\nRouter#"
    assert terminal.type("show run | count ^interface") == ("Number of lines which match regexp = 2\nRouter#")
    assert terminal.type("show run | begin ^line vty").startswith("\nline vty 0 4\n login\n")
    assert terminal.type("show run | section line con") == "line con 0\nRouter#"
    terminal.type("show clock | redirect flash:clock.txt")
    assert b"UTC" in terminal.device.flash["clock.txt"]


def test_enable_takes_three_tries(router, grammar):
    load(router, grammar, "enable secret cisco\n")
    terminal = Terminal(router, grammar, privilege=1, origin="10.0.0.5")
    assert terminal.greeting == "\r\nRouter>"
    assert terminal.type("enable") == "Password: "
    assert terminal.keys("cisco\r") == "\r\nRouter#"
    assert terminal.type("disable") == "Router>"
    terminal.type("enable")
    terminal.keys("a\rb\rc\r")
    assert terminal.session.waiting
    assert "".join(terminal.pass_time(1) for _ in range(3)).endswith("\r\n% Bad secrets\r\n\r\nRouter>")


def test_unknown_word_is_looked_up_and_can_be_interrupted(terminal):
    assert terminal.type("zzz") == 'Translating "zzz"...domain server (255.255.255.255)'
    assert terminal.session.waiting
    assert terminal.pass_time(3).endswith(
        "% Unknown command or computer name, or unable to find computer address\r\nRouter#"
    )
    terminal.type("zzz")
    assert terminal.keys("\x1e") == " % Name lookup aborted\r\nRouter#"


def test_banner_over_several_lines(terminal):
    terminal.type("conf t")
    assert terminal.type("banner motd #") == "Enter TEXT message.  End with the character '#'.\n"
    terminal.keys("hello\rworld#\r")
    assert terminal.device.config.of(SystemConfig).banners["motd"] == "\nhello\nworld"


def test_saved_configuration_loads_to_the_same(router, grammar, terminal):
    text = (
        "hostname R-A\nenable secret cisco\nusername admin privilege 15 secret admin\n"
        "service password-encryption\nbanner motd ^C\nhi\n^C\nip domain-name x.test\nip http server\n"
        "logging buffered 8192\nline vty 0 4\n login local\n transport input ssh\n exec-timeout 0 0\nend\n"
    )
    assert load(router, grammar, text) == []
    terminal.type("write memory")
    saved = router.nvram["startup-config"]
    other = make("c2811")
    assert load(other, grammar, saved.decode()) == []
    copy = Terminal(other, grammar)
    copy.type("write memory")
    assert other.nvram["startup-config"] == saved
    shown = Terminal(router, grammar, rows=0).type("show run").removesuffix("\nR-A#")
    head, _, body = shown.partition(" bytes\n")
    assert head == f"Building configuration...\n\nCurrent configuration : {len(body)}"
    lines = body.splitlines(keepends=True)
    assert lines.pop(1).startswith("! NVRAM config last updated at ")
    assert "".join(lines).encode() == saved


def test_bad_lines_are_reported_with_their_number(router, grammar):
    errors = load(router, grammar, "hostname A\nnonsense here\nline con 0\n foo\n")
    assert [(error.number, error.line) for error in errors] == [(2, "nonsense here"), (4, " foo")]


def test_messages_reach_a_monitoring_terminal(terminal):
    terminal.session.shell.monitor = True
    terminal.type("conf t")
    terminal.type("end")
    assert "%SYS-5-CONFIG_I: Configured from console by console" in terminal.pass_time(1)


def test_no_blank_line_between_messages(terminal, router):
    terminal.session.shell.monitor = True
    printed = ""
    for text in ("one", "two"):
        router.log("", 7, "", text)
        printed += terminal.pass_time(1)
    assert [line.rpartition(": ")[2] for line in printed.splitlines() if line] == ["one", "two"]
    assert "\n\r\n" not in printed


def test_exec_channel_runs_one_command(router, grammar):
    session = Session(router, grammar, privilege=15, pty=False)
    session.run("show privilege")
    assert session.output() == b"Current privilege level is 15\r\n"
    assert session.closed


def test_pc_speaks_its_own_dialect(pc, grammar):
    terminal = Terminal(pc, grammar)
    assert terminal.greeting == "Packet Tracer PC Command Line 1.0\r\nC:\\>"
    assert terminal.type("foo").startswith("Invalid Command.\n")


def test_five_thousand_pasted_lines(terminal):
    terminal.type("conf t")
    terminal.keys("".join(f"alias exec a{number} show clock\r" for number in range(5000)))
    assert sum(name[1].startswith("a") for name in terminal.device.config.of(SystemConfig).aliases) == 5000


@settings(max_examples=60, deadline=None)
@given(
    data=st.lists(
        st.binary(max_size=40) | st.sampled_from([b"conf t\r", b"?", b"\t", b"\x1e", b"show run\r"])
    )
)
def test_no_bytes_end_the_session_with_a_fault(grammar, data):
    terminal = Terminal(make("c2811"), grammar)
    for chunk in data:
        terminal.session.receive(chunk)
        terminal.session.tick()
        assert b"Traceback" not in terminal.session.output()


def test_output_goes_to_files(terminal):
    terminal.type("terminal length 0")
    terminal.type("show privilege | redirect flash:a")
    assert terminal.type("show privilege | tee /append flash:a") == "Current privilege level is 15\nRouter#"
    assert terminal.device.flash["a"] == b"Current privilege level is 15\n" * 2
    terminal.type("show privilege | append flash:a")
    assert terminal.device.flash["a"].count(b"level") == 3
    assert "Invalid input" in terminal.type("show privilege | redirect flash:a | include x")


def test_several_commands_begin_with_a(terminal):
    assert terminal.type("a") == '% Ambiguous command:  "a"\nRouter#'


def test_prompts_of_subinterfaces_and_ranges(terminal):
    terminal.type("conf t")
    assert terminal.type("interface fa0/0.10") == "Router(config-subif)#"
    assert terminal.type("interface range fa0/0 - 1") == "Router(config-if-range)#"
    assert terminal.type("interface fa0/0") == "Router(config-if)#"
    assert terminal.type("line vty 0 4") == "Router(config-line)#"


def test_pager_searches(terminal):
    terminal.keys("show running-config\r")
    assert terminal.keys("/").endswith("\b/")
    shown = terminal.keys("^line vty\r")
    assert shown.startswith("^line vty\r\nfiltering...\r\nline vty 0 4\r\n login\r\n")
    assert shown.endswith("Router#")
    terminal.keys("show running-config\r")
    terminal.keys("+")
    assert terminal.keys("^line\r") == (
        "^line\r\nfiltering...\r\nline con 0\r\nline aux 0\r\nline vty 0 4\r\nRouter#"
    )


def test_messages_reprint_the_line_with_logging_synchronous(router, grammar):
    load(router, grammar, "line con 0\n logging synchronous\n")
    terminal = Terminal(router, grammar)
    terminal.keys("show ver")
    router.log("SYS", 5, "TEST", "hello")
    shown = terminal.pass_time(0)
    assert shown.startswith("\r\n*Jan  1 00:00:00.000: %SYS-5-TEST: hello\r\n")
    assert shown.endswith("Router#show ver")
    load(router, grammar, "line con 0\n no logging synchronous\n")
    router.log("SYS", 5, "TEST", "again")
    assert terminal.pass_time(0).endswith("again\r\n")


def test_keys_edit_the_line(terminal):
    assert terminal.keys("how\x01s\x05 privilege\r").endswith("Current privilege level is 15\r\nRouter#")
    terminal.keys("show privilegeXXX\x08\x08\x08\x01\x0b\x19\r")
    assert terminal.type("show history") == ("  show privilege\n  show history\nRouter#")


def test_a_listing_stops_at_each_page_and_a_ping_does_not(terminal):
    terminal.keys("terminal length 5\r")
    assert terminal.keys("show version\r").endswith(" --More-- ")
    terminal.keys("q")
    shown = terminal.keys("ping 127.0.0.1 repeat 1000 timeout 0\r")
    for _ in range(3000):
        scheduler = terminal.session.device.scheduler
        scheduler.run_until(scheduler.now + 0.01)
        terminal.session.tick()
        shown += terminal.session.output().decode()
        if "Success rate" in shown:
            break
    assert shown.count("\n") > 10
    assert "More" not in shown
    assert terminal.keys("show ?").endswith(" --More-- ")
