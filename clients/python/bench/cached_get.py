"""A cached `get` beside a dictionary lookup, in the same run; medians of many rounds. `--check`: at most 2 µs."""

from __future__ import annotations

import statistics
import sys
import timeit

from prompt_assay_client import Prompts, Values

LIMIT = 2e-6
# Rounds are short, and many: most of them end before the machine turns to something else.
CALLS, ROUNDS = 500, 1_001


def medians(*works):
    times = [[timeit.timeit(work, number=CALLS) for work in works] for _ in range(ROUNDS)]
    return [statistics.median(column) / CALLS for column in zip(*times)]


def main() -> int:
    names = [f"prompt-{number}" for number in range(100)]
    prompts = Prompts(Values(dict.fromkeys(names, "Be kind.")))
    prompts.prefetch(names)
    plain = {name: prompts.get(name) for name in names}
    get, pinned = prompts.get, prompts.get
    pinned("prompt-50", version=1)
    found, floor, one = medians(
        lambda: get("prompt-50"), lambda: plain["prompt-50"], lambda: pinned("prompt-50", version=1)
    )
    print(f"cached get {found * 1e9:.0f} ns, of a version {one * 1e9:.0f} ns, dict lookup {floor * 1e9:.0f} ns")
    return int("--check" in sys.argv and found > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
