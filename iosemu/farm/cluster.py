"""Workers beyond a machine: named, detached actors of a Ray cluster, placed by the resources that they ask for.

Ray places and starts them, tells when one died, and grows the cluster if it can; the supervisor decides who carries
what, as it does on one machine. Requests and terminals go straight to a worker's own TCP port, not through Ray.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import iosemu
from iosemu.farm import journal, luggage
from iosemu.farm.carriers import PATIENCE
from iosemu.farm.class_file import Cluster, Order
from iosemu.farm.holding import Forward
from iosemu.farm.luggage import Luggage
from iosemu.farm.wire import Address, Message
from iosemu.farm.worker import Job, Worker
from iosemu.lab import resources
from iosemu.server import durable
from iosemu.server.hostkeys import host_keys
from iosemu.testing.cluster import join

AVOIDED = 60.0
"""Wall seconds in which nothing is placed on a node whose actor could not be reached any more."""
REMEMBERED = 5.0
"""Wall seconds that an actor of an earlier supervisor has to say whether it goes on for this one."""
HOST_KEYS = "hostkeys"
logger = logging.getLogger("iosemu.farm")


class Actors:
    """The actors of a class; its Ray namespace is `iosemu-CLASS`, their names are `worker-…`."""

    def __init__(self, name: str, wanted: Cluster, directory: Path) -> None:
        self.wanted = wanted
        self.patience = wanted.patience
        self.ray: Any = None
        self.began = False
        """All workers answered once: from now on there are some in reserve."""
        self._name = name
        self._directory = directory
        self._log: Any = None
        self._left: dict[int, Any] = {}
        """Actors that an earlier supervisor left, by the numbers of their workers."""
        self._spares: dict[Any, asyncio.Future[str]] = {}
        """Actors in reserve, and their nodes as soon as they have loaded everything."""
        self._lost: dict[str, float] = {}
        """Nodes that are probably gone, and until when they are avoided."""
        self._waiting = 0
        """Workers that wait for room."""
        self._packed: tuple[tuple[Order, ...], Luggage] | None = None

    async def open(self) -> None:
        """Join the cluster. Raises LabError, and OSError when nothing can be logged."""
        self._log = (self._directory / "logs" / "workers.log").open("a", encoding="utf-8")
        self.ray = await asyncio.to_thread(join, self.wanted.address, f"iosemu-{self._name}")
        names = await asyncio.to_thread(self.ray.util.list_named_actors)
        await asyncio.gather(*(self._find(name) for name in names))
        logger.info("cluster joined", extra={"address": self.wanted.address})

    async def _find(self, name: str) -> None:
        """An actor that an earlier supervisor left: keep those that have labs."""
        with contextlib.suppress(ValueError):  # it is gone
            actor = await asyncio.to_thread(self.ray.get_actor, name)
            number = None
            with contextlib.suppress(Exception):  # it does not answer
                async with asyncio.timeout(REMEMBERED):
                    number = await asyncio.wrap_future(actor.number.remote().future())
            if number is None or number in self._left:
                self.kill(actor)
            else:
                self._left[number] = actor

    def count(self, labs: int) -> int:
        """So many that each has as many labs as the class file says."""
        return -(-labs // self.wanted.labs)

    def address(self, number: int, key: str) -> Address:
        """Any port of the node where it will be."""
        return Address(key=key)

    def carrier(self, number: int) -> ActorCarrier:
        """For one worker."""
        return ActorCarrier(self, number)

    def reserve(self) -> None:
        """Have some in reserve that have loaded everything, unless workers wait for the room that these would take."""
        self._drop()
        while not self._waiting and len(self._spares) < self.wanted.spares:
            self.began = True
            actor = self.hired()
            self._spares[actor] = asyncio.wrap_future(actor.ready.remote().future())

    def outdate(self) -> None:
        """Those in reserve have the program as it was."""
        self._withdraw(list(self._spares))

    async def refresh(self) -> None:
        """Wait until one has loaded all, or there is no room for it."""
        self.reserve()
        if self._spares:
            await asyncio.wait(self._spares.values(), timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)

    @property
    def reserved(self) -> int:
        """How many are ready."""
        return sum(ready.done() for ready in self._spares.values())

    def avoid(self, node: str) -> None:
        """Nothing is placed on this node for a while: Ray takes some time to see that it is gone."""
        self._lost[node] = time.monotonic() + AVOIDED

    def _drop(self) -> None:
        """Those in reserve that could not load, or are on a node that is lost: to ask them takes seconds."""
        lost, spares = self._avoided(), list(self._spares.items())
        self._withdraw(
            [actor for actor, node in spares if node.done() and (node.exception() or node.result() in lost)]
        )

    def _avoided(self) -> list[str]:
        """Nodes to avoid; none when there are no others, for then nothing would run at all."""
        lost = [node for node, until in self._lost.items() if until > time.monotonic()]
        if lost and all(node["NodeID"] in lost for node in self.ray.nodes() if node["Alive"]):
            return []
        return lost

    def _withdraw(self, spares: Iterable[Any]) -> None:
        for actor in spares:
            self._spares.pop(actor).cancel()
            self.kill(actor)

    async def spare(self) -> Any:
        """One that was in reserve and is alive; None for none."""
        self._drop()
        for actor, ready in list(self._spares.items()):
            if ready.done() and self._spares.pop(actor, None) is not None:
                with contextlib.suppress(Exception):  # it died meanwhile
                    async with asyncio.timeout(REMEMBERED):
                        await asyncio.wrap_future(actor.ready.remote().future())
                        return actor
                self.kill(actor)
        return None

    @contextlib.contextmanager
    def room(self) -> Iterator[None]:
        """Those in reserve that have none yet do not compete for it."""
        self._waiting += 1
        self._withdraw([actor for actor, ready in self._spares.items() if not ready.done()])
        try:
            yield
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """End what earlier supervisors left over, and leave the cluster."""
        if self.ray is not None:
            self._waiting += 1  # no more
            self._withdraw(list(self._spares))
            await asyncio.gather(*(self.dismiss(actor) for actor in self._left.values()))
            await asyncio.to_thread(self.ray.shutdown)
        if self._log is not None:
            self._log.close()

    def left(self, number: int) -> Any:
        """The actor that an earlier supervisor left for this number; None for none. It is given once."""
        return self._left.pop(number, None)

    def hired(self) -> Any:
        """A new one; Ray places it as soon as there is room."""
        wanted = self.wanted
        options: dict[str, Any] = {"memory": wanted.memory} if wanted.memory is not None else {}
        lost = self._avoided()
        if lost:
            options["label_selector"] = {"ray.io/node-id": f"!in({','.join(lost)})"}
        return _actor().options(
            name=f"worker-{secrets.token_hex(4)}", lifetime="detached", max_restarts=0,
            max_concurrency=64, num_cpus=wanted.cpus, resources=dict(wanted.resources) or None,
            scheduling_strategy="SPREAD", **options,
        ).remote()  # fmt: skip

    def luggage(self, orders: tuple[Order, ...]) -> Luggage:
        """What their labs read. Raises LabError and OSError."""
        if self._packed is None or self._packed[0] != orders:
            self._packed = orders, luggage.packed(orders)
        return self._packed[1]

    def keys(self) -> dict[str, bytes]:
        """The host keys of the class, which all its devices have. Raises OSError."""
        directory = self._directory / HOST_KEYS
        host_keys(directory)
        return {path.name: path.read_bytes() for path in sorted(directory.glob("*.pem"))}

    async def dismiss(self, actor: Any) -> None:
        """Have one put its labs aside and end."""
        with contextlib.suppress(Exception):  # it is gone, or does not answer
            async with asyncio.timeout(PATIENCE):
                await asyncio.wrap_future(actor.end.remote().future())
        self.kill(actor)

    def kill(self, actor: Any) -> None:
        """End one at once, whether it wants or not."""
        asyncio.get_running_loop().run_in_executor(None, self._kill, actor)

    def _kill(self, actor: Any) -> None:
        with contextlib.suppress(Exception):
            self.ray.kill(actor, no_restart=True)

    def log(self, line: str) -> None:
        """Keep a line of a worker's log."""
        self._log.write(f"{line}\n")
        self._log.flush()


