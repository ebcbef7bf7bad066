"""A Cisco lab in one Python process, reached by SSH."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from iosemu.lab.errors import LabError
    from iosemu.lab.plan import LabPlan
    from iosemu.testing.asynchronous import Lab
    from iosemu.testing.synchronous import SyncLab

__all__ = ["Lab", "LabError", "LabPlan", "SyncLab", "__version__"]

_HOMES = {
    "Lab": "iosemu.testing.asynchronous",
    "LabError": "iosemu.lab.errors",
    "LabPlan": "iosemu.lab.plan",
    "SyncLab": "iosemu.testing.synchronous",
}


def __getattr__(name: str) -> Any:
    """The public names, imported when they are asked for: `iosemu --help` needs none of them."""
    if name not in _HOMES:
        raise AttributeError(f"module 'iosemu' has no attribute {name!r}")
    import gc
    from importlib import import_module

    was = gc.isenabled()
    gc.disable()  # some hundred modules: all that they make stays, to look through it again and again is in vain
    try:
        return getattr(import_module(_HOMES[name]), name)
    finally:
        if was:
            gc.enable()
