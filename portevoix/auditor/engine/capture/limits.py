"""Waiting, never for ever. (``asyncio.wait_for`` may lose a cancellation that comes as its own wait ends: not used.)"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def within(awaitable: Awaitable[T], seconds: float) -> T:
    """Return what comes, or raise TimeoutError."""
    async with asyncio.timeout(seconds):
        return await awaitable


async def given_up_after(work: Coroutine[Any, Any, None], seconds: float, grace: float = 5.0) -> bool:
    """Work for so long at most, and leave what does not end even when told to; return whether it was cut."""
    task = asyncio.ensure_future(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    try:
        done, _pending = await asyncio.wait({task}, timeout=seconds)
        if done:
            await task
            return False
        task.cancel()
        await asyncio.wait({task}, timeout=grace)
        return True
    finally:
        task.cancel()
