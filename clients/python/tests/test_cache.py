"""The promises of the cache, under a clock that stands still."""

import asyncio
import threading

import pytest
from support import FakeClock, Store, crowd

from prompt_assay_client import (
    AccessDenied,
    Clock,
    Damaged,
    Found,
    NotFound,
    Prompts,
    Unavailable,
    Values,
)

TTL = 300


def stage(store=None, chance=1.0, **options):
    store, clock, events = store or Store(p="one"), FakeClock(chance), []
    options.setdefault("background", True)
    prompts = Prompts(store, clock=clock, on_event=events.append, **options)
    return prompts, store, clock, events


def test_a_hit_asks_nobody():
    prompts, store, clock, _ = stage()
    first = prompts.get("p")
    clock.time += TTL - 1
    assert prompts.get("p") is first
    assert (first.text, first.version, first.age, first.stale) == ("one", 1, TTL - 1, False)
    assert store.calls == [["p"]]


@pytest.mark.parametrize("background", [True, False])
@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_a_release_and_a_rollback_are_seen_within_ttl_and_jitter(background, chance):
    prompts, store, clock, events = stage(chance=chance, background=background)
    prompts.get("p")
    for content in ("two", "one"):
        store.release("p", content)
        released = clock.time
        while prompts.get("p").text != content:
            clock.time += 1
        assert clock.time - released <= TTL * 1.2
    assert [event.prompt.version for event in events if event.kind == "changed"] == [1, 2, 3]


def test_after_a_long_rest_the_old_copy_is_not_served():
    prompts, store, clock, _ = stage()
    prompts.get("p")
    store.release("p", "two")
    clock.time += TTL * 1.2
    assert prompts.get("p").text == "two"


def test_while_it_is_refreshed_the_copy_is_served():
    prompts, store, clock, _ = stage()
    prompts.get("p")
    store.release("p", "two")
    clock.hold, clock.time = True, clock.time + TTL * 1.1
    assert [prompts.get("p").text for _ in range(5)] == ["one"] * 5
    assert len(clock.held) == 1
    clock.release()
    assert prompts.get("p").text == "two"


def test_ten_million_gets_over_an_hour_are_a_read_per_ttl():
    prompts, store, clock, _ = stage(Store(**{f"p{n}": "x" for n in range(10)}), chance=0.0)
    prompts.prefetch([f"p{n}" for n in range(10)])
    # Each moment stands for 1,000 gets of each prompt: between two moments all of them are hits.
    for _ in range(1000):
        clock.time += 3.6
        for n in range(10):
            prompts.get(f"p{n}")
    assert len(store.calls) <= 3600 / TTL + 1
    assert all(len(call) == 10 for call in store.calls)


def test_prompts_read_at_different_moments_come_together():
    prompts, store, clock, _ = stage(Store(**{f"p{n}": "x" for n in range(10)}), chance=0.5)
    for n in range(10):
        prompts.get(f"p{n}")
        clock.time += 3
    store.calls.clear()
    for _ in range(1000):
        clock.time += 3.6
        for n in range(10):
            prompts.get(f"p{n}")
    assert len(store.calls) <= 3600 / TTL + 1


def test_a_pinned_version_is_read_once():
    prompts, store, clock, _ = stage()
    pinned = prompts.get("p", version=1)
    store.release("p", "two")
    store.fault = "throttled"
    clock.time += 1e9
    assert prompts.get("p", version=1) is pinned
    assert (pinned.text, pinned.stale, len(store.calls)) == ("one", False, 1)


def test_an_outage_of_ten_minutes_fails_no_get_and_is_reported():
    for fault in ("throttled", OSError("connection refused")):
        prompts, store, clock, events = stage()
        prompts.get("p")
        store.release("p", "two")
        clock.time += 200
        store.fault = fault
        ages = []
        for _ in range(600):
            clock.time += 1
            prompt = prompts.get("p")
            ages.append((prompt.text, prompt.stale))
        assert {text for text, _ in ages} == {"one"}
        # It was read 200 s before: from its 360th second on it says so.
        assert [stale for _, stale in ages].index(True) == 159
        assert any(event.kind == "stale" and event.error is not None for event in events)
        # Tried again and again, at growing intervals.
        assert 10 < len(store.calls) < 40
        store.fault = None
        for _ in range(40):
            clock.time += 1
            prompt = prompts.get("p")
        assert (prompt.text, prompt.stale) == ("two", False)


@pytest.mark.parametrize("background", [True, False])
def test_a_store_that_hangs_fails_no_get(background):
    prompts, _, clock, events = stage(background=background)
    prompts.get("p")
    clock.hold = True
    waited = 0.0
    for _ in range(600):
        clock.time += 1
        before = clock.time
        assert prompts.get("p").text == "one"
        waited = max(waited, clock.time - before)
    assert waited <= 3.0
    assert any("did not answer within 3 s" in str(event.error) for event in events if event.kind == "stale")


def test_a_copy_is_not_served_for_ever():
    prompts, store, clock, _ = stage(max_stale=1000)
    prompts.get("p")
    store.fault = "throttled"
    clock.time += 999
    assert prompts.get("p").stale
    clock.time += 1
    with pytest.raises(Unavailable, match="Rate exceeded"):
        prompts.get("p")


