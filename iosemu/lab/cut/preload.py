"""What each worker needs, read before the workers are forked: they share it."""

from iosemu.lab import resources, ssh_service
from iosemu.lab.cut import worker

__all__ = ["ssh_service", "worker"]

resources.grammar()
