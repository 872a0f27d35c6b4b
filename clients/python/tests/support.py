"""A clock that stands still, and a store whose faults are chosen."""

from __future__ import annotations

import asyncio
import json
import threading
from concurrent.futures import Future
from pathlib import Path

from prompt_assay_client import Clock, Found, Key, NotFound, Unavailable

CONTRACT = Path(__file__).parents[2] / "contract"


def cases(name):
    return json.loads((CONTRACT / name).read_text("utf-8"))["cases"]


class FakeClock(Clock):
    """Moves only when told to. Work runs at once, or, `held`, when the test lets it."""

    def __init__(self, chance=1.0):
        self.time = 1000.0
        self.hold = False
        self.held = []
        self.chance = lambda: chance
        self.now = lambda: self.time

    def start(self, work):
        if self.hold:
            self.held.append(work)
        else:
            work()

    def release(self):
        work, self.held = self.held, []
        for one in work:
            one()

    def wait(self, done: Future, seconds):
        if not done.done():
            # What is held does not come: the whole time passes.
            self.time += max(0.0, seconds)
        return done.done()

    async def wait_async(self, done, seconds):
        await asyncio.sleep(0)
        return self.wait(done, seconds)


class Store:
    """A source in memory."""

    kind = "memory"
    lag = 0.0

    def __init__(self, batch=10, **contents):
        self.batch = batch
        self.versions = {name: [content] for name, content in contents.items()}
        self.calls = []
        self.fault = None
        self.gate = None

    def release(self, name, content):
        self.versions.setdefault(name, []).append(content)

    def read(self, keys, seconds):
        self.calls.append([str(key) for key in keys])
        if self.gate is not None:
            self.gate.wait(10)
        if isinstance(self.fault, Exception):
            raise self.fault
        return {key: self._answer(key) for key in keys}

    def _answer(self, key: Key):
        if self.fault == "throttled":
            return Unavailable("ThrottlingException: Rate exceeded")
        versions = self.versions.get(key.name)
        if not versions or (key.version or 1) > len(versions):
            return NotFound(f"{key} does not exist")
        version = key.version or len(versions)
        return Found(versions[version - 1], version)


def crowd(count, work):
    """Runs `work` in so many threads at once; their results, or what they raised."""
    results = [None] * count
    start = threading.Barrier(count)

    def run(index):
        start.wait()
        try:
            results[index] = work()
        except Exception as error:
            results[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    return threads, results


def put(ssm, name, value, label="live", **more):
    version = ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True, **more)["Version"]
    if label:
        ssm.label_parameter_version(Name=name, ParameterVersion=version, Labels=[label])
    return version
