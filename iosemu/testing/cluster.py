"""Joining a Ray cluster, for whoever has work for one. Ray is imported when it is joined, and not before."""

from __future__ import annotations

import os
import socket
from importlib.util import find_spec
from typing import Any

from iosemu.lab.errors import LabError

REACHED = 10.0
"""Wall seconds that the head of a cluster has to answer."""


def join(address: str, namespace: str) -> Any:
    """Join the cluster at HOST:PORT, `ray://HOST:PORT` or `auto`; gives Ray's module. Blocks. Raises LabError."""
    if find_spec("ray") is None:
        raise LabError("a cluster needs a few more packages: pip install 'iosemu[ray]'")
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdigit():  # Ray itself tries for minutes
        try:
            socket.create_connection((host.strip("[]"), int(port)), REACHED).close()
        except (OSError, OverflowError) as error:
            raise LabError(f"the cluster {address} does not answer: {error}") from error
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    import ray

    try:
        ray.init(address=address, namespace=namespace, log_to_driver=False, configure_logging=False)
    except Exception as error:
        raise LabError(f"the cluster {address} cannot be joined: {error}") from error
    return ray