class ActorCarrier:
    """One worker in an actor."""

    def __init__(self, actors: Actors, number: int) -> None:
        self.pid = 0
        self._actors = actors
        self._number = number
        self._actor: Any = None
        self._node = ""
        self._killed = asyncio.Event()
        self._dismissed = False
        """It ends because it is told to: that says nothing of its node."""

    async def start(self, job: Job) -> Address:
        """Go on with the actor that an earlier supervisor left, or have another; waits until it was placed."""
        packed = await asyncio.to_thread(self._actors.luggage, job.orders)
        keys = await asyncio.to_thread(self._actors.keys)
        left = self._actors.left(self._number)
        if left is not None:
            with contextlib.suppress(Exception):  # it died, or is of another program: there will be another
                async with asyncio.timeout(REMEMBERED):
                    return await self._begun(left, job, packed, keys)
            self._actors.kill(left)
        try:
            self._actor = await self._actors.spare()
            if self._actor is not None:
                return await self._begun(self._actor, job, packed, keys)
            logger.info("worker waits for room", extra={"worker": self._number})
            with self._actors.room():
                self._actor = self._actors.hired()
                return await self._begun(self._actor, job, packed, keys)
        except self._actors.ray.exceptions.RayError as error:
            self.kill()
            raise OSError(_first_line(error)) from error
        finally:
            if self._actors.began:
                self._actors.reserve()

    async def _begun(self, actor: Any, job: Job, packed: Luggage, keys: dict[str, bytes]) -> Address:
        told = await asyncio.wrap_future(actor.open.remote(job.data(), packed, keys).future())
        if told["iosemu"] != iosemu.__version__:
            logger.warning("another version", extra={"worker": self._number, "why": told["iosemu"]})
        self._actor, self.pid, self._node = actor, told["pid"], told["node"]
        return Address(**told["address"])

    async def gone(self) -> str:
        """Wait until its worker, its process or its node is."""
        ended = asyncio.wrap_future(self._actor.ended.remote().future())
        killed = asyncio.create_task(self._killed.wait())
        try:
            await asyncio.wait((ended, killed), return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                if not self._dismissed:
                    self._actors.avoid(self._node)
                return "killed"
            error = ended.exception()
            if isinstance(error, self._actors.ray.exceptions.ActorUnavailableError):
                self._actors.avoid(self._node)
            return str(ended.result()) if error is None else _first_line(error)
        finally:
            killed.cancel()
            ended.cancel()
            self._actors.kill(self._actor)

    async def end(self) -> None:
        """Have it put its labs aside."""
        self._dismissed = True
        if self._actor is not None:
            await self._actors.dismiss(self._actor)
        self._killed.set()

    def kill(self) -> None:
        """By Ray, which does not wait for it."""
        self._killed.set()
        if self._actor is not None:
            self._actors.kill(self._actor)

    def heard(self, message: Message) -> None:
        """Keep what it logs."""
        if "log" in message:
            self._actors.log(str(message["log"]))


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


class Carried:
    """What is in an actor: a worker that goes on while supervisors come and go, but not for long without any."""

    def __init__(self) -> None:
        self._worker: Worker | None = None
        self._essence: Message = {}
        self._place: Path | None = None
        self._node = ""
        self._watch: asyncio.Task[None] | None = None
        self._over = asyncio.Event()
        self._why = ""

    async def number(self) -> int | None:
        """Of our worker; None for none."""
        return self._worker.job.number if self._worker is not None else None

    async def ready(self) -> str:
        """Load what takes time; tells the node where we are."""
        await asyncio.to_thread(resources.grammar)
        return _node()

    async def open(self, data: Message, packed: Luggage, keys: dict[str, bytes]) -> Message:
        """Carry these labs, or go on to, if we have them already; tells where and who we are.

        Raises LabError and OSError.
        """
        job = Job.of(data)
        essence = {key: value for key, value in data.items() if key != "address"}
        essence["packed"] = packed.packed
        if self._worker is not None and essence == self._essence:
            self._worker.rekey(job.address.key)
        else:
            await self._close()
            await self._open(job, packed, keys)
            self._essence = essence
        assert self._worker is not None
        return {
            "address": self._worker.address.data(),
            "pid": os.getpid(),
            "node": self._node,
            "iosemu": iosemu.__version__,
            "python": sys.version,
        }

    async def _open(self, job: Job, packed: Luggage, keys: dict[str, bytes]) -> None:
        import ray

        self._node = _node()
        place = self._place = Path(tempfile.mkdtemp(prefix="iosemu-worker-"))
        durable.make_directories(place / HOST_KEYS)
        for name, data in keys.items():
            durable.write_file(place / HOST_KEYS / name, data)
        orders = packed.unpacked(job.orders, place / "files")
        address = Address(host=ray.util.get_node_ip_address(), key=job.address.key)
        await self.ready()
        self._worker = Worker(
            replace(job, directory=place, orders=orders, address=address, listen=address.host),
            alone=False,
        )
        journal.begin(worker=job.number)
        forward = Forward(self._worker.holding)
        forward.setFormatter(journal.JsonFormatter(worker=job.number))
        logging.getLogger().addHandler(forward)
        await self._worker.open()
        self._watch = asyncio.create_task(self._lasting(self._worker))

    async def _lasting(self, worker: Worker) -> None:
        """End when somebody wants it, or there is no supervisor any more."""
        ended, lost = asyncio.create_task(worker.ended()), asyncio.create_task(worker.holding.lost())
        try:
            await asyncio.wait((ended, lost), return_when=asyncio.FIRST_COMPLETED)
            why = lost.result() if lost.done() else "ended"
        finally:
            ended.cancel()
            lost.cancel()
        logger.warning("worker ends", extra={"why": why})
        await self._end(why)
        os.kill(os.getpid(), signal.SIGTERM)  # Ray gives what we had to others

    async def _close(self) -> None:
        worker, self._worker = self._worker, None
        if self._watch is not None and self._watch is not asyncio.current_task():
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        if worker is not None:
            await worker.close()
            if self._place is not None:
                await asyncio.to_thread(shutil.rmtree, self._place, ignore_errors=True)

    async def _end(self, why: str) -> None:
        await self._close()
        self._why = why
        self._over.set()

    async def end(self) -> None:
        """Put all labs aside."""
        await self._end("ended")

    async def ended(self) -> str:
        """Wait until the worker has ended; tells why."""
        await self._over.wait()
        return self._why


def _node() -> str:
    import ray

    return str(ray.get_runtime_context().get_node_id())


@cache
def _actor() -> Any:
    """`Carried` as Ray knows it; what is not installed everywhere is imported only here."""
    import ray

    remote: Callable[[type[Carried]], Any] = ray.remote
    return remote(Carried)
