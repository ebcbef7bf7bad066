"""The supervisor of a farm: gives the labs to workers, keeps those alive, and answers whoever manages the class."""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from iosemu.farm.carriers import Carriers, Processes
from iosemu.farm.class_file import Class, Order, read
from iosemu.farm.post import Post
from iosemu.farm.registry import LOGS, NOTE, farm_directory
from iosemu.farm.relays import Relays
from iosemu.farm.store import is_url, path_of
from iosemu.farm.wire import Address, Listener, Message, Stream
from iosemu.farm.worker import Job
from iosemu.lab.errors import LabError
from iosemu.server import durable

LOOK = 120.0
"""Wall seconds that a worker has to look at the checks of all its labs."""
ANSWER = 10.0
"""Wall seconds that a worker has to tell how its labs are."""
logger = logging.getLogger("iosemu.farm")


class Supervisor:
    """A class at work."""

    def __init__(self, found: Class, workers: int | None = None, listen: str | None = None) -> None:
        self.found = found
        self._listen = listen
        self._relays = Relays()
        self.directory = farm_directory(found.file.name)
        self.began = time.time()
        self.ports: dict[str, int] = {}
        """Where the front doors are, for whoever asks."""
        self.ending = asyncio.Event()
        """Somebody asked for the end."""
        self.posts: list[Post] = []
        self._workers = workers or found.file.workers
        self._places: dict[str, int] = {}
        """Student to post."""
        self._sockets: Path | None = None
        self._carriers = self._make_carriers()
        self._key = secrets.token_hex(16)
        self._listener = Listener(self.serve, self._failed)
        self._lock: int | None = None
        self._updating = asyncio.Lock()

    # --- beginning and end ----------------------------------------------------------------------------

    async def open(self) -> None:
        """Begin the workers; `announce` tells others. Raises LabError when this class is running already."""
        try:
            durable.make_directories(self.directory / LOGS)
            self._own()
            sockets = self._sockets = Path(tempfile.mkdtemp(prefix="iosemu-farm-"))
            await self._carriers.open()
        except OSError as error:
            raise LabError(f"{error.filename or self.directory}: {error.strerror}") from error
        labs = len(self.found.orders)
        count = max(1, min(self._workers or self._carriers.count(labs), labs))
        for number in range(count):
            self.posts.append(self._post(number))
        self._place(self.found.orders.values())
        await self._listener.open(Address(str(sockets / "control"), key=self._key))
        for post in self.posts:
            post.begin()

    def _make_carriers(self) -> Carriers:
        file = self.found.file
        if file.cluster is None:
            return Processes(self.directory / LOGS / "workers.log")
        from iosemu.farm.cluster import Actors

        return Actors(file.name, file.cluster, self.directory)

    @property
    def _state(self) -> str:
        """Where labs keep what they do; empty for the directory of the class."""
        state, file = self.found.file.state, self.found.file
        if state is None:
            return ""
        if is_url(state):
            return f"{state.rstrip('/')}/{file.name}"
        return str((self.found.path.parent / path_of(state)).resolve() / file.name)

    def _post(self, number: int) -> Post:
        return Post(number + 1, lambda: self._job(number), self._carriers.carrier)

    def _job(self, place: int) -> Job:
        orders = tuple(each for each in self.found.orders.values() if self._places.get(each.name) == place)
        file = self.found.file
        address = self._carriers.address(place + 1, self._key)
        return Job(
            place + 1, address, self.directory, file.quotas, file.time, orders, self.listen, self._state
        )

    def _own(self) -> None:
        """No two farms of a class at once."""
        self._lock = os.open(self.directory / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            self._lock = None
            raise LabError(
                f"the farm {self.found.file.name} is running already; iosemu farm status shows it"
            ) from None

    def announce(self) -> None:
        """Tell other processes of this user where it is. Raises OSError."""
        data = {
            "pid": os.getpid(), "name": self.found.file.name, "control": self._listener.address.data(),
            "class": str(self.found.path.resolve()), "ports": self.ports,
        }  # fmt: skip
        durable.write_file(self.directory / NOTE, json.dumps(data).encode())

    async def close(self) -> None:
        """Put all labs aside and end all workers."""
        if self._lock is None:
            return
        (self.directory / NOTE).unlink(missing_ok=True)
        await self._listener.close()
        await self._relays.close()
        await asyncio.gather(*(post.end() for post in self.posts))
        await self._carriers.close()
        if self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)
        os.close(self._lock)
        self._lock = None
        logger.info("farm ends")

    async def settled(self) -> None:
        """Wait until every worker answers. Raises LabError when one does not."""
        await asyncio.gather(*(post.ready(self._carriers.patience) for post in self.posts))
        self._carriers.reserve()

    # --- who has which lab ----------------------------------------------------------------------------

    def _place(self, orders: Iterable[Order]) -> None:
        """Give labs that have none a place where there are the fewest."""
        load = [0] * len(self.posts)
        for place in self._places.values():
            load[place] += 1
        for order in orders:
            if order.name not in self._places:
                place = load.index(min(load))
                self._places[order.name] = place
                load[place] += 1

    def post_of(self, student: str) -> Post:
        """Who has a student's lab. Raises LabError when there is none."""
        place = self._places.get(student)
        if place is None:
            raise LabError(f"there is no student {student!r}")
        return self.posts[place]

    async def update(self) -> Message:
        """Read the class file anew, and replace one worker after the other; labs go on where they were.

        Students who are new get labs, those who are gone lose theirs, and what they kept stays on the disk.
        Raises LabError.
        """
        if self._updating.locked():
            raise LabError("an update is under way already")
        async with self._updating:
            fresh = read(self.found.path)
            if fresh.file.name != self.found.file.name:
                raise LabError(f"{self.found.path} is another class now: {fresh.file.name}")
            before, now = self.found.file, fresh.file
            if (before.cluster, before.state) != (now.cluster, now.state):
                raise LabError(
                    "another cluster or state is taken up when the class is stopped and begun again"
                )
            self.found = replace(fresh)
            self._places = {name: place for name, place in self._places.items() if name in fresh.orders}
            wanted = self._workers or self._carriers.count(len(fresh.orders))
            for number in range(len(self.posts), wanted if fresh.file.cluster is not None else 0):
                self.posts.append(self._post(number))
            self._place(fresh.orders.values())
            self._carriers.outdate()
            for post in self.posts:
                if not post.begun:
                    post.begin()
                    continue
                await self._carriers.refresh()  # the new one is ready before the old one ends
                await post.renew()
                logger.info("worker renewed", extra={"worker": post.number})
        return {"workers": len(self.posts), "labs": len(self.found.orders)}

    # --- how they are ---------------------------------------------------------------------------------

    async def status(self) -> Message:
        """Workers, and all labs in the order of the class file; those of a worker that does not answer are waiting."""
        told = await asyncio.gather(*(self._told(post) for post in self.posts))
        known = {lab["name"]: {**lab, "worker": post.number}
                 for post, answer in zip(self.posts, told, strict=True) for lab in answer}  # fmt: skip
        labs = [
            known.get(order.name)
            or {
                "name": order.name,
                "title": order.title,
                "state": "waiting",
                "why": "",
                "worker": self._places[order.name] + 1,
            }
            for order in self.found.orders.values()
        ]
        return {
            "name": self.found.file.name,
            "title": self.found.file.title,
            "pid": os.getpid(),
            "began": round(self.began, 1),
            "ports": self.ports,
            "workers": [
                {
                    "number": post.number, "pid": post.pid, "host": post.host, "up": post.up, "restarts": post.restarts,
                    "since": round(post.since, 1), "labs": sum(lab["worker"] == post.number for lab in labs),
                }
                for post in self.posts
            ],
            "reserve": self._carriers.reserved,
            "labs": labs,
        }  # fmt: skip

    async def _told(self, post: Post) -> list[Message]:
        if not post.up:
            return []
        try:
            return list((await post.ask({"do": "status"}, ANSWER))["labs"])
        except LabError:
            return []

    # --- what is asked --------------------------------------------------------------------------------

    async def serve(self, request: Message, stream: Stream) -> Message | None:
        """Answer the command line or the page. Raises LabError."""
        match request["do"]:
            case "status":
                return await self.status()
            case "look":
                await asyncio.gather(*(post.ask({"do": "look"}, LOOK) for post in self.posts if post.up))
                return await self.status()
            case "end":
                self.ending.set()
                return {}
            case "update":
                return await self.update()
            case "where":
                student = str(request["lab"])
                return {"address": (await self.post_of(student).ready()).data()}
            case "start" | "stop" | "restart" | "restore" | "report" | "page":
                return await self.do(str(request["do"]), str(request["lab"]))
            case unknown:
                raise LabError(f"a farm cannot {unknown}")

    async def do(self, what: str, student: str) -> Message:
        """Have a worker start, stop, restart, restore or report a lab. Raises LabError."""
        post = self.post_of(student)
        if what in ("start", "restart", "restore"):
            post.failed.pop(student, None)
        done = await post.ask({"do": what, "lab": student})
        if what == "page" and post.host:
            port = urlsplit(done["link"]).port or 0
            try:
                await self._relays.lead(self.listen, post.host, port)
            except OSError as error:
                raise LabError(f"the page is not reached at port {port}: {error.strerror}") from error
        return done

    @property
    def listen(self) -> str:
        """The address that the front doors have."""
        return self._listen or self.found.file.listen

    def _failed(self, request: Message, error: Exception) -> None:
        logger.error("request failed: %s", request.get("do"), exc_info=error)
