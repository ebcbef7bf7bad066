"""`iosemu up` as a program, for the tests whose subject it is; others take a lab from iosemu's own fixtures."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from iosemu.lab.cli import main

# neither how fast a machine is nor luck must decide; `IOSEMU_EXAMPLES` looks further
settings.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
    database=None,
)
settings.load_profile("any machine")


@pytest.fixture(scope="session", autouse=True)
def state_directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the tests' state out of the user's."""
    directory = tmp_path_factory.mktemp("state")
    before = os.environ.get("IOSEMU_STATE")
    os.environ["IOSEMU_STATE"] = str(directory)
    yield directory
    if before is None:
        del os.environ["IOSEMU_STATE"]
    else:
        os.environ["IOSEMU_STATE"] = before


class _Faults(logging.Handler):
    """Keeps what the labs of a test log about faults of iosemu."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(self.format(record))


@pytest.fixture(autouse=True)
def no_faults(request: pytest.FixtureRequest) -> Iterator[None]:
    """A fault that a lab survives still fails the test, however the test came by the lab."""
    handler, logger = _Faults(), logging.getLogger("iosemu.lab.faults")
    logger.addHandler(handler)
    yield
    logger.removeHandler(handler)
    if handler.texts and request.node.get_closest_marker("faults") is None:
        pytest.fail("\n".join(handler.texts), pytrace=False)


@dataclass(frozen=True)
class Finished:
    """What a command printed, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def iosemu(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Finished]:
    """The `iosemu` command in this process: `iosemu("ls")`, with `state=` where running labs are noted."""

    def run(*words: str | Path, state: str | Path | None = None) -> Finished:
        with monkeypatch.context() as patch:
            if state is not None:
                patch.setenv("IOSEMU_STATE", str(state))
            capsys.readouterr()
            with pytest.raises(SystemExit) as left:
                main([str(word) for word in words])
        printed = capsys.readouterr()
        return Finished(int(left.value.code or 0), printed.out, printed.err)

    return run


@dataclass
class RunningLab:
    """A lab behind `iosemu up`, on free ports."""

    name: str
    ports: dict[str, int]
    console: int
    process: subprocess.Popen[str]
    environment: dict[str, str]

    @property
    def state(self) -> str:
        """The directory that notes it."""
        return self.environment["IOSEMU_STATE"]

    def netmiko(self, device: str, **extra: Any) -> dict[str, Any]:
        """Arguments for Netmiko's ConnectHandler."""
        return {
            "device_type": "cisco_ios",
            "host": "127.0.0.1",
            "port": self.ports[device],
            "username": "admin",
            "password": "admin",
            **extra,
        }


@pytest.fixture
def up(state_directory: Path, tmp_path: Path) -> Iterator[Callable[..., RunningLab]]:
    """Start labs with `iosemu up`; they are stopped after the test, which checks that they stop well."""
    yield from _labs(tmp_path)


@pytest.fixture(scope="module")
def up_module(
    state_directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., RunningLab]]:
    """Like `up`, for labs that all tests of a module share."""
    yield from _labs(tmp_path_factory.mktemp("labs"))


def _labs(directory: Path) -> Iterator[Callable[..., RunningLab]]:
    started: list[RunningLab] = []

    def start(lab: str, *options: str) -> RunningLab:
        environment = {
            **os.environ,
            "IOSEMU_STATE": str(directory / f"state{len(started)}"),
            "COLUMNS": "200",
        }
        command = [
            sys.executable,
            "-m",
            "iosemu.lab.cli",
            "up",
            lab,
            "--base-port",
            "0",
            "--time",
            "fast",
            *options,
        ]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        printed = []
        for line in process.stdout:
            printed.append(line)
            if "Ctrl-C" in line:
                break
        else:
            pytest.fail(f"iosemu up {lab} ended:\n{''.join(printed)}")
        (note,) = (Path(environment["IOSEMU_STATE"]) / "running").glob("*.json")
        noted = json.loads(note.read_text())
        running = RunningLab(lab, noted["devices"], noted["console"], process, environment)
        started.append(running)
        return running

    yield start
    for lab in started:
        lab.process.terminate()
        lab.process.communicate(timeout=20)
        assert lab.process.returncode == 0
