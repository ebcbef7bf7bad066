"""The prompt of a mode."""

from __future__ import annotations

import re

CONFIG_NAME_LENGTH = 20
"""Configuration prompts show no more of the host name than this."""


def prompt_text(template: str, hostname: str, privilege: int, configuring: bool) -> str:
    """Fill a mode's `prompt`: `{hostname}` and `{mark}` (`#` from privilege 2 on, else `>`)."""
    name = hostname[:CONFIG_NAME_LENGTH] if configuring else hostname
    return template.replace("{hostname}", name).replace("{mark}", "#" if privilege >= 2 else ">")


def custom_prompt(text: str, hostname: str, privilege: int, line_name: str) -> str:
    """What `prompt TEXT` makes: `%h` host name, `%p` mark, `%n` number of the line, `%s` blank, `%t` tab, `%%`."""
    values = {
        "h": hostname,
        "p": "#" if privilege >= 2 else ">",
        "n": line_name.lstrip("abcdefghijklmnopqrstuvwxyz") or "0",
        "s": " ",
        "t": "\t",
        "%": "%",
    }
    return re.sub("%(.)", lambda found: values.get(found[1].lower(), ""), text)
