"""Measures the analysis of 1000 rules and of 2000 panels (50 dashboards of 40) as a ratio to only parsing them.

    python bench/queries.py

All queries have different texts. Both are measured in CPU seconds of this process, run by run in turn.
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from statistics import median

import promql_parser

from maintainer.analyse.promql.lexical import parseable
from maintainer.analyse.queries.lint import remarks
from maintainer.commands.machine import spare_collector
from maintainer.model.queries import Asks, Place, Query

VERSION = (1, 9, 2)
RUNS = 15
LIMIT = 3.0
"""The largest ratio that passes."""

RULES = (
    'rollout_info{{phase="Degraded",namespace="{n}"}} == 1',
    'rollout_info{{phase="Paused",namespace="{n}"}} == 1',
    'sum by (namespace, name) (rate(rollout_reconcile_error{{namespace=~"{n}|{n}-.*"}}[5m])) > 0.{i}',
    "(rollout_info_replicas_available != rollout_info_replicas_desired)"
    ' and on (namespace, name) rollout_info{{phase="Completed",namespace="{n}"}}',
    'histogram_quantile(0.99, sum by (le, namespace) (rate(rollout_reconcile_bucket{{namespace=~"{n}.*"}}[5m]))) > {i}',
    'rollout_phase{{phase="Paused",namespace="{n}"}} == 1',
    'increase(controller_clientset_k8s_request_total{{namespace="{n}",verb=~"Get|List",status_code=~"5.."}}[9m]) > {i}',
    'absent(rollout_info{{namespace="{n}"}})',
)
PANELS = (
    'sum(rollout_info{{phase="Completed",job="{n}"}} == 1)',
    'sum(rollout_info{{job="{n}",namespace=~"$namespace"}}) by (strategy)',
    'rollout_info_replicas_desired{{job="{n}",namespace="$namespace",name=~"$rollout"}}',
    'sum(increase(rollout_reconcile_bucket{{job=~"{n}.*"}}[$__rate_interval])) by (le)',
    'sum(rate(rollout_reconcile_error{{namespace=~"$namespace",job="{n}"}}[$__rate_interval])) by (namespace, name)',
    'count(rollout_info{{phase="Degraded",job="{n}"}}) or vector(0)',
    'sum by (verb) (rate(controller_clientset_k8s_request_total{{job="{n}",kind=~"$kind"}}[5m]))',
    'rollout_info{{job="{n}",name=~"$rollout",phase!~"Completed|Paused"}}',
)
OTHERS = (
    'sum(rate(http_requests_total{{job="{n}",code=~"5.."}}[5m])) / sum(rate(http_requests_total{{job="{n}"}}[5m]))',
    'kube_deployment_status_replicas_available{{deployment="{n}"}} < {i}',
    'up{{job="{n}"}} == 0',
)


def queries(shapes: tuple[str, ...], count: int, asks: Asks) -> Iterator[Query]:
    """``count`` different queries, made from each of the shapes in turn."""
    for number in range(count):
        text = shapes[number % len(shapes)].format(n=f"team-{number}", i=number % 9 + 1)
        yield Query(text, asks, f"query {number}", Place("bench"))


def parse(texts: Sequence[str]) -> None:
    """Parse each text and drop the result."""
    for text in texts:
        promql_parser.parse(text)


def seconds(work: Callable[[], object]) -> float:
    """The CPU seconds of a call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def compare(name: str, found: Sequence[Query]) -> float:
    """Print and return the ratio of the analysis to the parsing of these queries: the median of all runs."""
    texts = [parseable(query.text) for query in found]
    count = len(remarks(found, version=VERSION))
    runs = [(seconds(lambda: parse(texts)), seconds(lambda: remarks(found, version=VERSION))) for _ in range(RUNS)]
    parsing, analysis = (median(times) for times in zip(*runs, strict=True))
    ratio = median(analysis_time / parsing_time for parsing_time, analysis_time in runs)
    print(
        f"{name}: {len(found)} queries, {count} remarks;"
        f" parsing {parsing * 1000:.0f} ms, analysis {analysis * 1000:.0f} ms of CPU,"
        f" ratio {ratio:.2f} (at most {LIMIT:g})"
    )
    return ratio


def main() -> None:
    """Compare for queries about Rollouts only, and for rules of which most are about something else."""
    rules, panels = list(queries(RULES, 1000, "alert")), list(queries(PANELS, 2000, "panel"))
    mixed = [*queries(RULES, 200, "alert"), *queries(OTHERS, 800, "alert"), *panels]
    spare_collector()
    ratios = compare("all about Rollouts", rules + panels), compare("as in a cluster", mixed)
    sys.exit(max(ratios) > LIMIT)


if __name__ == "__main__":
    main()
