"""The prompts in memory: fresh, refreshed by one read for all who wait, and kept when the store is away."""

from __future__ import annotations

import logging
import math
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Optional, Union

from .clock import Clock
from .errors import AccessDenied, NotFound, PromptError, Unavailable
from .prompt import Prompt
from .sources import Found, Key, Source
from .stored import read_content

log = logging.getLogger(__name__)

# What a source's own cache leaves of the time to live is at least this many seconds.
SHORTEST_TTL = 15.0
# The longest wait, in seconds, before a failed read is tried again.
LONGEST_RETRY = 30.0


@dataclass(frozen=True)
class Event:
    """Something that happened, for metrics: never one per hit."""

    #: "read" (names, seconds), "changed" (a new content), "failed", "stale" or "fallback" (served so).
    kind: str
    names: tuple[str, ...]
    seconds: float = 0.0
    error: Optional[PromptError] = None
    prompt: Optional[Prompt] = None


class _Entry:
    """What is known of one key."""

    __slots__ = ("due", "expires", "failure", "failures", "fetched_at", "flight", "must", "prompt", "retry_at")

    def __init__(self) -> None:
        self.prompt: Optional[Prompt] = None
        self.fetched_at = -math.inf
        #: From when on it is refreshed beside the caller, from when on the caller waits for it, and
        #: from when on it is not served any more.
        self.due = self.must = self.expires = -math.inf
        self.flight: Optional[_Flight] = None
        self.failure: Optional[PromptError] = None
        self.failures = 0
        self.retry_at = -math.inf


class _Flight:
    """One read that is under way; all who want it wait for `done`."""

    __slots__ = ("done", "keys", "started")

    def __init__(self, keys: Sequence[Key], started: float) -> None:
        self.keys = keys
        self.started = started
        self.done: Future[None] = Future()


