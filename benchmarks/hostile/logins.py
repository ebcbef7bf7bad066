"""Passwords are tried on one connection as fast as it takes them."""


def logins(count: int | None = None) -> str:
    return ""
