"""A whole farm: the supervisor with its front doors, from the class file to the last signal."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from importlib.util import find_spec

from iosemu.farm.accounts import Accounts
from iosemu.farm.class_file import Class
from iosemu.farm.gateway import Gateway
from iosemu.farm.registry import ACCOUNTS, HOST_KEYS
from iosemu.farm.supervisor import Supervisor
from iosemu.farm.wire import Address
from iosemu.lab.errors import LabError
from iosemu.server.hostkeys import host_keys
from iosemu.server.limits import raise_descriptor_limit

logger = logging.getLogger("iosemu.farm")


@dataclass
class Farm:
    """What runs."""

    supervisor: Supervisor
    accounts: Accounts
    gateway: Gateway


class _Hall:
    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    async def worker_of(self, student: str) -> Address:
        return await self._supervisor.post_of(student).ready()

    def has(self, student: str) -> bool:
        return student in self._supervisor.found.orders


@contextlib.asynccontextmanager
async def _site(farm: Farm, host: str) -> AsyncIterator[None]:
    """The pages and the metrics, where they are wanted. Raises LabError."""
    ports = farm.supervisor.found.file.ports
    if ports.web is None and ports.metrics is None:
        yield
        return
    needed = ("starlette", "uvicorn", "websockets", "prometheus_client")
    if any(find_spec(name) is None for name in needed):
        raise LabError("ports web and metrics need a few more packages: pip install 'iosemu[farm]'")
    from iosemu.farm.site import serving

    async with serving(farm, host, ports.web, ports.metrics) as opened:
        farm.supervisor.ports.update(opened)
        yield


async def run(
    found: Class, *, workers: int | None = None, listen: str | None = None, began: Callable[[Farm], None]
) -> None:
    """Have a class at work until a signal comes or somebody asks for the end; `began` is called when it answers.

    Raises LabError when it cannot begin.
    """
    loop = asyncio.get_running_loop()
    supervisor = Supervisor(found, workers, listen)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, supervisor.ending.set)
    raise_descriptor_limit()
    accounts = Accounts(supervisor.directory / ACCOUNTS)
    gateway = Gateway(_Hall(supervisor), accounts)
    farm = Farm(supervisor, accounts, gateway)
    host = supervisor.listen
    stack = contextlib.AsyncExitStack()
    try:
        await supervisor.open()
        port = found.file.ports.ssh
        try:
            keys = host_keys(supervisor.directory / HOST_KEYS)
            supervisor.ports["ssh"] = await gateway.open(host, port, keys)
        except OSError as error:
            raise LabError(
                f"cannot listen on {host}:{port} for the gateway: {error.strerror or error}"
            ) from error
        await stack.enter_async_context(_site(farm, host))
        ready = asyncio.create_task(supervisor.settled())
        ending = asyncio.create_task(supervisor.ending.wait())
        await asyncio.wait((ready, ending), return_when=asyncio.FIRST_COMPLETED)
        if ready.done():
            ready.result()
            supervisor.announce()
            began(farm)
            await ending
        ready.cancel()
        ending.cancel()
    except OSError as error:
        raise LabError(f"{error.filename or supervisor.directory}: {error.strerror or error}") from error
    finally:
        await stack.aclose()
        await gateway.close()
        await supervisor.close()
