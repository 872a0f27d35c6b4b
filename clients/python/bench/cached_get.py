"""A cached `get` beside a dictionary lookup, in the same run; medians of many rounds. `--check`: at most 2 µs."""

from __future__ import annotations

import statistics
import sys
import timeit

from prompt_assay_client import Prompts, Values

LIMIT = 2e-6
CALLS, ROUNDS = 20_000, 31


def median(work) -> float:
    return statistics.median(timeit.repeat(work, number=CALLS, repeat=ROUNDS)) / CALLS


def main() -> int:
    names = [f"prompt-{number}" for number in range(100)]
    prompts = Prompts(Values(dict.fromkeys(names, "Be kind.")))
    prompts.prefetch(names)
    plain = {name: prompts.get(name) for name in names}
    get, pinned = prompts.get, prompts.get
    pinned("prompt-50", version=1)
    found = median(lambda: get("prompt-50"))
    floor = median(lambda: plain["prompt-50"])
    one = median(lambda: pinned("prompt-50", version=1))
    print(f"cached get {found * 1e9:.0f} ns, of a version {one * 1e9:.0f} ns, dict lookup {floor * 1e9:.0f} ns")
    return int("--check" in sys.argv and found > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
