"""The initial configuration dialogue: a router without a startup configuration asks for the first lines of one."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from iosemu.box.interface_types import type_of
from iosemu.handling.context import Context
from iosemu.handling.effects import Ask, Interrupted
from iosemu.subjects.files.commands.files import save

SELECTIONS = (
    "[0] Go to the IOS command prompt without saving this config.",
    "[1] Return back to the setup without saving this config.",
    "[2] Save this configuration to nvram and exit.",
)
_ABOUT_ENABLE = (
    "  The enable secret is a password used to protect access to privileged EXEC and configuration modes."
)
_ABOUT_OLDER = "  The enable password is used when you do not specify an enable secret."
_ABOUT_LINES = (
    "  The virtual terminal password is used to protect access to the router over a network interface."
)

Dialogue = Generator[Any, Any, bool]


def setup(context: Context) -> Generator[Any, Any, None]:
    """`setup`: the dialogue, when somebody wants it."""
    yield from dialogue(context, "Continue with configuration dialog? [yes/no]: ")


def dialogue(
    context: Context, question: str = "Would you like to enter the initial configuration dialog? [yes/no]: "
) -> Dialogue:
    """Ask for a name, passwords and one interface, and configure them; tells whether it was done (Ctrl-C: not)."""
    try:
        yield ""
        yield ""
        yield "         --- System Configuration Dialog ---"
        yield ""
        if not (yield from _yes(question)):
            return False
        yield ""
        yield "At any point you may enter a question mark '?' for help."
        yield "Use ctrl-c to abort configuration dialog at any prompt."
        yield "Default settings are in square brackets '[]'."
        yield ""
        while True:
            script = yield from _questions(context)
            yield ""
            yield "The following configuration command script was created:"
            yield ""
            yield from script
            yield ""
            yield ""
            yield from SELECTIONS
            yield ""
            chosen = yield from _choice("Enter your selection [2]: ", ("0", "1", "2"), "2")
            if chosen != "1":
                break
        if chosen == "0":
            return False
        yield "Building configuration..."
        yield from context.session.load(script)
        yield from save(context)
        yield "Use the enabled mode 'configure' command to modify this configuration."
        yield ""
        return True
    except Interrupted:
        yield ""
        return False


def _questions(context: Context) -> Generator[Any, Any, list[str]]:
    device = context.device
    yield "Configuring global parameters:"
    yield ""
    name = yield from _text(f"  Enter host name [{device.hostname}]: ", device.hostname)
    yield ""
    yield _ABOUT_ENABLE
    secret = yield from _text("  Enter enable secret: ")
    yield ""
    yield _ABOUT_OLDER
    while True:
        password = yield from _text("  Enter enable password: ")
        if password != secret:
            break
        yield "% Please choose a password that is different from the enable secret"
    yield ""
    yield _ABOUT_LINES
    terminal = yield from _text("  Enter virtual terminal password: ")
    yield ""
    yield "Current interface summary"
    yield ""
    yield from context.session.run_exec("show ip interface brief")
    yield ""
    yield "Enter interface name used to connect to the"
    candidates = [port for port in device.ports if not type_of(port).logical]
    while True:
        typed = yield from _text("management network from the above interface summary: ")
        port = next((each for each in candidates if each.lower() == typed.lower().replace(" ", "")), None)
        if port is not None:
            break
        yield "% Invalid interface name"
    script = [
        f"hostname {name}",
        f"enable secret {secret}",
        f"enable password {password}",
        "line vty 0 4",
        f" password {terminal}",
        " login",
        "!",
        f"interface {port}",
    ]
    yield ""
    yield f"Configuring interface {port}:"
    if (yield from _yes("  Configure IP on this interface? [yes]: ", default=True)):
        address = yield from _address("    IP address for this interface: ")
        natural = _class_length(address)
        default = str(IPv4Network((0, natural)).netmask)
        mask = yield from _mask(f"    Subnet mask for this interface [{default}] : ", default)
        yield from _told(address, natural, mask)
        script += [" no shutdown", f" ip address {address} {mask}"]
    else:
        script += [" no ip address"]
    return [*script, "!", "end"]


def _told(address: IPv4Address, natural: int, mask: IPv4Address) -> Iterator[str]:
    """The class of an address, and what its mask makes of it."""
    letter = {8: "A", 16: "B", 24: "C"}[natural]
    network = IPv4Network((int(address) >> (32 - natural) << (32 - natural), natural))
    length = IPv4Network(f"0.0.0.0/{mask}").prefixlen
    yield (
        f"    Class {letter} network is {network.network_address}, {max(length - natural, 0)} subnet bits; "
        f"mask is /{length}"
    )


def _class_length(address: IPv4Address) -> int:
    """Bits of the network in an address's class."""
    first = int(address) >> 24
    return 8 if first < 128 else 16 if first < 192 else 24


def _text(prompt: str, default: str = "") -> Generator[Any, Any, str]:
    while True:
        typed = (yield Ask(prompt)).strip() or default
        if typed:
            return str(typed)
        yield "% No defaulting allowed"


def _yes(prompt: str, default: bool | None = None) -> Generator[Any, Any, bool]:
    while True:
        word = (yield Ask(prompt)).strip().lower()
        if not word and default is not None:
            return default
        if word and "yes".startswith(word):
            return True
        if word and "no".startswith(word):
            return False
        yield "% Please answer 'yes' or 'no'."


def _choice(prompt: str, those: tuple[str, ...], default: str) -> Generator[Any, Any, str]:
    while True:
        typed = (yield Ask(prompt)).strip() or default
        if typed in those:
            return str(typed)
        yield f"% Please answer {', '.join(those[:-1])} or {those[-1]}."


def _address(prompt: str) -> Generator[Any, Any, IPv4Address]:
    while True:
        typed = yield from _text(prompt)
        try:
            address = IPv4Address(typed)
        except ValueError:
            yield "% Please enter an IP address of the form A.B.C.D"
            continue
        if 0 < int(address) >> 24 < 224 and not address.is_loopback:
            return address
        yield "% Invalid address"


def _mask(prompt: str, default: str) -> Generator[Any, Any, IPv4Address]:
    while True:
        typed = yield from _text(prompt, default)
        try:
            network = IPv4Network(f"0.0.0.0/{typed}")
        except ValueError:
            yield "% Please enter a mask of the form A.B.C.D"
            continue
        if 0 < network.prefixlen < 32 and typed == str(network.netmask):
            return network.netmask
        yield "% Invalid mask"
