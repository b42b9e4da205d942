"""Measures that twice the rules, panels or lines of a file take twice the time and memory, and not four times.

    python bench/growth.py

Each case is measured in CPU seconds of this process for n and for 2n, turn by turn.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from statistics import median

from maintainer.analyse.queries.lint import remarks
from maintainer.commands.machine import spare_collector
from maintainer.jobs.lint import Source, lint, read_file
from maintainer.model.queries import Place, Query

VERSION = (1, 9, 2)
RUNS = 3
LIMIT = 2.5
"""The largest ratio of the time for 2n to that for n that passes."""

QUERIES: Mapping[str, str] = {
    "rules that can match": 'rollout_info{{phase="Error",namespace="{n}"}} == 1',
    "rules that cannot": 'rollout_info{{phase="Degraded",namespace="{n}"}} == 1',
    "rules of others": 'sum(rate(http_requests_total{{job="{n}"}}[5m])) > 1',
    "regular expressions": 'rollout_info{{phase=~"(Error|{n}.*)+"}}',
}


def loaded(shape: str, count: int) -> None:
    """Judge so many rules."""
    queries = [Query(shape.format(n=f"team-{n}"), "alert", f"a{n}", Place("bench")) for n in range(count)]
    remarks(queries, version=VERSION)


def recorded(count: int) -> None:
    """Judge so many recording rules, each of which reads the one before."""
    texts = ['rollout_info{phase="Error"}', *(f"r:{n} + 1" for n in range(count))]
    remarks([Query(text, "record", f"r:{n}", Place("bench")) for n, text in enumerate(texts)], version=VERSION)


def linted(text: str, name: str) -> None:
    """Lint a file, with the place of each correction."""
    lint([Source(name, text, text, read_file(text, name))], partial(remarks, version=VERSION))


def rules_file(count: int) -> None:
    """Lint a file with so many rules, of which each tenth is wrong."""
    shapes = [QUERIES["rules that cannot"], *[QUERIES["rules that can match"]] * 9]
    rules = [f"  - alert: A{n}\n    expr: {shapes[n % 10].format(n=n)}\n    for: 5m" for n in range(count)]
    linted("groups:\n- name: g\n  rules:\n" + "\n".join(rules), "rules.yaml")


def dashboard_file(count: int) -> None:
    """Lint a dashboard with so many panels."""
    shape = QUERIES["rules that cannot"]
    panels = [{"title": f"P{n}", "targets": [{"expr": shape.format(n=n)}]} for n in range(count)]
    linted(json.dumps({"panels": panels}, indent=1), "dashboard.json")


CASES: Mapping[str, tuple[Callable[[int], None], int]] = {
    **{name: (partial(loaded, shape), 4_000) for name, shape in QUERIES.items()},
    "chains of recording rules": (recorded, 1_000),
    "a file of rules": (rules_file, 2_000),
    "a dashboard": (dashboard_file, 1_000),
}


def seconds(work: Callable[[int], None], count: int) -> float:
    """The CPU seconds of a call."""
    start = time.process_time()
    work(count)
    return time.process_time() - start


def main() -> None:
    """Print the ratio of each case."""
    spare_collector()
    worst = 0.0
    for name, (work, count) in CASES.items():
        runs = [(seconds(work, count), seconds(work, 2 * count)) for _ in range(RUNS)]
        ratio = median(twice / first for first, twice in runs)
        worst = max(worst, ratio)
        once = median(first for first, _ in runs)
        print(f"{name}: {count} take {once * 1000:.0f} ms, twice as many {ratio:.2f} times that (at most {LIMIT:g})")
    sys.exit(worst > LIMIT)


if __name__ == "__main__":
    main()
