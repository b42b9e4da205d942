"""Measures that 10,000 findings are rendered in at most five times the time of dumping them as JSON.

    python bench/render.py

Each output is measured in CPU seconds of this process, in turn with the JSON of the same document.
"""

import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median

from maintainer.commands.machine import spare_collector
from maintainer.model.message import message
from maintainer.model.report import Finding, Period, Report, Subject
from maintainer.render.document import Document, as_json, document
from maintainer.render.html import html
from maintainer.render.markdown import markdown
from maintainer.render.slack import slack_post
from maintainer.render.terminal import terminal
from maintainer.render.words import Catalogue, load

COUNT = 10_000
RUNS = 3
LIMIT = 5
"""The largest ratio that passes."""
LARGEST = 2_000_000
"""The most bytes of a page or of Markdown that pass."""

BEGAN = datetime(2026, 11, 30, tzinfo=UTC)
ACTIONS: Mapping[str, int] = {"one thing to do": 1, "100 things to do": 100, "10,000 things to do": COUNT}

OUTPUTS: Mapping[str, Callable[[Document, Catalogue], object]] = {
    "html": html,
    "md": markdown,
    "slack": lambda report, catalogue: slack_post(report, catalogue).text,
    "terminal": partial(terminal, width=100, colour=False),
}


def finding(number: int, actions: int) -> Finding:
    """A finding as those of the demo are: three Rollouts, a table of them, a command."""
    names = [f"shop-{number}/cart-{index}" for index in range(3)]
    values = {"rollout": names[0], "metric": "Progressing", "api": "Paused"}
    return Finding(
        check="accuracy/phase",
        severity=("error", "warning")[number % 2],
        subjects=tuple(Subject("Rollout", *name.split("/")) for name in names),
        cause=f"drift {number}",
        summary=message("accuracy/phase/drift.summary", count=len(names), **values),
        action=message("coverage/duplicate/no-lease.action", namespace=f"shop-{number % actions}"),
        evidence={"rollouts": [{**values, "rollout": name} for name in names]},
        reproduce=f"kubectl -n shop-{number} get rollouts.argoproj.io cart-0 -o jsonpath='{{.status}}'",
    )


def report(actions: int) -> Report:
    """A report with so many different things to do."""
    return Report(
        job="monthly",
        cluster="bench",
        period=Period("2026-11", BEGAN, BEGAN + timedelta(days=1), "UTC"),
        generated_at=BEGAN,
        version="0",
        findings=tuple(finding(number, actions) for number in range(COUNT)),
    )


def seconds(work: Callable[[], object]) -> float:
    """The CPU seconds of a call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Print the ratio and the size of each output."""
    spare_collector()
    catalogue, failed = load("en"), False
    for name, actions in ACTIONS.items():
        made = document(report(actions), catalogue)
        for output, render in OUTPUTS.items():
            ratio = median(
                seconds(partial(render, made, catalogue)) / seconds(partial(as_json, made)) for _ in range(RUNS)
            )
            size = len(str(render(made, catalogue)).encode())
            print(f"{name}, {output}: {ratio:.2f} times the JSON (at most {LIMIT}), {size:,} bytes")
            failed |= ratio > LIMIT or (output in {"html", "md"} and size > LARGEST)
    sys.exit(failed)


if __name__ == "__main__":
    main()
