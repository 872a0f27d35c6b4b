"""Time, threads and chance, so that tests need none of them."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout


class Clock:
    """The real one."""

    #: Seconds since some fixed moment.
    now: Callable[[], float] = staticmethod(time.monotonic)
    #: A number from 0 to 1, for jitter.
    chance: Callable[[], float] = staticmethod(random.random)

    def start(self, work: Callable[[], None]) -> None:
        """Does the work beside the caller. A hanging read must not keep the process from ending."""
        threading.Thread(target=work, name="prompt-assay-client", daemon=True).start()

    def wait(self, done: Future[None], seconds: float) -> bool:
        """Waits; False: it was not done in time."""
        try:
            done.result(max(0.0, seconds))
        except FutureTimeout:
            return False
        return True

    async def wait_async(self, done: Future[None], seconds: float) -> bool:
        """The same under asyncio."""
        wrapped = asyncio.wrap_future(done)
        finished, _ = await asyncio.wait({wrapped}, timeout=max(0.0, seconds))
        return bool(finished)