class Prompts:
    """Prompts from a source, kept in memory. Make one per process and share it; it is thread-safe.

    A copy is refreshed at a random moment from `ttl` to `ttl * (1 + jitter / 2)` seconds, and is served
    without a successful look at the store for at most `ttl * (1 + jitter)`; beyond that only while the
    store fails, for at most `max_stale`, and it says so: `Prompt.stale`.

    ttl: seconds.
    jitter: a share of `ttl`.
    timeout: seconds for which a `get` waits for the store at most.
    max_stale: seconds; a copy older than that is not served.
    negative_ttl: seconds for which "not found" and "access denied" are remembered.
    fallback: served when the store does not answer and there is no copy yet.
    background: refresh beside the caller; by default everywhere but in Lambda, which stops between
        invocations.
    on_event: called with every `Event`; must be quick.
    """

    def __init__(
        self,
        source: Source,
        *,
        ttl: float = 300.0,
        jitter: float = 0.2,
        timeout: float = 3.0,
        max_stale: float = 86_400.0,
        negative_ttl: float = 10.0,
        fallback: Optional[Source] = None,
        background: Optional[bool] = None,
        on_event: Optional[Callable[[Event], None]] = None,
        clock: Optional[Clock] = None,
    ) -> None:
        if ttl <= 0 or timeout <= 0 or not 0 <= jitter <= 1:
            raise ValueError("`ttl` and `timeout` must be above 0, and `jitter` from 0 to 1")
        self._source, self._fallback = source, fallback
        self._ttl, self._jitter, self._timeout = ttl, jitter, timeout
        self._max_stale, self._negative_ttl = max_stale, negative_ttl
        self._background = "AWS_LAMBDA_FUNCTION_NAME" not in os.environ if background is None else background
        self._on_event = on_event
        self._clock = clock or Clock()
        self._now = self._clock.now
        self._lock = threading.Lock()
        #: By name, or by the parts of a key that is more than a name.
        self._entries: dict[Union[str, tuple[str, Optional[int], Optional[str]]], _Entry] = {}

    def get(self, name: str, *, version: Optional[int] = None, label: Optional[str] = None) -> Prompt:
        """The prompt, from memory; waits for the store only if there is no copy that may be served.

        A `version` never changes and is read once. Raises a `PromptError`.
        """
        entry = self._entries.get(name if version is None and label is None else (name, version, label))
        if entry is not None and self._now() < entry.due:
            return entry.prompt  # type: ignore[return-value]
        key = Key(name, version, label)
        found = self._look(key)
        if isinstance(found, Prompt):
            return found
        deadline = found.started + self._timeout
        is_done = self._clock.wait(found.done, deadline - self._now())
        return self._landed(key, found, is_done)

    async def aget(self, name: str, *, version: Optional[int] = None, label: Optional[str] = None) -> Prompt:
        """The same under asyncio: waits without holding up the loop."""
        key = Key(name, version, label)
        found = self._look(key)
        if isinstance(found, Prompt):
            return found
        deadline = found.started + self._timeout
        is_done = await self._clock.wait_async(found.done, deadline - self._now())
        return self._landed(key, found, is_done)

    def prefetch(self, names: Iterable[str]) -> None:
        """Reads these prompts, ten to a call. Raises the first error, after all were tried."""
        keys = [Key(name) for name in names]
        flights = []
        with self._lock:
            now = self._now()
            wanted = [key for key in keys if self._wants(self._entry(key), now)]
            for start in range(0, len(wanted), self._source.batch):
                flights.append(self._flight(wanted[start : start + self._source.batch], now))
        for flight in flights:
            self._clock.start(lambda flight=flight: self._fly(flight))  # type: ignore[misc]
        errors = []
        for key in keys:
            try:
                self.get(key.name)
            except PromptError as error:
                errors.append(error)
        if errors:
            raise errors[0]

    # --- looking; all of it under the lock but the read itself ---------------------------------------

    def _entry(self, key: Key) -> _Entry:
        own = key.name if key.version is None and key.label is None else key
        return self._entries.setdefault(own, _Entry())

    @staticmethod
    def _wants(entry: _Entry, now: float) -> bool:
        return entry.flight is None and now >= entry.due and now >= entry.retry_at

    def _look(self, key: Key) -> Union[Prompt, _Flight]:
        """A copy that may be served, or the flight to wait for."""
        started = None
        with self._lock:
            now = self._now()
            entry = self._entry(key)
            if entry.prompt is not None and now < entry.due:
                return entry.prompt
            if entry.flight is not None and now >= entry.flight.started + self._timeout:
                # Nobody waited for it to the end; a late answer is welcome all the same.
                self._failed(key, self._too_slow(key))
            if self._wants(entry, now):
                started = self._flight(self._together(key, now), now)
            flight = entry.flight
            # While the store fails, only Lambda waits for another try: beside the caller it gets no time.
            is_hopeful = entry.failures == 0 or not self._background
            must_wait = flight is not None and (entry.prompt is None or (now >= entry.must and is_hopeful))
        if started is not None:
            self._clock.start(lambda: self._fly(started))
        if flight is not None and must_wait:
            return flight
        return self._served(key, entry)

    def _lives(self) -> float:
        """The time to live of what is read now: what the source's own cache leaves of it."""
        return max(self._ttl - self._source.lag, min(self._ttl, SHORTEST_TTL))

    def _together(self, key: Key, now: float) -> list[Key]:
        """The key, and others that a read may take along because they are due soon."""
        soon = now + self._lives() * self._jitter
        others: list[Key] = []
        for own, entry in self._entries.items():
            is_soon = entry.prompt is not None and entry.due < soon and entry.flight is None
            if is_soon and now >= entry.retry_at and len(others) + 1 < self._source.batch:
                other = Key(own) if isinstance(own, str) else Key(*own)
                if other != key and other.version is None:
                    others.append(other)
        return [key, *others]

    def _flight(self, keys: Sequence[Key], now: float) -> _Flight:
        flight = _Flight(keys, now)
        for key in keys:
            self._entry(key).flight = flight
        return flight

    def _too_slow(self, key: Key) -> Unavailable:
        source, seconds = self._source.kind, self._timeout
        return Unavailable(f"{key}: the {source} source did not answer within {seconds:g} s")

    def _landed(self, key: Key, flight: _Flight, is_done: bool) -> Prompt:
        if not is_done:
            error = self._too_slow(key)
            with self._lock:
                late = [one for one in flight.keys if self._entry(one).flight is flight]
                for one in late:
                    self._failed(one, error)
            if late:
                self._tell(Event("failed", tuple(str(one) for one in late), self._timeout, error))
        with self._lock:
            entry = self._entry(key)
        return self._served(key, entry)

    def _served(self, key: Key, entry: _Entry) -> Prompt:
        """The copy there is, or why there is none."""
        now = self._now()
        with self._lock:
            prompt, failure, expires = entry.prompt, entry.failure, entry.expires
        if prompt is not None and now < expires:
            if prompt.stale:
                kind = "fallback" if prompt.source == "fallback" else "stale"
                self._tell(Event(kind, (str(key),), prompt.age, failure, prompt))
            return prompt
        if failure is not None:
            # A new one each time: a raised error collects tracebacks.
            raise _again(failure)
        raise Unavailable(f"{key}: the copy is too old to be served, and no newer one could be read")

    # --- reading ------------------------------------------------------------------------------------

    def _fly(self, flight: _Flight) -> None:
        try:
            answers = self._source.read(flight.keys, self._timeout)
        except Exception as error:
            log.exception("the %s source failed", self._source.kind)
            failure = Unavailable(f"the {self._source.kind} source failed: {error!r}")
            answers = dict.fromkeys(flight.keys, failure)
        events = [Event("read", tuple(map(str, flight.keys)), max(0.0, self._now() - flight.started))]
        try:
            chance = self._clock.chance()
            for key in flight.keys:
                events += self._settle(key, flight, answers[key], chance)
        finally:
            flight.done.set_result(None)
        for event in events:
            self._tell(event)

    def _settle(self, key: Key, flight: _Flight, answer: Union[Found, PromptError], chance: float) -> Iterable[Event]:
        if isinstance(answer, Found):
            try:
                content = read_content(answer.content)
            except PromptError as error:
                error.args = (f"the prompt {key}: {error.args[0]}", *error.args[1:])
                answer = error
        with self._lock:
            entry = self._entry(key)
            is_current = entry.flight is flight
            if isinstance(answer, PromptError):
                # One that nobody waits for any more has failed before.
                if is_current:
                    self._failed(key, answer)
                return [Event("failed", (str(key),), error=answer)]
            if flight.started < entry.fetched_at:
                return []
            ttl = self._lives()
            before = entry.prompt
            entry.fetched_at = flight.started
            entry.must = flight.started + ttl * (1 + self._jitter)
            entry.due = flight.started + ttl * (1 + self._jitter / 2 * chance)
            entry.expires = flight.started + self._max_stale
            if key.version is not None:
                entry.due = entry.must = entry.expires = math.inf
            times = (self._now, flight.started, entry.must)
            entry.prompt = Prompt(key.name, content, answer.version, self._source.kind, times, before)
            if not self._background:
                entry.must = entry.due
            if is_current:
                entry.flight = None
            entry.failure, entry.failures, entry.retry_at = None, 0, -math.inf
            is_new = before is None or before.fingerprint != entry.prompt.fingerprint
            return [Event("changed", (str(key),), prompt=entry.prompt)] if is_new else []

    def _failed(self, key: Key, error: PromptError) -> None:
        entry = self._entry(key)
        entry.flight, entry.failure = None, error
        entry.failures += 1
        wait = min(LONGEST_RETRY, 2.0 ** min(entry.failures - 1, 10))
        if isinstance(error, (NotFound, AccessDenied)):
            wait = self._negative_ttl
        entry.retry_at = self._now() + wait * (1 + self._jitter * self._clock.chance())
        is_away = not isinstance(error, (NotFound, AccessDenied))
        if entry.prompt is None and is_away and self._fallback is not None and key == Key(key.name):
            self._fall_back(key, entry, self._fallback)

    def _fall_back(self, key: Key, entry: _Entry, fallback: Source) -> None:
        try:
            answer = fallback.read([key], self._timeout)[key]
            if isinstance(answer, PromptError):
                raise answer
            content = read_content(answer.content)
        except PromptError as error:
            log.warning("the fallback has no prompt %s: %s", key, error)
            return
        times = (self._now, self._now(), -math.inf)
        entry.prompt = Prompt(key.name, content, answer.version, "fallback", times)
        # Served while the store fails; a `get` after the next try waits for that try.
        entry.due = entry.must = -math.inf
        entry.expires = math.inf

    def _tell(self, event: Event) -> None:
        if self._on_event is None:
            return
        try:
            self._on_event(event)
        except Exception:
            log.exception("on_event failed")


def _again(error: PromptError) -> PromptError:
    if isinstance(error, AccessDenied):
        return AccessDenied(str(error.args[0]), error.action)
    return type(error)(*error.args)