def test_a_first_start_without_the_store_is_a_clear_error_in_time():
    prompts, store, clock, _ = stage()
    clock.hold = True
    began = clock.time
    with pytest.raises(Unavailable, match="p: the memory source did not answer within 3 s"):
        prompts.get("p")
    assert clock.time - began == 3
    # The next ones fail at once: nobody waits for what just failed, and nothing more is asked.
    with pytest.raises(Unavailable):
        prompts.get("p")
    assert clock.time - began == 3 and len(clock.held) == 1
    # The late answer is taken.
    clock.release()
    assert prompts.get("p").text == "one"
    assert len(store.calls) == 1


def test_a_first_start_without_the_store_serves_the_fallback():
    prompts, store, clock, events = stage(fallback=Values({"p": "packaged"}))
    store.fault = "throttled"
    prompt = prompts.get("p")
    assert (prompt.text, prompt.source, prompt.stale) == ("packaged", "fallback", True)
    assert [event.kind for event in events] == ["read", "failed", "fallback"]
    with pytest.raises(Unavailable):
        prompts.get("other")
    store.fault = None
    clock.time += 60
    prompts.get("p")
    assert prompts.get("p").text == "one"


def test_what_does_not_exist_is_not_asked_for_again_at_once_and_has_no_fallback():
    prompts, store, clock, _ = stage(fallback=Values({"new": "packaged"}))
    for _ in range(100):
        with pytest.raises(NotFound):
            prompts.get("new")
    assert len(store.calls) == 1
    store.release("new", "there")
    clock.time += 13
    assert prompts.get("new").text == "there"


def test_what_is_deleted_or_denied_later_is_served_and_reported():
    for error in (NotFound("gone"), AccessDenied("no", "ssm:GetParameters"), Damaged("s3://b/k was altered")):
        prompts, store, clock, events = stage()
        prompts.get("p")
        store._answer = lambda key, error=error: error
        clock.time += 400
        assert prompts.get("p").text == "one"
        assert any(event.error is error for event in events)


def test_a_damaged_content_never_replaces_the_copy():
    prompts, store, clock, events = stage()
    prompts.get("p")
    store.release("p", '{"prompt":2,"template":"jinja","messages":[]}')
    clock.time += 400
    assert prompts.get("p").text == "one"
    assert "the prompt p: it has no messages" in str(events[-2].error)


def test_prefetch_reads_ten_to_a_call_and_says_what_is_missing():
    prompts, store, _, _ = stage(Store(**{f"p{n}": "x" for n in range(25)}))
    prompts.prefetch([f"p{n}" for n in range(25)])
    assert [len(call) for call in store.calls] == [10, 10, 5]
    with pytest.raises(NotFound, match="nobody"):
        prompts.prefetch(["p1", "nobody"])


def test_a_thousand_threads_that_miss_make_one_read():
    store = Store(p="one")
    store.gate = threading.Event()
    prompts = Prompts(store, timeout=60)
    threads, results = crowd(1000, lambda: prompts.get("p").text)
    store.gate.set()
    for thread in threads:
        thread.join()
    assert results == ["one"] * 1000
    assert store.calls == [["p"]]


def test_a_thousand_tasks_that_miss_make_one_read():
    store = Store(p="one")
    store.gate = threading.Event()
    prompts = Prompts(store, timeout=60)

    async def all_of_them():
        tasks = [asyncio.ensure_future(prompts.aget("p")) for _ in range(1000)]
        await asyncio.sleep(0)
        store.gate.set()
        return await asyncio.gather(*tasks)

    assert {prompt.text for prompt in asyncio.run(all_of_them())} == {"one"}
    assert store.calls == [["p"]]


def test_under_asyncio_a_hanging_store_is_waited_for_as_long():
    prompts, _, clock, _ = stage()
    clock.hold = True
    with pytest.raises(Unavailable):
        asyncio.run(prompts.aget("p"))
    clock.release()
    assert asyncio.run(prompts.aget("p")).text == "one"


def test_in_lambda_a_refresh_is_waited_for(monkeypatch):
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "f")
    store, clock = Store(p="one"), FakeClock()
    prompts = Prompts(store, clock=clock)
    prompts.get("p")
    store.release("p", "two")
    clock.time += TTL * 1.1
    assert prompts.get("p").text == "two"


def test_a_source_with_a_cache_of_its_own_shortens_the_time_to_live():
    prompts, store, clock, _ = stage(chance=0.0)
    store.lag = 300
    prompts.get("p")
    clock.time += 15
    prompts.get("p")
    assert len(store.calls) == 2
    # What is seen is never older than the time to live and its jitter, the source's own cache included.
    assert TTL * 1.2 > 300 + 15 * 1.2


def test_a_failing_callback_harms_nobody(caplog):
    prompts = Prompts(Store(p="one"), on_event=lambda event: 1 / 0, clock=FakeClock())
    assert prompts.get("p").text == "one"
    assert "on_event failed" in caplog.text


def test_settings_that_make_no_sense_are_refused():
    for odd in ({"ttl": 0}, {"timeout": 0}, {"jitter": 2}):
        with pytest.raises(ValueError):
            Prompts(Store(), **odd)


def test_the_real_clock_moves():
    clock = Clock()
    assert clock.now() <= clock.now() and 0 <= clock.chance() < 1
    assert Found("x").version is None
