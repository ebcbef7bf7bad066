"""What both kinds of WebSockets do: work until one end has had enough."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from starlette.websockets import WebSocketDisconnect

_logger = logging.getLogger(__name__)


async def first_to_end(*work: Coroutine[Any, Any, object]) -> None:
    """Do all of it until one part ends; the others are cancelled. What failed is logged, a reader that left is not."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception) and not isinstance(result, (WebSocketDisconnect, RuntimeError)):
                _logger.error("a WebSocket failed", exc_info=result)
