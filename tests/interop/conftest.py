"""Tests of clients that the test environment lacks are not collected; `uv sync --group test` brings them all."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("napalm") else ["test_napalm_configuration.py"]
