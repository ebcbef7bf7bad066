"""The line to a worker, and the processes behind them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from multiprocessing import Pipe
from multiprocessing.connection import wait
from typing import Any

from iosemu.lab.cut import process
from iosemu.lab.cut.worker import Orders, Report
from iosemu.lab.errors import LabError

PATIENCE = 5.0
"""Wall seconds that a worker has to end by itself."""


class WorkerGone(LabError):  # noqa: N818 - it tells what happened, as PeerGone does
    """A worker ended unexpectedly, and with it the lab."""


class WorkerProcess:
    """A worker as the front sees it: what is sent is answered in order; in between it may tell something by itself."""

    def __init__(
        self, orders: Orders, noticed: Callable[[], None], company: Sequence[WorkerProcess] = ()
    ) -> None:
        self._company = company
        """All workers of the lab."""
        self.number = orders.number
        self.report: Report | None = None
        """How it was when it last said."""
        self._lab = orders.topology.lab.name
        self._noticed = noticed
        self.connection, there = Pipe()
        self._process = process.start(there)
        there.close()
        self._send((dict(os.environ), orders))

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid or 0

    @property
    def sentinel(self) -> int:
        """Can be read when it has ended."""
        return self._process.sentinel

    @property
    def failed(self) -> bool:
        """It has ended, and not by itself."""
        return bool(self._process.exitcode)

    def send(self, *request: Any) -> None:
        """Ask; `receive` gives the answer. Raises WorkerGone."""
        self._send(request)

    def _send(self, value: object) -> None:
        try:
            self.connection.send(value)
        except OSError as error:
            raise self.gone() from error

    def receive(self, others: Sequence[WorkerProcess] = ()) -> Any:
        """The next answer; raises WorkerGone, of one of the `others`, too, for whom this one may wait.

        Raises the LabError that the worker raised.
        """
        ends = {each.sentinel: each for each in others if each is not self}
        while True:
            if self.connection not in (ready := wait([self.connection, *ends])):
                raise ends[next(each for each in ready if isinstance(each, int))].gone()
            try:
                kind, *rest = self.connection.recv()
            except (EOFError, OSError) as error:
                raise self.gone() from error
            if kind == "failed":
                raise self._failed(rest[0])
            self.report = rest[-1]
            if kind == "answer":
                if isinstance(rest[0], LabError):
                    raise rest[0]
                return rest[0]
            self._noticed()

    def notices(self) -> None:
        """Take in what it told by itself; raises WorkerGone."""
        try:
            while self.connection.poll(0):
                kind, *rest = self.connection.recv()
                if kind == "failed":
                    raise WorkerGone(
                        f"worker-{self.number + 1} of lab {self._lab} failed; the lab has ended:\n{rest[0]}"
                    )
                self.report = rest[-1]
                self._noticed()
        except (EOFError, OSError) as error:
            raise self.gone() from error

    def _failed(self, text: str) -> WorkerGone:
        return WorkerGone(f"worker-{self.number + 1} of lab {self._lab} failed; the lab has ended:\n{text}")

    def gone(self) -> WorkerGone:
        """What to say of its end, or of that of the worker for whose sake it ended."""
        self._process.join(PATIENCE)
        code = self._process.exitcode
        if code == 0:  # it does that when another has gone
            others = [each for each in self._company if each is not self]
            wait([each.sentinel for each in others], PATIENCE)
            for each in others:
                if each.failed:
                    return each.gone()
        how = (
            "does not answer"
            if code is None
            else f"was ended by signal {-code}"
            if code < 0
            else f"ended with {code}"
        )
        return WorkerGone(f"worker-{self.number + 1} of lab {self._lab} {how}; the lab has ended")

    def close(self, at_once: bool = False) -> None:
        """End it."""
        with contextlib.suppress(OSError):
            self.connection.close()
        if at_once:
            self._process.kill()
        self._process.join(PATIENCE)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0))
