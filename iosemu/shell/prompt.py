"""The prompt of a mode."""

from __future__ import annotations

CONFIG_NAME_LENGTH = 20
"""Configuration prompts show no more of the host name than this."""


def prompt_text(template: str, hostname: str, privilege: int, configuring: bool) -> str:
    """Fill a mode's `prompt`: `{hostname}` and `{mark}` (`#` from privilege 2 on, else `>`)."""
    name = hostname[:CONFIG_NAME_LENGTH] if configuring else hostname
    return template.replace("{hostname}", name).replace("{mark}", "#" if privilege >= 2 else ">")
