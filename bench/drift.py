"""Measures the CPU time of comparing values of a ConfigMap, as a ratio to that of parsing both of them, in turn.

python bench/drift.py
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from statistics import median

from maintainer.analyse.drift.values import value_differences
from maintainer.analyse.promql.canonical import canonical
from maintainer.commands.machine import spare_collector
from maintainer.model.trees import from_yaml

RUNS = 5
LIMIT = 4
"""The largest ratio that passes."""

QUERY = 'sum by (namespace, name) (rollout_info{{phase="Error",namespace="team-{n}"}}) > {above}'


def rules(*, above: int, written: str) -> str:
    """A file of 2,000 rules, near the largest value that a ConfigMap can hold."""
    rule = "  - alert: Alert{n}\n    expr: {query}\n    for: 5m\n    annotations:\n      text: {text}"
    texts = (
        rule.format(n=n, query=QUERY.format(n=n, above=above).replace(", ", written), text=f"word {n} " * 40)
        for n in range(2_000)
    )
    return "groups:\n- name: g\n  rules:\n" + "\n".join(texts)


def board(*, above: int, indent: int) -> str:
    """A dashboard of 300 panels, near the largest value that a ConfigMap can hold."""
    panels = [
        {
            "id": n,
            "title": f"Panel {n}",
            "targets": [{"refId": letter, "expr": QUERY.format(n=n, above=above)} for letter in "ABC"],
            "options": {f"option {option}": {"value": option, "on": True} for option in range(60)},
        }
        for n in range(300)
    ]
    return json.dumps({"title": "Board", "panels": panels}, indent=indent)


CASES: Mapping[str, tuple[str, str, str]] = {
    "rules, all in other words": ("a.yml", rules(above=1, written=", "), rules(above=1, written=",")),
    "rules, all different": ("a.yml", rules(above=1, written=", "), rules(above=2, written=", ")),
    "a dashboard in another style": ("a.json", board(above=1, indent=1), board(above=1, indent=2)),
    "a dashboard, all panels different": ("a.json", board(above=1, indent=1), board(above=2, indent=1)),
}


def parse(key: str, *texts: str) -> None:
    """Read the texts, and do nothing with them."""
    for text in texts:
        json.loads(text) if key.endswith(".json") else from_yaml(text)


def seconds(work: Callable[[], object]) -> float:
    """The CPU seconds of a call that finds no query in its canonical form."""
    canonical.cache_clear()
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Print the ratio of each case, and exit with 1 if one is above the limit."""
    spare_collector()
    worst = 0.0
    for name, (key, desired, live) in CASES.items():
        compare, read = partial(value_differences, key, desired, live), partial(parse, key, desired, live)
        runs = [(seconds(compare), seconds(read)) for _ in range(RUNS)]
        ratio, size = median(compared / parsed for compared, parsed in runs), len(desired) / 2**20
        worst = max(worst, ratio)
        spent = median(compared for compared, _ in runs)
        print(f"{name}: comparing {size:.2f} MiB / parsing: {ratio:.1f} (at most {LIMIT}), {spent:.2f} s of CPU")
    sys.exit(worst > LIMIT)


if __name__ == "__main__":
    main()
