"""Reading the data files of `devices/`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where PyYAML has it: a tenth of the time."""


def read_yaml(path: Path) -> Any:
    """What a YAML file says.

    Raises OSError, and yaml.YAMLError when it is no YAML.
    """
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader
