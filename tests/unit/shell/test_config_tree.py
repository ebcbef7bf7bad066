from iosemu.subjects.archive.tree import commands, differences, missing, parse

OLD = """\
hostname A
interface FastEthernet0/0
 ip address 10.0.0.1 255.255.255.0
 shutdown
interface Loopback0
 no ip address
access-list 1 permit 10.0.0.0
access-list 1 permit 10.0.1.0
ip access-list extended X
 permit ip any any
 deny tcp any any
banner motd ^C
hello
^C
line vty 5 15
 login
end
"""
NEW = """\
hostname B
interface FastEthernet0/0
 ip address 10.0.0.2 255.255.255.0
access-list 1 permit 10.0.1.0
ip access-list extended X
 deny tcp any any
 permit ip any any
end
"""


def test_commands_remove_first_and_renew_what_has_an_order():
    assert commands(parse(OLD.splitlines()), parse(NEW.splitlines())) == [
        "no line vty 5 15",
        "no banner motd",
        "no ip access-list extended X",
        "no access-list 1",
        "no interface Loopback0",
        "interface FastEthernet0/0",
        " no shutdown",
        " no ip address 10.0.0.1 255.255.255.0",
        "no hostname A",
        "hostname B",
        "interface FastEthernet0/0",
        " ip address 10.0.0.2 255.255.255.0",
        "access-list 1 permit 10.0.1.0",
        "ip access-list extended X",
        " deny tcp any any",
        " permit ip any any",
    ]


def test_equal_configurations_need_nothing():
    assert commands(parse(OLD.splitlines()), parse(OLD.splitlines())) == []
    assert list(differences(parse(OLD.splitlines()), parse(OLD.splitlines()))) == []


def test_differences_list_additions_first_and_indent_by_section():
    rows = list(differences(parse(OLD.splitlines()), parse(NEW.splitlines())))
    assert rows[:3] == ["+hostname B", "interface FastEthernet0/0", " +ip address 10.0.0.2 255.255.255.0"]
    assert rows[3:8] == [
        "-hostname A",
        "interface FastEthernet0/0",
        " -ip address 10.0.0.1 255.255.255.0",
        " -shutdown",
        "-interface Loopback0",
    ]


def test_missing_lines_keep_their_section():
    wanted = parse(["Hostname a", "interface FastEthernet0/0", " description x", " no shutdown", "no ip cef"])
    rows = list(missing(parse(OLD.splitlines()), wanted, str.lower))
    assert rows == [(0, "interface FastEthernet0/0"), (1, "description x"), (1, "no shutdown")]
